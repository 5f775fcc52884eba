"""Pictures that are the same, or nearly: by bytes, or by perceptual hash."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.hashing import hashable, perceptual_hash
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError
from shoal.store.file_hashes import file_sha256

__all__ = ["Duplicates", "find_duplicates"]

_BITS = 64
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of equal or nearly equal pictures.

    Parameters
    ----------
    items : Items
        What was compared.
    group : ndarray of int32, shape (n,)
        Number of the group, from 0 in the order of their first member; −1 for pictures without a duplicate.
    representative : ndarray of bool, shape (n,)
        True for the one picture to keep of each group (the sharpest where that is known, else the first), and
        for every picture without a duplicate. False for pictures that cannot be read.
    hashes : ndarray of uint64, shape (n,)
        Perceptual hashes; zeros with ``method="exact"``.
    method : str
        ``"phash"`` or ``"exact"``.
    threshold : int
        Largest Hamming distance, 0..64.
    unreadable : tuple of (int, str)
        Row and reason.
    """

    items: Items
    group: npt.NDArray[np.int32]
    representative: npt.NDArray[np.bool_]
    hashes: npt.NDArray[np.uint64]
    method: str
    threshold: int
    unreadable: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return int(self.group.max()) + 1 if len(self.group) else 0

    def __repr__(self) -> str:
        extra = int((self.group >= 0).sum()) - len(self)
        return f"Duplicates({len(self)} groups, {extra} of {len(self.items)} superfluous, {self.method})"

    def members(self, number: int) -> npt.NDArray[np.int64]:
        """Rows of one group."""
        return np.flatnonzero(self.group == number)

    def kept(self) -> Items:
        """The items without superfluous and unreadable ones."""
        return self.items.take(self.representative)


def _digest(path: Path) -> bytes | str:
    try:
        return file_sha256(path)
    except OSError as error:
        return f"{str(path)!r} cannot be opened: {error.strerror or error}"


def _close_pairs(
    hashes: npt.NDArray[np.uint64], threshold: int
) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield, for each row, the later rows within the threshold; block by block, so memory stays small."""
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK]
        distance = np.bitwise_count(block[:, None] ^ hashes[None, start:])
        for offset, row in enumerate(distance <= threshold):
            later = np.flatnonzero(row[offset + 1 :]) + start + offset + 1
            if len(later):
                yield start + offset, later


def _join(n: int, pairs: Iterator[tuple[int, npt.NDArray[np.int64]]]) -> npt.NDArray[np.int64]:
    """Union-find: the root of every row, roots being first members."""
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for row, others in pairs:
        for other in others.tolist():
            a, b = root(row), root(other)
            if a != b:
                parent[max(a, b)] = min(a, b)
    return np.array([root(i) for i in range(n)], dtype=np.int64)


def _grouped(roots: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int32]:
    group = np.full(n, -1, dtype=np.int32)
    names, sizes = np.unique(roots, return_counts=True)
    for number, name in enumerate(names[sizes > 1]):
        group[rows[roots == name]] = number
    return group


def find_duplicates(
    items: Items | Shots,
    *,
    method: Literal["phash", "exact"] = "phash",
    threshold: int = 4,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Duplicates:
    """Find equal or nearly equal pictures.

    Parameters
    ----------
    items : Items or Shots
        The pictures; they are only read.
    method : {"phash", "exact"}
        ``"phash"`` finds re-encoded, scaled or slightly changed copies, ``"exact"`` equal files.
    threshold : int
        Bits of 64 in which two perceptual hashes may differ. 0–4: copies; up to 12: neighbouring frames of
        one shot.
    executor : concurrent.futures.Executor, optional
        Where pictures are read; default a few threads.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Duplicates
        Groups are the connected components of "within the threshold".

    Raises
    ------
    BadInputError
        An argument is out of range.
    """
    if method not in ("phash", "exact"):
        raise BadInputError(f"method={method!r} is unknown", hint='Pass "phash" or "exact".')
    if not 0 <= threshold < _BITS:
        raise BadInputError(f"threshold={threshold} is outside 0..{_BITS - 1}", hint="4 finds copies.")
    table = items.frames if isinstance(items, Shots) else items
    n = len(table)
    read: list[Any] = []
    task = hashable if method == "phash" else _digest
    with reading_threads(executor) as pool, show("Comparing pictures", n, progress, unit="pictures") as bar:
        for value in map_ordered(task, map(table.file, range(n)), executor=pool, window=64):
            read.append(value)
            bar.update()
    rows = np.array([row for row, value in enumerate(read) if not isinstance(value, str)], dtype=np.int64)
    hashes = np.zeros(n, dtype=np.uint64)
    if method == "phash" and len(rows):
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            hashes[part] = perceptual_hash(np.stack([read[row] for row in part]))
        roots = _join(len(rows), _close_pairs(hashes[rows], threshold))
    else:
        first: dict[Any, int] = {}
        roots = np.array([first.setdefault(read[row], at) for at, row in enumerate(rows)], dtype=np.int64)
    group = _grouped(roots, rows, n)
    return Duplicates(
        items=table,
        group=group,
        representative=_representatives(table, group, rows),
        hashes=hashes,
        method=method,
        threshold=threshold if method == "phash" else 0,
        unreadable=tuple((row, value) for row, value in enumerate(read) if isinstance(value, str)),
    )


def _representatives(
    items: Items, group: npt.NDArray[np.int32], readable: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    keep = np.zeros(len(items), dtype=bool)
    keep[readable] = True
    sharp = items.columns.get("sharpness")
    for number in range(int(group.max()) + 1 if len(group) else 0):
        members = np.flatnonzero(group == number)
        best = members[0] if sharp is None else members[int(np.argmax(sharp[members]))]
        keep[members] = members == best
    return keep
