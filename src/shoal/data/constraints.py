"""What is known of pairs of items: these two are the same, these two are not."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError

__all__ = ["CANNOT", "CONSTRAINTS_NAME", "MUST", "Constraints", "film_constraints"]

MUST: Literal["must"] = "must"
CANNOT: Literal["cannot"] = "cannot"
CONSTRAINTS_NAME = "constraints.csv"
"""Name of the file, beside the items of a step and in ``.shoal`` of a clustered folder."""

_HEADER = ("a", "b", "kind", "why")

Kind = Literal["must", "cannot"]


@dataclass(frozen=True, slots=True)
class Constraints:
    """Pairs of items that must, or cannot, be in one cluster.

    Parameters
    ----------
    a, b : sequence of str, length n
        Ids (relative POSIX paths) of the two items of a pair; the order within a pair means nothing.
    kind : sequence of {"must", "cannot"}, length n
        What is known.
    why : sequence of str, length n
        Where it is known from, in one word or a few: ``"track"``, ``"frame"``, ``"moved"``, ``"said"``.
    """

    a: Sequence[str] = ()
    b: Sequence[str] = ()
    kind: Sequence[str] = ()
    why: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in _HEADER:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len({len(self.a), len(self.b), len(self.kind), len(self.why)}) != 1:
            raise BadInputError(
                f"Constraints: {len(self.a)} a, {len(self.b)} b, {len(self.kind)} kind, {len(self.why)} why",
                hint="Every pair needs a, b, kind and why.",
            )
        unknown = sorted(set(self.kind) - {MUST, CANNOT})
        if unknown:
            raise BadInputError(
                f"Constraints: kind {unknown[0]!r} is unknown", hint='It is "must" or "cannot".'
            )
        for one, other in zip(self.a, self.b, strict=True):
            if one == other:
                raise BadInputError(
                    f"Constraints: {one!r} is paired with itself", hint="A pair has two different items."
                )

    def __len__(self) -> int:
        return len(self.a)

    def __repr__(self) -> str:
        must = sum(kind == MUST for kind in self.kind)
        return f"Constraints({must} must-link, {len(self) - must} cannot-link)"

    def __add__(self, other: Constraints) -> Constraints:
        return Constraints(
            (*self.a, *other.a), (*self.b, *other.b), (*self.kind, *other.kind), (*self.why, *other.why)
        )

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, Kind, str]]) -> Constraints:
        """Make them from ``(a, b, kind, why)`` rows."""
        columns = list(zip(*rows, strict=True))
        return cls(*columns) if columns else cls()

    def pairs(self, paths: Sequence[str], kind: Kind) -> npt.NDArray[np.int64]:
        """Row numbers of the pairs of one kind; pairs with an item that is not among ``paths`` are left out.

        Returns
        -------
        ndarray of int64, shape (m, 2)
            Positions in ``paths``, in the order of the table.
        """
        row_of = {path: row for row, path in enumerate(paths)}
        found = [
            (row_of[a], row_of[b])
            for a, b, k in zip(self.a, self.b, self.kind, strict=True)
            if k == kind and a in row_of and b in row_of
        ]
        return np.asarray(found, dtype=np.int64).reshape(-1, 2)

    def renamed(self, names: Mapping[str, str]) -> Constraints:
        """Return the same pairs under other ids; pairs with an item that has no new id are left out."""
        return Constraints.of(
            (names[a], names[b], MUST if kind == MUST else CANNOT, why)
            for a, b, kind, why in zip(self.a, self.b, self.kind, self.why, strict=True)
            if a in names and b in names
        )

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write a CSV file with the columns ``a, b, kind, why``, by a temporary file and a rename."""
        target = Path(path)
        text = io.StringIO(newline="")
        table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(_HEADER)
        table.writerows(zip(self.a, self.b, self.kind, self.why, strict=True))
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                # names that are not UTF-8 appear as lone surrogates and go back to their bytes
                file.write(text.getvalue().encode("utf-8", "surrogateescape"))
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return target

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Constraints:
        """Read what `write` has written.

        Raises
        ------
        MissingError
            There is no such file.
        BadInputError
            It has other columns, or a row that cannot be.
        """
        source = Path(path)
        if not source.is_file():
            raise MissingError(f"{str(source)!r} does not exist", hint="Call shoal.segment on a film first.")
        with source.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = list(csv.reader(file))
        if not rows or tuple(rows[0]) != _HEADER or any(len(row) != len(_HEADER) for row in rows):
            raise BadInputError(
                f"{str(source)!r} has not the columns a, b, kind, why", hint="Write it again, or remove it."
            )
        return cls(*zip(*rows[1:], strict=True)) if len(rows) > 1 else cls()


def film_constraints(items: Items) -> Constraints:
    """Say what a film tells of its characters: one track is one character, two of one frame are two.

    Parameters
    ----------
    items : Items
        Instances of `shoal.segment`, with the columns ``track`` (int32, −1 for none; must-link, as a chain
        through each track in the order of the items) and ``source`` (cannot-link, every pair of one frame).

    Returns
    -------
    Constraints
        Nothing where the columns are missing.
    """
    rows: list[tuple[str, str, Kind, str]] = []
    tracks = items.columns.get("track")
    if tracks is not None:
        last: dict[int, str] = {}
        for path, track in zip(items.paths, tracks.tolist(), strict=True):
            if track >= 0:
                if track in last:
                    rows.append((last[track], path, MUST, "track"))
                last[track] = path
    sources = items.columns.get("source")
    if sources is not None:
        together: dict[str, list[str]] = {}
        for path, source in zip(items.paths, sources.tolist(), strict=True):
            together.setdefault(source, []).append(path)
        for paths in together.values():
            for at, one in enumerate(paths):
                for other in paths[at + 1 :]:
                    rows.append((one, other, CANNOT, "frame"))  # noqa: PERF401
    return Constraints.of(rows)
