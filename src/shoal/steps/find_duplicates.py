"""Pictures that are the same, or nearly: by bytes, by perceptual hash, or by what a model sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from shoal.compute.batches import batched, map_ordered, reading_threads
from shoal.compute.progress import Progress, ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.hashing import hashable, perceptual_hash
from shoal.data.tables import Embeddings, Items, Shots
from shoal.errors import BadInputError
from shoal.steps.near_pairs import graph_groups, group_numbers, hamming_groups
from shoal.steps.neighbours import NeighbourGraph, shared_graph
from shoal.store.file_hashes import file_sha256

__all__ = ["Duplicates", "find_duplicates"]

_BITS = 64
_BATCH = 1024
# Measured with EfficientNet-Lite2 on film stills: halved, mirrored, slightly cropped and weakly coded copies
# have 0.93 to 0.95 in the median, other shots of the same film up to 0.93.
_SIMILAR = 0.94


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
        Perceptual hashes; zeros with the other methods.
    method : str
        ``"phash"``, ``"exact"`` or ``"embedding"``.
    threshold : float
        Largest Hamming distance, 0..63, or least cosine similarity.
    unreadable : tuple of (int, str)
        Row and reason.
    """

    items: Items
    group: npt.NDArray[np.int32]
    representative: npt.NDArray[np.bool_]
    hashes: npt.NDArray[np.uint64]
    method: str
    threshold: float
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


def _length(path: Path) -> int | str:
    try:
        return path.stat().st_size
    except OSError as error:
        return f"{str(path)!r} cannot be opened: {error.strerror or error}"


def _firsts(values: Iterable[Any]) -> npt.NDArray[np.int64]:
    """Position of the first equal value, for each."""
    first: dict[Any, int] = {}
    return np.array([first.setdefault(value, at) for at, value in enumerate(values)], dtype=np.int64)


class _Reading:
    """Reads every picture once, keeps what is needed of it, and notes those that cannot be read."""

    def __init__(self, table: Items, pool: Executor, bar: Progress) -> None:
        self.table, self.pool, self.bar = table, pool, bar
        self.unreadable: dict[int, str] = {}

    def _each(self, task: Callable[[Path], Any], rows: Iterable[int]) -> Iterator[tuple[int, Any]]:
        rows = list(rows)
        values = map_ordered(task, map(self.table.file, rows), executor=self.pool, window=64)
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, str):
                self.unreadable[row] = value
            else:
                yield row, value

    def hashes(self) -> npt.NDArray[np.uint64]:
        """Perceptual hashes; zero for unreadable pictures."""
        result = np.zeros(len(self.table), dtype=np.uint64)
        for part in batched(self._each(hashable, range(len(self.table))), _BATCH):
            result[[row for row, _ in part]] = perceptual_hash(np.stack([value for _, value in part]))
            self.bar.update(len(part))
        return result

    def digests(self) -> list[Any]:
        """Lengths, and the SHA-256 too where lengths are equal: a file of its own length has no copy."""
        values: list[Any] = [None] * len(self.table)
        rows_of: dict[int, list[int]] = {}
        for row, length in self._each(_length, range(len(self.table))):
            values[row] = length
            rows_of.setdefault(length, []).append(row)
            self.bar.update()
        doubtful = sorted(row for rows in rows_of.values() if len(rows) > 1 for row in rows)
        for row, digest in self._each(_digest, doubtful):
            values[row] = digest
        return values


def find_duplicates(
    items: Items | Shots | Embeddings,
    *,
    method: Literal["phash", "exact", "embedding"] = "phash",
    threshold: float | None = None,
    graph: NeighbourGraph | None = None,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Duplicates:
    """Find equal or nearly equal pictures, among a million as among a hundred.

    Parameters
    ----------
    items : Items, Shots or Embeddings
        The pictures; they are only read. ``"embedding"`` needs Embeddings.
    method : {"phash", "exact", "embedding"}
        ``"phash"`` finds re-encoded, scaled or slightly changed copies, ``"exact"`` equal files,
        ``"embedding"`` what the model takes for the same: also cropped, mirrored or redrawn pictures.
    threshold : float, optional
        For ``"phash"`` the bits of 64 in which two hashes may differ, default 4: up to 4 copies, up to 12
        neighbouring frames of one shot. For ``"embedding"`` the least cosine similarity, default 0.94.
    graph : NeighbourGraph, optional
        For ``"embedding"``: pairs are looked for among these neighbours. Default: those of `cluster`.
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
    MissingError
        There are more than 8,000 different hashes, or vectors, and numba is not installed.
    """
    limit = _check(method, threshold, items)
    if isinstance(items, Embeddings):
        table = items.items
    else:
        table = items.frames if isinstance(items, Shots) else items
    n = len(table)
    hashes = np.zeros(n, dtype=np.uint64)
    if method == "embedding":
        vectors = cast("Embeddings", items)
        shared = shared_graph(vectors, graph, k=14, pca=50, seed=0)
        rows = shared.rows
        roots = graph_groups(vectors.vectors[rows], shared.indices, limit)
        unreadable = dict.fromkeys(np.setdiff1d(np.arange(n), rows).tolist(), "it has no vector")
    else:
        with (
            reading_threads(executor) as pool,
            show("Comparing pictures", n, progress, unit="pictures") as bar,
        ):
            reading = _Reading(table, pool, bar)
            values = reading.hashes() if method == "phash" else reading.digests()
        unreadable = reading.unreadable
        rows = np.setdiff1d(np.arange(n), list(unreadable)).astype(np.int64)
        if isinstance(values, np.ndarray):
            hashes = values
            roots = hamming_groups(hashes[rows], int(limit))
        else:
            roots = _firsts(values[row] for row in rows.tolist())
    group = np.full(n, -1, dtype=np.int32)
    group[rows] = group_numbers(roots)
    return Duplicates(
        items=table,
        group=group,
        representative=_representatives(table, group, rows),
        hashes=hashes,
        method=method,
        threshold=limit,
        unreadable=tuple(sorted(unreadable.items())),
    )


def _check(method: str, threshold: float | None, items: object) -> float:
    """The threshold to use."""
    if method not in ("phash", "exact", "embedding"):
        raise BadInputError(f"method={method!r} is unknown", hint='Pass "phash", "exact" or "embedding".')
    if method == "embedding":
        if not isinstance(items, Embeddings):
            raise BadInputError(
                'method="embedding" compares vectors, and these are pictures',
                hint="Pass shoal.embed(items) instead of items.",
            )
        limit = _SIMILAR if threshold is None else float(threshold)
        if not -1.0 <= limit <= 1.0:
            raise BadInputError(
                f"threshold={threshold} is outside −1..1", hint="0.94 finds what looks the same."
            )
        return limit
    limit = 4 if threshold is None else threshold
    if not 0 <= limit < _BITS or limit != int(limit):
        raise BadInputError(
            f"threshold={threshold} is no whole number in 0..{_BITS - 1}", hint="4 finds copies."
        )
    return limit if method == "phash" else 0


def _representatives(
    items: Items, group: npt.NDArray[np.int32], readable: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """The sharpest of each group, or the first; and every readable picture that is in none."""
    keep = np.zeros(len(items), dtype=bool)
    keep[readable] = True
    members = np.flatnonzero(group >= 0)
    sharp = items.columns.get("sharpness")
    blur = np.zeros(len(members)) if sharp is None else -np.asarray(sharp[members], dtype=np.float64)
    order = members[np.lexsort((members, blur, group[members]))]
    keep[order] = np.diff(group[order], prepend=-1) != 0
    return keep
