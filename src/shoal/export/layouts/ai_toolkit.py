"""ai-toolkit: a YAML job; the folders it walks hold nothing but pictures and their captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.errors import DamagedError, MissingError
from shoal.export.layouts.base import Layout, Picture, Placed, toml_string
from shoal.export.samples import TrainingSet
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["AiToolkit"]

CONFIG = "datasets.yaml"
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


class AiToolkit(Layout):
    """``train/<name>/`` for its walk through every folder below; masks and validation outside of it.

    It takes every picture at any depth for training, so nothing else may lie there. ``datasets.yaml`` is the
    ``datasets:`` part of a job file.

    The rules are those of its ``toolkit``: ``AiToolkitDataset`` in ``data_loader.py`` (the walk, hidden files
    and ``_controls`` left out, repeats), ``DatasetConfig`` in ``config_modules.py`` and
    ``MaskFileItemDTOMixin`` in ``dataloader_mixins.py``. Buckets depend on the model that is trained.
    """

    name = "ai-toolkit"
    client = "ai-toolkit"
    matte = "mask"
    mattes = ("mask", "flat")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        placed: list[Picture] = []
        for s in made.samples:
            part = "validation" if s.validation else "train"
            mask = f"masks/{s.group}/{s.stem}.png" if made.matte == "mask" and not s.validation else None
            placed.append(Picture(s, f"{part}/{s.group}/{s.stem}", mask))
        return placed

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out = {f"{p.picture.path}.txt": p.sample.caption + "\n" for p in placed}
        masked = {p.sample.group for p in placed if p.picture.mask and p.rendered.matte}
        lines = ["# The datasets of a job of ai-toolkit.", "datasets:"]
        for group, samples in made.groups(False).items():
            # A double-quoted YAML string takes the escapes of JSON.
            lines += [
                f"  - folder_path: {toml_string(made.path(f'train/{group}'))}",
                '    caption_ext: "txt"',
                f"    resolution: [{made.size}]",
                f"    num_repeats: {samples[0].repeats}",
                "    caption_dropout_rate: 0.0",
                "    shuffle_tokens: false",
                "    flip_x: false",
                "    flip_y: false",
            ]
            if group in masked:
                lines += [f"    mask_path: {toml_string(made.path(f'masks/{group}'))}"]
        return {**out, CONFIG: "\n".join(lines) + "\n"}

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for dataset in _config(folder / CONFIG)["datasets"]:
            place = _placed(dataset["folder_path"], folder)
            files = [
                p
                for p in pictures_in(place, _SUFFIXES, below=True)
                if not p.name.startswith(".") and p.parent.name != "_controls"
            ]
            if not files:
                look.problems.append(f"{dataset['folder_path']!r} holds no pictures")
            look.classes.append(place.name)
            for file in files:
                text = file.with_suffix("." + dataset["caption_ext"].removeprefix("."))
                caption = text.read_text(encoding="utf-8") if text.is_file() else None
                seen = look.picture(
                    file, repeats=int(dataset["num_repeats"]), validation=False, caption=caption
                )
                if seen and "mask_path" in dataset:
                    masks = _placed(dataset["mask_path"], folder)
                    look.masks += any((masks / (file.stem + suffix)).is_file() for suffix in _SUFFIXES)
        look.validation = len(pictures_in(folder / "validation", _SUFFIXES, below=True))
        return look.done()


def _placed(path: str, folder: Path) -> Path:
    return Path(path) if Path(path).is_absolute() else folder / path


def _config(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise MissingError(
            "reading ai-toolkit's YAML needs PyYAML", hint='pip install "shoal[export]"'
        ) from error
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DamagedError(f"{str(path)!r} cannot be read: {error}", hint="Export again.") from error
