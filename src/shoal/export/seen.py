"""What a client will see of an exported folder, found by reading it the way that client does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shoal.data.pictures import picture_size
from shoal.errors import BadInputError, MissingError

__all__ = ["Look", "Seen", "pictures_in"]

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client will see; ``print`` it.

    Parameters
    ----------
    client : str
        Whose rules the folder was read by.
    repeats : mapping of int to int
        Repeats → number of pictures shown so often an epoch.
    validation : int
        Pictures that it will only validate on.
    without_caption : int
        Pictures for which it will find no caption, or an empty one.
    masks : int
        Pictures with a mask or transparency that it will use.
    classes : tuple of str
        Names of the classes, concepts or subsets it tells apart.
    buckets : mapping or None
        (width, height) → pictures, where the client has a rule for that.
    problems : tuple of str
        What would go wrong.
    """

    client: str
    repeats: Mapping[int, int]
    validation: int = 0
    without_caption: int = 0
    masks: int = 0
    classes: tuple[str, ...] = ()
    buckets: Mapping[Size, int] | None = None
    problems: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """Pictures for training."""
        return sum(self.repeats.values())

    @property
    def steps(self) -> int:
        """Pictures an epoch shows, repeats counted, at batch size 1."""
        return sum(times * n for times, n in self.repeats.items())

    def __str__(self) -> str:
        counted = " + ".join(
            f"{n:,} {'image' if n == 1 else 'images'}" + (f" × {times} repeats" if times != 1 else "")
            for times, n in sorted(self.repeats.items())
        )
        parts = [counted or "no images"]
        parts += [f"{self.validation:,} for validation"] if self.validation else []
        parts += [f"{self.without_caption:,} without caption"]
        parts += [f"{self.masks:,} with a mask"] if self.masks else []
        if self.buckets is not None:
            parts.append(f"{len(self.buckets)} {'bucket' if len(self.buckets) == 1 else 'buckets'}")
        lines = [f"{self.client} will see {', '.join(parts)}"]
        return "\n".join([*lines, *(f"  problem: {problem}" for problem in self.problems)])


@dataclass(slots=True)
class Look:
    """Counts that are gathered while a folder is read."""

    client: str
    repeats: dict[int, int] = field(default_factory=dict[int, int])
    validation: int = 0
    without_caption: int = 0
    masks: int = 0
    classes: list[str] = field(default_factory=list[str])
    sizes: list[Size] = field(default_factory=list[Size])
    problems: list[str] = field(default_factory=list[str])

    def picture(self, file: Path, *, repeats: int, validation: bool, caption: str | None) -> bool:
        """Count one picture; False when it cannot be read."""
        try:
            size = picture_size(file)
        except (BadInputError, MissingError) as error:
            self.problems.append(error.message)
            return False
        if validation:
            self.validation += 1
        else:
            self.repeats[repeats] = self.repeats.get(repeats, 0) + 1
            self.sizes.append(size)
        if caption is None or not caption.strip():
            self.without_caption += 1
        return True

    def done(self, buckets: Mapping[Size, int] | None = None) -> Seen:
        """The counts as they are now."""
        return Seen(
            client=self.client,
            repeats=dict(self.repeats),
            validation=self.validation,
            without_caption=self.without_caption,
            masks=self.masks,
            classes=tuple(sorted(set(self.classes))),
            buckets=buckets,
            problems=tuple(self.problems),
        )


def pictures_in(folder: Path, suffixes: Iterable[str], *, below: bool = False) -> list[Path]:
    """Files of a folder (and of those below it) with one of the suffixes in any case, sorted."""
    found = folder.rglob("*") if below else folder.glob("*")
    known = tuple(suffixes)
    return sorted(p for p in found if p.is_file() and p.suffix.lower() in known)
