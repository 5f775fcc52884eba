"""Nearest neighbours by NumPy alone: exact for some thousands of points, by cells for more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["nearest_neighbours", "principal", "unit"]

Floats = npt.NDArray[np.float32]

EXACT = 4_000
PROBES = 5
ROUNDS = 4
DIMS = 64
SAMPLE = 3_000


def principal(points: Floats, dims: int = DIMS, seed: int = 0) -> Floats:
    """Unit vectors on their first principal axes, of unit length again, shape (n, at most ``dims``).

    The axes come from up to 3,000 of the points, chosen with the seed.
    """
    n = len(points)
    chosen = points
    if n > SAMPLE:
        chosen = points[np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))]
    centre = chosen.mean(axis=0)
    moved = (chosen - centre).astype(np.float64)
    small = moved @ moved.T if len(moved) < moved.shape[1] else moved.T @ moved
    values, axes = np.linalg.eigh(small)
    order = np.argsort(values)[::-1][:dims]
    order = order[values[order] > 1e-9 * max(float(values.max(initial=0.0)), 1e-30)]
    if not len(order):
        return np.zeros((n, 1), np.float32)
    basis = axes[:, order]
    if len(moved) < moved.shape[1]:
        basis = (moved.T @ basis) / np.sqrt(values[order])
    return unit(((points - centre) @ basis.astype(np.float32)).astype(np.float32, copy=False))


def unit(points: Floats) -> Floats:
    """Rows scaled to length one; rows of zeros stay."""
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), np.float32(1e-12))


def nearest_neighbours(points: Floats, k: int, *, seed: int = 0) -> tuple[npt.NDArray[np.int32], Floats]:
    """The ``k`` most similar others of each point, best first.

    Parameters
    ----------
    points : ndarray of float32, shape (n, d)
        Unit vectors.
    k : int
        How many; fewer than ``k`` others leave −1 with similarity −1.
    seed : int
        Of the cells.

    Returns
    -------
    neighbours : ndarray of int32, shape (n, k)
    similarity : ndarray of float32, shape (n, k)
        Cosines.

    Notes
    -----
    Up to 4,000 points are compared with all. Above that, points are put into √n cells by a few rounds of
    spherical k-means, and each is compared with those of the five cells nearest to its own (an inverted file,
    Sivic and Zisserman 2003); some far neighbours may be missed.
    """
    n = len(points)
    near = np.full((n, k), -1, np.int32)
    sims = np.full((n, k), -1, np.float32)
    if n <= EXACT:
        everyone = np.arange(n)
        for start in range(0, n, 1024):
            rows = everyone[start : start + 1024]
            _best(points, rows, everyone, k, near, sims)
        return near, sims
    cells, centres = _cells(points, int(np.sqrt(n)), np.random.default_rng(seed))
    order = np.argsort(cells, kind="stable")
    ends = np.searchsorted(cells[order], np.arange(len(centres) + 1))
    members = [order[ends[c] : ends[c + 1]] for c in range(len(centres))]
    close = np.argsort(-(centres @ centres.T), axis=1)[:, :PROBES]
    for cell, rows in enumerate(members):
        if len(rows):
            nearby: list[int] = close[cell].tolist()
            _best(points, rows, np.concatenate([members[c] for c in nearby]), k, near, sims)
    return near, sims


def _best(
    points: Floats,
    rows: npt.NDArray[np.int64],
    among: npt.NDArray[np.int64],
    k: int,
    near: npt.NDArray[np.int32],
    sims: Floats,
) -> None:
    found = points[rows] @ points[among].T
    found[rows[:, None] == among[None, :]] = -2
    some = min(k, len(among) - 1)
    if some < 1:
        return
    part = np.argpartition(-found, some - 1, axis=1)[:, :some] if some < len(among) else np.argsort(-found, 1)
    values = np.take_along_axis(found, part, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    near[rows, :some] = among[np.take_along_axis(part, order, 1)]
    sims[rows, :some] = np.take_along_axis(values, order, 1)


def _cells(points: Floats, count: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], Floats]:
    centres = points[rng.choice(len(points), count, replace=False)]
    sample = points[rng.choice(len(points), min(len(points), 40 * count), replace=False)]
    for _ in range(ROUNDS):
        which = np.argmax(sample @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, which, sample)
        empty = np.linalg.norm(sums, axis=1) == 0
        sums[empty] = centres[empty]
        centres = unit(sums)
    cells = np.empty(len(points), np.int64)
    for start in range(0, len(points), 20_000):
        cells[start : start + 20_000] = np.argmax(points[start : start + 20_000] @ centres.T, axis=1)
    return cells, centres
