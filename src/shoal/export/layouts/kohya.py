"""kohya's sd-scripts: ``<repeats>_<name>/`` folders, and a TOML that says what such names only hint at."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.errors import DamagedError
from shoal.export.buckets import count_buckets, kohya_buckets
from shoal.export.layouts.base import Layout, Picture, Placed, toml_string
from shoal.export.samples import Sample, TrainingSet
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["Kohya"]

CONFIG = "dataset.toml"
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_MOST = 1024
_SUBSET: dict[str, type] = {
    "caption_extension": str,
    "class_tokens": str,
    "color_aug": bool,
    "flip_aug": bool,
    "keep_tokens": int,
    "num_repeats": int,
    "shuffle_caption": bool,
}
_DATASET: dict[str, type] = {
    "batch_size": int,
    "bucket_no_upscale": bool,
    "bucket_reso_steps": int,
    "enable_bucket": bool,
    "max_bucket_reso": int,
    "min_bucket_reso": int,
    "resolution": int,
}
_KNOWN: dict[str, dict[str, type]] = {
    "general": _SUBSET | _DATASET,
    "datasets": _SUBSET | _DATASET | {"subsets": list, "validation_split": float, "validation_seed": int},
    "subsets": _SUBSET | {"image_dir": str, "is_reg": bool, "alpha_mask": bool},
}
"""Keys we write, with the types that the script's schema wants; it refuses every other key and type."""


def _folder(sample: Sample) -> str:
    return f"validation/1_{sample.group}" if sample.validation else f"train/{sample.repeats}_{sample.group}"


class Kohya(Layout):
    """``train/<repeats>_<name>/`` and ``validation/1_<name>/``, captions beside the pictures, and a TOML.

    The script reads a folder without looking below it, takes the caption from the first line of the file of
    the same stem with ``caption_extension``, and falls back to ``class_tokens``. A data set with
    ``validation_split = 1.0`` is validated on and never trained on.

    The rules are those of sd-scripts: ``ConfigSanitizer`` in ``library/config_util.py`` (keys and types), and
    ``glob_images``, ``DreamBoothDataset`` and ``BucketManager`` in ``library/train_util.py`` with
    ``make_bucket_resolutions`` of ``library/model_util.py``.
    """

    name = "kohya"
    client = "kohya"
    matte = "alpha"
    mattes = ("alpha", "flat")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        return [Picture(s, f"{_folder(s)}/{s.stem}") for s in made.samples]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out = {f"{p.picture.path}.txt": p.sample.caption + "\n" for p in placed}
        return {**out, CONFIG: self._config(made)}

    def _config(self, made: TrainingSet) -> str:
        lines = [
            "# Read by --dataset_config of kohya's sd-scripts.",
            "[general]",
            'caption_extension = ".txt"',
            "shuffle_caption = false",
            "keep_tokens = 1",
            "flip_aug = false",
            "color_aug = false",
            "enable_bucket = true",
            "bucket_no_upscale = false",
            "bucket_reso_steps = 64",
            f"min_bucket_reso = {min(256, made.size)}",
            f"max_bucket_reso = {max(_MOST, made.size)}",
        ]
        for validation in (False, True):
            groups = made.groups(validation)
            if not groups:
                continue
            lines += ["", "[[datasets]]", f"resolution = {made.size}", "batch_size = 1"]
            lines += ["validation_split = 1.0"] if validation else []
            for samples in groups.values():
                lines += self._subset(made, samples[0])
        return "\n".join(lines) + "\n"

    @staticmethod
    def _subset(made: TrainingSet, sample: Sample) -> list[str]:
        lines = [
            "",
            "  [[datasets.subsets]]",
            f"  image_dir = {toml_string(made.path(_folder(sample)))}",
            f"  class_tokens = {toml_string(made.token(sample))}",
            f"  num_repeats = {1 if sample.validation else sample.repeats}",
        ]
        return [*lines, "  alpha_mask = true"] if made.matte == "alpha" else lines

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        config = _config(folder / CONFIG)
        look, general = Look(self.client), config.get("general", {})
        look.problems += _refused(config)
        least, most = general.get("min_bucket_reso", 256), general.get("max_bucket_reso", _MOST)
        resolution = 512
        for dataset in config.get("datasets", []):
            resolution = int(dataset.get("resolution", general.get("resolution", resolution)))
            if not least <= resolution <= most:
                look.problems.append(f"{CONFIG}: resolution {resolution} is outside {least}..{most}")
            validation = float(dataset.get("validation_split", 0.0)) == 1.0
            known: set[str] = set()
            for subset in dataset.get("subsets", []):
                if subset["image_dir"] in known:  # of two subsets with one folder it takes the first
                    look.problems.append(f"{CONFIG}: {subset['image_dir']!r} is named twice")
                    continue
                known.add(subset["image_dir"])
                self._read_subset({**general, **dataset, **subset}, folder, validation, look)
        return look.done(count_buckets(look.sizes, kohya_buckets(resolution, least=least, most=most)))

    @staticmethod
    def _read_subset(given: dict[str, Any], folder: Path, validation: bool, look: Look) -> None:
        place = Path(given["image_dir"])
        place = place if place.is_absolute() else folder / place
        repeats = int(given.get("num_repeats", 1))
        files = pictures_in(place, _SUFFIXES)
        if not files or repeats < 1:  # it passes over such a subset with a warning
            why = "num_repeats is less than 1" if files else "it holds no pictures"
            look.problems.append(f"{given['image_dir']!r} is passed over: {why}")
            return
        look.classes.append(given.get("class_tokens", ""))
        for file in files:
            text = file.with_suffix(given.get("caption_extension", ".caption"))
            caption = text.read_text(encoding="utf-8") if text.is_file() else None
            if caption == "":
                look.problems.append(f"{text.name} is empty: the script stops at a caption without a line")
            line = caption.partition("\n")[0] if caption else caption
            seen = look.picture(file, repeats=repeats, validation=validation, caption=line)
            look.masks += seen and bool(given.get("alpha_mask")) and _has_alpha(file)


def _refused(config: dict[str, Any]) -> list[str]:
    """What the script's schema would refuse."""
    tables = [("general", config.get("general", {}))]
    for dataset in config.get("datasets", []):
        tables.append(("datasets", dataset))
        tables += [("subsets", subset) for subset in dataset.get("subsets", [])]
    return [
        f"{CONFIG}: {key} = {value!r} is not allowed in [{table}]"
        for table, given in tables
        for key, value in given.items()
        if type(value) is not _KNOWN[table].get(key)
    ]


def _has_alpha(file: Path) -> bool:
    from PIL import Image

    with Image.open(file) as picture:
        return picture.mode in ("RGBA", "LA")


def _config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedError(f"{str(path)!r} cannot be read: {error}", hint="Export again.") from error
