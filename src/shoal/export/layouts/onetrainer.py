"""OneTrainer: concepts in JSON, captions and ``<stem>-masklabel.png`` beside the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.compute.seeds import derived_seed
from shoal.export.layouts.base import Layout, Picture, Placed, json_text, read_json_file
from shoal.export.samples import Sample, TrainingSet, unique_stems
from shoal.export.seen import Look, Seen, pictures_in

__all__ = ["OneTrainer"]

CONFIG = "concepts.json"
_SUFFIXES = (".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
_MASK = "-masklabel.png"
_NO_PICTURES = ("-masklabel", "-condlabel")
"""How the stems end of files that it takes for something else than pictures to learn."""


class OneTrainer(Layout):
    """``train/<name>/`` and ``validation/<name>/``, one concept each, repeats as its balancing.

    Pictures ending in ``-masklabel.png`` are masks (white is learnt) when masked training is on.

    The rules are those of its ``DataLoaderText2ImageMixin`` (suffixes, masks, captions), of ``ConceptConfig``
    and of ``CollectPaths`` in its library mgds.
    """

    name = "onetrainer"
    client = "OneTrainer"
    matte = "mask"
    mattes = ("mask", "flat")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        placed: list[Picture] = []
        # A picture whose own name ends like a mask's would be taken for one.
        stems = unique_stems(
            [f"{s.stem}-picture" if s.stem.endswith(_NO_PICTURES) else s.stem for s in made.samples]
        )
        for s, stem in zip(made.samples, stems, strict=True):
            path = f"{'validation' if s.validation else 'train'}/{s.group}/{stem}"
            placed.append(Picture(s, path, path + _MASK if made.matte == "mask" else None))
        return placed

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out = {f"{p.picture.path}.txt": p.sample.caption + "\n" for p in placed}
        concepts = [
            self._concept(made, samples[0], validation)
            for validation in (False, True)
            for samples in made.groups(validation).values()
        ]
        return {**out, CONFIG: json_text(concepts)}

    @staticmethod
    def _concept(made: TrainingSet, sample: Sample, validation: bool) -> dict[str, Any]:
        part = "validation" if validation else "train"
        return {
            "__version": 1,
            "name": sample.group + (" (validation)" if validation else ""),
            "path": made.path(f"{part}/{sample.group}"),
            "seed": derived_seed(0, part, sample.group),
            "enabled": True,
            "validation_concept": validation,
            "include_subdirectories": False,
            "image_variations": 1,
            "text_variations": 1,
            "balancing": 1.0 if validation else float(sample.repeats),
            "balancing_strategy": "REPEATS",
            "loss_weight": 1.0,
            "image": {
                "enable_crop_jitter": False,
                "enable_random_flip": False,
                "enable_fixed_flip": False,
                "enable_resolution_override": False,
                "resolution_override": str(made.size),
            },
            "text": {"prompt_source": "sample", "prompt_path": "", "enable_tag_shuffling": False},
        }

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for concept in read_json_file(folder / CONFIG):
            if not concept["enabled"]:
                continue
            place = Path(concept["path"])
            place = place if place.is_absolute() else folder / place
            below = concept["include_subdirectories"]
            found = pictures_in(place, _SUFFIXES, below=below)
            files = [p for p in found if not p.stem.endswith(_NO_PICTURES)]
            if not files:
                look.problems.append(f"{concept['path']!r} holds no pictures")
            look.classes.append(concept["name"].removesuffix(" (validation)"))
            for file in files:
                text = file.with_suffix(".txt")
                caption = text.read_text(encoding="utf-8") if text.is_file() else None
                validation = bool(concept["validation_concept"])
                look.picture(
                    file, repeats=round(concept["balancing"]), validation=validation, caption=caption
                )
                look.masks += file.with_name(file.stem + _MASK).is_file()
        return look.done()
