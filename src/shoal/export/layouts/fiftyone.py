"""FiftyOne: a folder a class, and the ``labels.json`` of its own image classification data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shoal.export.layouts.base import Layout, Picture, Placed, json_text, read_json_file
from shoal.export.samples import TrainingSet
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["FiftyOne"]

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


class FiftyOne(Layout):
    """``<split>/data/<class>/`` and ``<split>/labels.json``.

    ``ImageClassificationDirectoryTree`` reads ``<split>/data``, ``FiftyOneImageClassificationDataset`` reads
    ``<split>``; both see the same files.
    """

    name = "fiftyone"
    client = "FiftyOne"
    mattes = ("flat", "alpha")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        return [
            Picture(s, f"{'validation' if s.validation else 'train'}/data/{s.label}/{s.stem}")
            for s in made.samples
        ]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out: dict[str, str] = {}
        for part in ("train", "validation"):
            rows = [p for p in placed if p.file.startswith(f"{part}/")]
            if rows:
                labels = {
                    p.picture.path.removeprefix(f"{part}/data/"): {
                        "label": made.labels.index(p.sample.label),  # a place in `classes`
                        "attributes": {"caption": p.sample.caption, "repeats": p.sample.repeats},
                    }
                    for p in rows
                }
                out[f"{part}/labels.json"] = json_text({"classes": made.labels, "labels": labels})
        return out

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for part in ("train", "validation"):
            if not (folder / part).is_dir():
                continue
            held = read_json_file(folder / part / "labels.json")
            data = folder / part / "data"
            files = {
                p.relative_to(data).with_suffix("").as_posix(): p
                for p in pictures_in(data, _SUFFIXES, below=True)
            }
            for odd in sorted(set(files) ^ set(held["labels"]))[:3]:
                look.problems.append(f"{part}: {odd} is only in one of data/ and labels.json")
            for name, label in held["labels"].items():
                called = held["classes"][label["label"]]
                if name.partition("/")[0] != called:
                    look.problems.append(f"{part}: {name} is labelled {called!r}")
                look.classes.append(called)
                if name in files:
                    caption = label["attributes"]["caption"]
                    look.picture(files[name], repeats=1, validation=part == "validation", caption=caption)
        return look.done()
