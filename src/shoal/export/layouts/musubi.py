"""musubi-tuner: a folder and a cache folder a data set, in TOML; the same as JSON lines."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.errors import DamagedError
from shoal.export.buckets import count_buckets, musubi_buckets
from shoal.export.layouts.base import Layout, Picture, Placed, toml_string
from shoal.export.samples import TrainingSet
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["Musubi"]

CONFIG, CONFIG_LINES, CONFIG_VALIDATION = "dataset.toml", "dataset_jsonl.toml", "validation.toml"
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif")
_GENERAL: dict[str, type] = {
    "batch_size": int,
    "bucket_no_upscale": bool,
    "caption_extension": str,
    "enable_bucket": bool,
    "num_repeats": int,
    "resolution": list,
}
_KNOWN: dict[str, dict[str, type]] = {
    "general": _GENERAL,
    "datasets": _GENERAL | {"image_directory": str, "image_jsonl_file": str, "cache_directory": str},
}
"""Keys we write, with the types that the tuner's schema wants; it refuses every other key and type."""


class Musubi(Layout):
    """``train/<name>/`` with captions beside the pictures; ``dataset.toml``, or ``dataset_jsonl.toml``.

    The tuner has no data set for validation; ``validation.toml`` describes one for who measures by hand.

    The rules are those of musubi-tuner's ``dataset``: ``ConfigSanitizer`` and the check of cache folders in
    ``config_utils.py``, ``glob_images`` in ``media_utils.py`` (a picture without a caption is not listed at
    all), and ``BucketSelector`` in ``bucket.py``.
    """

    name = "musubi"
    client = "musubi-tuner"

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        return [
            Picture(s, f"{'validation' if s.validation else 'train'}/{s.group}/{s.stem}")
            for s in made.samples
        ]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out = {f"{p.picture.path}.txt": p.sample.caption + "\n" for p in placed}
        lines: dict[str, list[str]] = {}
        for p in placed:
            if not p.sample.validation:
                entry = {"image_path": made.path(p.file), "caption": p.sample.caption}
                lines.setdefault(f"{p.sample.group}.jsonl", []).append(json.dumps(entry, ensure_ascii=False))
        out |= {f"metadata/{name}": "\n".join(rows) + "\n" for name, rows in lines.items()}
        out[CONFIG] = self._config(made, validation=False, as_lines=False)
        out[CONFIG_LINES] = self._config(made, validation=False, as_lines=True)
        if made.part(True):
            out[CONFIG_VALIDATION] = self._config(made, validation=True, as_lines=False)
        return out

    @staticmethod
    def _config(made: TrainingSet, *, validation: bool, as_lines: bool) -> str:
        lines = [
            "# Read by --dataset_config of musubi-tuner.",
            "[general]",
            f"resolution = [{made.size}, {made.size}]",
            "batch_size = 1",
            "enable_bucket = true",
            "bucket_no_upscale = false",
        ]
        lines += [] if as_lines else ['caption_extension = ".txt"']
        part = "validation" if validation else "train"
        for group, samples in made.groups(validation).items():
            source = (
                ("image_jsonl_file", f"metadata/{group}.jsonl")
                if as_lines
                else ("image_directory", f"{part}/{group}")
            )
            lines += [
                "",
                "[[datasets]]",
                f"{source[0]} = {toml_string(made.path(source[1]))}",
                f"cache_directory = {toml_string(made.path(f'cache/{part}/{group}'))}",
                f"num_repeats = {samples[0].repeats}",
            ]
        return "\n".join(lines) + "\n"

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        config, look = _config(folder / CONFIG), Look(self.client)
        by_lines = _config(folder / CONFIG_LINES)
        look.problems += [*_refused(CONFIG, config), *_refused(CONFIG_LINES, by_lines)]
        caches = [d["cache_directory"] for d in config["datasets"]]
        if len(set(caches)) < len(caches):
            look.problems.append("two data sets have one cache directory")
        extension = config["general"]["caption_extension"]
        for dataset, listed in zip(config["datasets"], by_lines["datasets"], strict=True):
            files = pictures_in(_placed(dataset["image_directory"], folder), _SUFFIXES)
            self._compare(files, listed["image_jsonl_file"], folder, look)
            look.classes.append(Path(dataset["image_directory"]).name)
            for file in files:
                text = file.with_suffix(extension)
                if not text.is_file():
                    look.problems.append(f"{file.name} is passed over: it has no {text.name}")
                    continue
                caption = text.read_text(encoding="utf-8")
                look.picture(file, repeats=dataset["num_repeats"], validation=False, caption=caption)
        if (folder / CONFIG_VALIDATION).exists():
            for dataset in _config(folder / CONFIG_VALIDATION)["datasets"]:
                found = pictures_in(_placed(dataset["image_directory"], folder), _SUFFIXES)
                look.validation += len(found)
        width, height = config["general"]["resolution"]
        side = int((width * height) ** 0.5)
        return look.done(count_buckets(look.sizes, musubi_buckets(side)))

    @staticmethod
    def _compare(files: list[Path], lines: str, folder: Path, look: Look) -> None:
        rows = _placed(lines, folder).read_text(encoding="utf-8").splitlines()
        named = [_placed(json.loads(row)["image_path"], folder) for row in rows]
        if sorted(named) != files:
            look.problems.append(f"{lines} and its folder hold different pictures")


def _refused(name: str, config: dict[str, Any]) -> list[str]:
    """What the tuner's schema would refuse."""
    tables = [("general", config.get("general", {})), *(("datasets", d) for d in config.get("datasets", []))]
    return [
        f"{name}: {key} = {value!r} is not allowed in [{table}]"
        for table, given in tables
        for key, value in given.items()
        if type(value) is not _KNOWN[table].get(key)
    ]


def _placed(path: str, folder: Path) -> Path:
    return Path(path) if Path(path).is_absolute() else folder / path


def _config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedError(f"{str(path)!r} cannot be read: {error}", hint="Export again.") from error
