"""diffusers' scripts and Hugging Face ``datasets``: an image folder with ``metadata.jsonl`` a split."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from shoal.export.layouts.base import Layout, Picture, Placed
from shoal.export.samples import TrainingSet
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["ImageFolder"]

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")


class ImageFolder(Layout):
    """``train/`` and ``validation/``, each with its ``metadata.jsonl`` of ``file_name`` and ``text``.

    ``load_dataset("imagefolder", data_dir=…)`` gives both splits. It has no repeats: they are a column for
    who samples by weight.
    """

    name = "imagefolder"
    client = "datasets"
    mattes = ("flat", "alpha")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        return [Picture(s, f"{'validation' if s.validation else 'train'}/{s.stem}") for s in made.samples]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out: dict[str, str] = {}
        for part in ("train", "validation"):
            rows = [p for p in placed if p.file.startswith(f"{part}/")]
            lines = [
                json.dumps(
                    {
                        "file_name": Path(p.file).name,
                        "text": p.sample.caption,
                        "cluster": p.sample.label,
                        "trigger": made.token(p.sample),
                        "repeats": p.sample.repeats,
                    },
                    ensure_ascii=False,
                )
                for p in rows
            ]
            if lines:
                out[f"{part}/metadata.jsonl"] = "\n".join(lines) + "\n"
        return out

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for part in ("train", "validation"):
            listing = folder / part / "metadata.jsonl"
            if not listing.is_file():
                continue
            rows = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
            there = {p.name for p in pictures_in(folder / part, _SUFFIXES)}
            extra = there - {row["file_name"] for row in rows}
            if extra:
                look.problems.append(f"{part}/{min(extra)} is not in metadata.jsonl")
            for row in rows:
                look.classes.append(row["cluster"])
                look.picture(
                    folder / part / row["file_name"],
                    repeats=1,
                    validation=part == "validation",
                    caption=row["text"],
                )
        return look.done()
