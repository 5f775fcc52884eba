"""How well items fit their clusters: similarities to centroids and outliers, kept up to date by deltas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError
from shoal.review.changes import Change
from shoal.review.partition import two_sides
from shoal.review.session import Session
from shoal.review.state import State
from shoal.review.vectors import vectors_beside

__all__ = ["LazyQuality", "Quality"]

MAX_DIMS = 128
LARGE = 20_000
LEAST_SPREAD = 0.02
CHUNK = 4_000_000
APART = 6.0
MOST_LOOKED_INTO = 1_000


class Quality:
    """Centroids of all clusters as sums of unit vectors, and what follows from them for each item.

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
        self._similarity = np.full(len(self.unit), np.nan, np.float32)
        self._outlier = np.full(len(self.unit), np.nan, np.float32)
        self._stale: set[int] = set()
        self._mixed: dict[int, tuple[float, float]] = {}
        self._between: float | None = None
        for code in np.unique(state.codes).tolist():
            self._add(code, state.members(code), 1)

    def _add(self, code: int, rows: npt.NDArray[np.int64], sign: int) -> None:
        if code not in self._sums:
            self._sums[code], self._counts[code] = np.zeros(self.unit.shape[1]), 0
        self._sums[code] += sign * self.unit[rows].sum(axis=0, dtype=np.float64)
        self._counts[code] += sign * int(self.known[rows].sum())
        self._mixed.pop(code, None)
        self._between = None
        if code >= 0:
            self._stale.add(code)
        elif sign > 0:
            self._similarity[rows] = self._outlier[rows] = np.nan

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

    def mixed(self, state: State, code: int) -> float | None:
        """How mixed a cluster is, 0..1: 0 when it is of one piece; None when unknown or there are too many.

        Its items are cut in two along their first principal axis (of 160 of them at most). When the two
        sides stand apart there (Ashman's D above 6), the value says how little their mean directions have in
        common: 0 the same, 1 as different as two clusters are on average.
        """
        if not self._counts.get(code, 0) or len(state.clusters) > MOST_LOOKED_INTO:
            return None
        if code not in self._mixed:
            rows = state.members(code)
            self._mixed[code] = two_sides(self.unit[rows[self._has(rows)]])
        apart, alike = self._mixed[code]
        if apart < APART:
            return 0.0
        usual = self._usual(state)
        return float(min(1.0, max(0.0, (1 - alike) / max(1e-3, 1 - usual))))

    def _usual(self, state: State) -> float:
        """Mean cosine similarity between centroids of different clusters; 0 for fewer than three."""
        if self._between is None:
            _, centres = self.centroids(state)
            k = len(centres)
            total: npt.NDArray[np.float64] = centres.sum(axis=0, dtype=np.float64)
            self._between = (float(total @ total) - k) / (k * (k - 1)) if k > 2 else 0.0
        return self._between

    def similarity(self, state: State) -> npt.NDArray[np.float32]:
        """Cosine similarity of each item to the centroid of its cluster, shape (n_items,).

        NaN when unknown or noise. Only clusters that changed are computed anew. A view: do not write to it.
        """
        self._refresh(state)
        return self._similarity

    def outlier(self, state: State) -> npt.NDArray[np.float32]:
        """How far each item lies outside its cluster, 0 and up, shape (n_items,); NaN when unknown or noise.

        The robust z-score of its similarity among those of its cluster: distance below the median over
        1.4826 times the median absolute deviation (Iglewicz and Hoaglin, 1993), which counts as at least
        0.02. Above 3.5 an item is commonly called an outlier.
        """
        self._refresh(state)
        return self._outlier

    def _refresh(self, state: State) -> None:
        while self._stale:
            code = self._stale.pop()
            rows = state.members(code)
            rows = rows[rows < len(self.unit)]
            total = self._sums[code]
            norm = float(np.linalg.norm(total))
            if not self._counts[code] or norm == 0:
                self._similarity[rows] = self._outlier[rows] = np.nan
                continue
            values = self.unit[rows] @ (total / norm).astype(np.float32)
            values = np.where(self.known[rows], values, np.float32(np.nan))
            self._similarity[rows] = values
            middle = np.nanmedian(values)
            spread = max(LEAST_SPREAD, 1.4826 * float(np.nanmedian(np.abs(values - middle))))
            self._outlier[rows] = np.maximum((middle - values) / spread, 0)

    def centroids(self, state: State) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Codes of the clusters that have vectors, ascending, and their unit centroids, shape (k, n_dims)."""
        codes = sorted(r.code for r in state.clusters.values() if self._counts.get(r.code, 0) > 0)
        found = [self._sums[code] for code in codes]
        table = np.array(found, np.float32).reshape(len(codes), self.unit.shape[1])
        return np.array(codes, np.int32), _unit(table)

    def lengths(self, codes: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """Length of the sum of the unit vectors of each cluster, shape (k,); 0 for those without vectors."""
        return np.array(
            [np.linalg.norm(self._sums[c]) if c in self._sums else 0.0 for c in codes.tolist()], np.float32
        )

    def nearest(
        self, state: State, rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """For each row: code of the nearest cluster, similarity to its centroid, and lead over the next.

        Code −1 and NaN where the item has no vector, or there is no cluster.
        """
        codes, centres = self.centroids(state)
        near = np.full(len(rows), -1, np.int32)
        best, lead = np.full(len(rows), np.nan, np.float32), np.full(len(rows), np.nan, np.float32)
        if not len(codes):
            return near, best, lead
        step = max(1, CHUNK // len(codes))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            inside = np.flatnonzero(self._has(part))
            found = self.unit[part[inside]] @ centres.T
            at = found.argmax(axis=1)
            top = found[np.arange(len(at)), at]
            found[np.arange(len(at)), at] = -1
            near[start + inside], best[start + inside] = codes[at], top
            lead[start + inside] = top - found.max(axis=1)
        return near, best, lead

    def points(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Unit vectors of items, NaN where unknown, shape (len(rows), n_dims)."""
        out = self.unit[np.minimum(rows, len(self.unit) - 1)]
        out[~self._has(rows)] = np.nan
        return out

    def _has(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        return (rows < len(self.unit)) & self.known[np.minimum(rows, len(self.unit) - 1)]


class LazyQuality:
    """The quality of a session, made when somebody asks, and kept up to date from then on."""

    def __init__(self, session: Session, root: Path | None) -> None:
        self._session = session
        self._root = root
        self._quality: Quality | None = None
        self._sought = False

    def get(self) -> Quality | None:
        """None when there are no vectors beside the folder, and none were given."""
        with self._session.lock:
            if not self._sought:
                self._sought = True
                vectors = None if self._root is None else vectors_beside(self._root, self._session.table)
                if vectors is not None:
                    self.use(vectors)
        return self._quality

    def use(self, vectors: npt.NDArray[np.float32]) -> None:
        """Take these vectors, shape (n_items, n_dims)."""
        n = len(self._session.state)
        if len(vectors) != n:
            raise BadInputError(f"{len(vectors):,} vectors for {n:,} items", hint="Give one row an item.")
        with self._session.lock:
            if self._quality is None:
                self._session.listen(lambda event: self._quality and self._quality.follow(event.change))
            self._quality, self._sought = Quality(vectors, self._session.state), True


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
