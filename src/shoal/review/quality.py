"""How well items fit their clusters: cosine similarities to centroids, kept up to date by deltas."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.review.changes import Change
from shoal.review.state import State

__all__ = ["Quality"]

MAX_DIMS = 128
LARGE = 20_000


class Quality:
    """Centroids of all clusters as sums of unit vectors.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_items, n_dims)
        NaN rows count as unknown. Above 20,000 items and 128 dimensions they are first reduced by a seeded
        Gaussian
        projection, which keeps cosines up to about ±0.05 (Johnson and Lindenstrauss, 1984).
    state : State
        Read once for the first sums; :meth:`follow` keeps them up to date.
    """

    def __init__(self, vectors: npt.NDArray[np.float32], state: State) -> None:
        self.unit = _unit(_reduced(vectors))
        self.known = np.isfinite(vectors[:, 0])
        self._sums: dict[int, npt.NDArray[np.float64]] = {}
        self._counts: dict[int, int] = {}
        for code in np.unique(state.codes).tolist():
            self._add(code, state.members(code), 1)

    def _add(self, code: int, rows: npt.NDArray[np.int64], sign: int) -> None:
        if code not in self._sums:
            self._sums[code], self._counts[code] = np.zeros(self.unit.shape[1]), 0
        self._sums[code] += sign * self.unit[rows].sum(axis=0, dtype=np.float64)
        self._counts[code] += sign * int(self.known[rows].sum())

    def follow(self, change: Change) -> None:
        """Take over a change that was applied to the state."""
        cells = change.cells.get("code")
        if cells is None:
            return
        for before, after, rows in cells.groups():
            rows = rows[rows < len(self.unit)]
            self._add(before, rows, -1)
            self._add(after, rows, 1)

    def cohesion(self, code: int) -> float | None:
        """Mean cosine similarity of a cluster's items to their centroid, 0..1; None when it has no vectors.

        The mean over i of cos(x_i, c) with c the mean direction of unit vectors is the length of their mean.
        """
        n = self._counts.get(code, 0)
        return float(min(1.0, np.linalg.norm(self._sums[code]) / n)) if n else None

    def similarity(self, state: State) -> npt.NDArray[np.float32]:
        """Cosine similarity of each item to the centroid of its cluster, shape (n_items,).

        NaN when unknown or noise.
        """
        out = np.full(len(state), np.nan, np.float32)
        for code, total in self._sums.items():
            norm = float(np.linalg.norm(total))
            if code < 0 or not self._counts[code] or norm == 0:
                continue
            rows = state.members(code)
            rows = rows[rows < len(self.unit)]
            values = self.unit[rows] @ (total / norm).astype(np.float32)
            out[rows] = np.where(self.known[rows], values, np.nan)
        return out


def _reduced(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    n, dims = vectors.shape
    if n <= LARGE or dims <= MAX_DIMS:
        return vectors
    mix: npt.NDArray[Any] = np.random.default_rng(0).standard_normal((dims, MAX_DIMS)).astype(np.float32)
    return np.concatenate([np.nan_to_num(vectors[i : i + 50_000]) @ mix for i in range(0, n, 50_000)])


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    clean = np.nan_to_num(vectors, nan=0.0)
    norms = np.linalg.norm(clean, axis=1, keepdims=True)
    return (clean / np.where(norms == 0, 1, norms)).astype(np.float32, copy=False)
