"""What all layouts share, and the plain one: ``images/``, ``captions/``, ``metadata.json``."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from shoal.errors import DamagedError
from shoal.export.render import Rendered
from shoal.export.samples import Sample, TrainingSet
from shoal.export.seen import Look, Seen

__all__ = ["Base", "Layout", "Picture", "Placed", "json_text", "read_json_file", "toml_string"]

Matte = Literal["alpha", "mask", "flat"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Where one sample goes.

    Parameters
    ----------
    sample : Sample
        What.
    path : str
        Relative path without extension.
    mask : str or None
        Relative path of its mask, with extension, where the layout has masks.
    """

    sample: Sample
    path: str
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture that was written: ``file`` is its relative path with extension."""

    picture: Picture
    file: str
    rendered: Rendered

    @property
    def sample(self) -> Sample:
        """What was written."""
        return self.picture.sample


class Layout(ABC):
    """One layout: where pictures go, which texts go beside them, and how its client reads them."""

    name: ClassVar[str]
    client: ClassVar[str]
    matte: ClassVar[Matte] = "flat"
    """What becomes of transparency unless somebody asks for something else."""
    mattes: ClassVar[tuple[Matte, ...]] = ("flat",)
    """What the client can make use of."""
    lengths: ClassVar[bool] = False
    """Whether run lengths of the masks are wanted."""

    @abstractmethod
    def place(self, made: TrainingSet) -> list[Picture]:
        """Where every sample goes."""

    @abstractmethod
    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """Relative path → content of every file that is no picture."""

    @abstractmethod
    def read(self, folder: Path) -> Seen:
        """What the client will see of a folder.

        Raises
        ------
        DamagedError
            When its configuration cannot be read.
        """


def json_text(value: Any) -> str:
    """Pretty JSON, the same bytes for the same value."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def read_json_file(path: Path) -> Any:
    """Read a JSON file of an export."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedError(f"{str(path)!r} cannot be read: {error}", hint="Export again.") from error


def toml_string(text: str) -> str:
    """A TOML basic string; JSON's escapes are also TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class Base(Layout):
    """``images/<stem>.png``, ``captions/<stem>.txt``, ``masks/<stem>.png`` and ``metadata.json``."""

    name = "base"
    client = "a reader of metadata.json"
    matte = "alpha"
    mattes = ("alpha", "mask", "flat")

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        masks = made.matte == "mask"
        return [
            Picture(s, f"images/{s.stem}", f"masks/{s.stem}.png" if masks else None) for s in made.samples
        ]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        out = {f"captions/{p.sample.stem}.txt": p.sample.caption + "\n" for p in placed}
        items = [_described(p, made) for p in placed]
        held = {"type": "training_set", "version": 1, "size": made.size, "triggers": dict(made.triggers)}
        return {**out, "metadata.json": json_text({**held, "classes": made.labels, "items": items})}

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for item in read_json_file(folder / "metadata.json")["items"]:
            caption = folder / item["caption_file"]
            text = caption.read_text(encoding="utf-8") if caption.is_file() else None
            if text is not None and text.strip() != item["caption"]:
                look.problems.append(f"{item['caption_file']} and metadata.json differ")
            seen = look.picture(
                folder / item["file"],
                repeats=item["repeats"],
                validation=item["split"] == "validation",
                caption=text,
            )
            look.masks += seen and item["matte"]
            look.classes.append(item["label"])
        return look.done()


def _described(placed: Placed, made: TrainingSet) -> dict[str, Any]:
    sample, rendered = placed.sample, placed.rendered
    return {
        "file": placed.file,
        "caption_file": f"captions/{sample.stem}.txt",
        "mask_file": placed.picture.mask if rendered.matte else None,
        "matte": rendered.matte and made.matte != "flat",
        "width": rendered.width,
        "height": rendered.height,
        "caption": sample.caption,
        "cluster": sample.cluster,
        "label": sample.label,
        "group": sample.group,
        "tags": list(sample.tags),
        "shot": sample.shot,
        "time_s": sample.time_s,
        "split": "validation" if sample.validation else "train",
        "repeats": sample.repeats,
        "item": sample.item,
    }
