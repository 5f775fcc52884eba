"""Validation without leaks: whole shots, never one of two near-duplicates, every cluster left to train on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import seeded
from shoal.data.hashing import hashable, perceptual_hash
from shoal.errors import BadInputError
from shoal.export.samples import Sample

__all__ = ["choose_validation", "look_alike_groups", "picture_hashes"]

_BLOCK = 512


def picture_hashes(
    files: Sequence[Path], *, executor: Executor | None, progress: ProgressOption
) -> tuple[npt.NDArray[np.uint64], list[tuple[int, str]]]:
    """Perceptual hashes of files, shape (n,), and (row, reason) of those that cannot be read (hash 0)."""
    hashes = np.zeros(len(files), np.uint64)
    unreadable: list[tuple[int, str]] = []
    with (
        reading_threads(executor) as pool,
        show("Looking for near-duplicates", len(files), progress, unit="pictures") as bar,
    ):
        for row, read in enumerate(map_ordered(hashable, files, executor=pool, window=64)):
            if isinstance(read, str):
                unreadable.append((row, read))
            else:
                hashes[row] = perceptual_hash(read[None])[0]
            bar.update()
    return hashes, unreadable


def look_alike_groups(
    hashes: npt.NDArray[np.uint64], shots: Sequence[str | None], *, distance: int
) -> npt.NDArray[np.int64]:
    """Groups that must not be torn apart, shape (n,): one shot, or pictures alike within ``distance`` bits.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n,)
        Perceptual hashes.
    shots : sequence of str or None
        Which shot each picture is from.
    distance : int
        Largest Hamming distance of near-duplicates, 0..64.

    Returns
    -------
    ndarray of int64, shape (n,)
        The first row of the group of each row.
    """
    parent = np.arange(len(hashes))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = int(parent[row])
        return row

    def join(a: int, b: int) -> None:
        a, b = root(a), root(b)
        parent[max(a, b)] = min(a, b)

    first: dict[str, int] = {}
    for row, shot in enumerate(shots):
        if shot is not None:
            join(row, first.setdefault(shot, row))
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK]
        near = np.bitwise_count(block[:, None] ^ hashes[None, start:]) <= distance
        for at, other in np.argwhere(near).tolist():
            if at < other:
                join(start + at, start + other)
    return np.array([root(row) for row in range(len(hashes))], np.int64)


def choose_validation(
    samples: Sequence[Sample], groups: npt.NDArray[np.int64], share: float, *, seed: int
) -> npt.NDArray[np.bool_]:
    """Which samples are for validation: whole groups, near ``share`` of every cluster, some of each left.

    Parameters
    ----------
    samples : sequence of Sample
        All of them.
    groups : ndarray of int64, shape (n,)
        From :func:`look_alike_groups`.
    share : float
        Wanted share, 0..0.5.
    seed : int
        Which groups are tried first.

    Returns
    -------
    ndarray of bool, shape (n,)
        All false when no group can be spared.
    """
    if not 0 <= share <= 0.5:
        raise BadInputError(f"validation={share} is outside 0..0.5", hint="0.1 keeps a tenth from training.")
    chosen = np.zeros(len(samples), bool)
    totals = Counter(sample.cluster for sample in samples)
    wanted = {cluster: share * n for cluster, n in totals.items()}
    taken: Counter[str] = Counter()
    names = np.unique(groups)
    for group in seeded(seed, "validation").permutation(names).tolist():
        members = np.flatnonzero(groups == group)
        counts = Counter(samples[row].cluster for row in members.tolist())
        if any(taken[c] + n >= totals[c] for c, n in counts.items()):
            continue  # nothing of that cluster would be left to train on
        gain = sum(abs(wanted[c] - taken[c]) - abs(wanted[c] - taken[c] - n) for c, n in counts.items())
        if gain > 0:
            chosen[members] = True
            taken += counts
    return chosen
