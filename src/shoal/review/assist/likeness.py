"""How alike items and clusters are: similarities to centroids and votes of neighbours, on one scale.

Every pair of groups has three features; an item is a group of one.

- ``close``: mean cosine similarity across the pair, on a scale where 0 is a random pair of items and 1 a pair
  of nearest neighbours (mean over all pairs = dot product of the two mean vectors).
- ``gap``: how much that falls short of the mean similarity inside the two groups, on the same scale.
- ``links``: share of the smaller group's nearest neighbours that lie in the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from shoal.review.assist.neighbours import nearest_neighbours, principal, unit
from shoal.review.changes import Change
from shoal.review.rows import Rows

__all__ = ["NEIGHBOURS", "Likeness", "components_of"]

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]
Transform = Callable[[Floats], Floats]

NEIGHBOURS = 10
DIMS = 128
LARGE = 20_000
LINK_ROWS = 20_000
SHOWN_FROM = 400
CONFIRMED_WEIGHT = 3.0


def components_of(vectors: Floats, *, seed: int = 0) -> Floats:
    """Unit vectors on the principal axes, zeros where there is no vector; shape (n_items, ≤ 128)."""
    clean = np.nan_to_num(vectors)
    rows = np.flatnonzero(np.abs(clean).max(axis=1, initial=0) > 0)
    if not len(rows):
        return np.zeros((len(clean), 1), np.float32)
    found = principal(clean[rows], DIMS if len(rows) <= LARGE else DIMS // 2, seed=seed)
    points = np.zeros((len(clean), found.shape[1]), np.float32)
    points[rows] = found
    return points


class Likeness:
    """Means of the clusters and votes of neighbours, kept up to date.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_items, n_dims)
        Zeros or NaN where unknown.
    codes : ndarray of int32, shape (n_items,)
        Cluster of each item; a copy is kept.
    metric : callable, optional
        What to do with the principal components before they are compared; see ``metric.py``.
    seed : int
        Of samples.
    """

    def __init__(
        self, vectors: Floats, codes: Codes, *, metric: Transform | None = None, seed: int = 0
    ) -> None:
        self.components = points = components_of(vectors, seed=seed)
        self.known: npt.NDArray[np.bool_] = np.abs(points).max(axis=1, initial=0) > 0
        self.codes = codes.copy()
        self._use(points if metric is None else self._moved(metric), seed)

    def _moved(self, metric: Transform) -> Floats:
        points = unit(metric(self.components))
        points[~self.known] = 0
        return points

    def _use(self, points: Floats, seed: int) -> None:
        self.points = points
        rows = np.flatnonzero(self.known)
        self.near = np.full((len(points), NEIGHBOURS), -1, np.int32)
        near, sims = nearest_neighbours(points[rows], NEIGHBOURS, seed=seed)
        self.near[rows] = np.where(near >= 0, rows[near] if len(rows) else -1, -1)
        rng = np.random.default_rng(seed)
        self.low = self.high = 0.0
        if len(rows) > 1:
            a, b = rng.choice(rows, 4000), rng.choice(rows, 4000)
            self.low = float((points[a] * points[b]).sum(1)[a != b].mean())
            self.high = float(sims[:, 0].mean())
        self.scale = 1.0 / max(1e-6, self.high - self.low)
        self._sums: dict[int, npt.NDArray[np.float64]] = {}
        self._counts: dict[int, int] = {}
        for code in np.unique(self.codes[rows]).tolist():
            self._count(code, rows[self.codes[rows] == code], 1)

    def by(self, metric: Transform | None, codes: Codes, *, seed: int = 0) -> Likeness:
        """The same items, compared by another metric (None: the plain one), in the clusters ``codes``."""
        twin = Likeness.__new__(Likeness)
        twin.known, twin.components, twin.codes = self.known, self.components, codes.copy()
        twin._use(self.components if metric is None else self._moved(metric), seed)
        return twin

    # ------------------------------------------------------------------------------------------- keeping up
    def _count(self, code: int, rows: Rows, sign: int) -> None:
        if code < 0 or not len(rows):
            return
        if code not in self._sums:
            self._sums[code], self._counts[code] = np.zeros(self.points.shape[1]), 0
        self._sums[code] += sign * self.points[rows].sum(axis=0, dtype=np.float64)
        self._counts[code] += sign * int(self.known[rows].sum())
        if not self._counts[code]:
            del self._sums[code], self._counts[code]

    def follow(self, change: Change) -> Rows:
        """Take over a change of the review; returns the rows whose cluster changed."""
        cells = change.cells.get("code")
        if cells is None:
            return np.empty(0, np.int64)
        rows = cells.rows[cells.rows < len(self.codes)]
        for before, after, moved in cells.groups():
            moved = moved[moved < len(self.codes)]
            self._count(before, moved, -1)
            self._count(after, moved, 1)
        self.codes[rows] = cells.after[: len(rows)]
        return rows

    # --------------------------------------------------------------------------------------------- clusters
    def clusters(self) -> Codes:
        """Codes of the clusters that have vectors, ascending."""
        return np.array(sorted(self._counts), np.int32)

    def means(self, codes: Codes) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Mean vectors (not of unit length) and numbers of items, shapes (k, d) and (k,)."""
        counts = np.array([self._counts[c] for c in codes.tolist()], np.int64)
        sums = np.array([self._sums[c] for c in codes.tolist()]).reshape(len(codes), self.points.shape[1])
        return (sums / np.maximum(counts, 1)[:, None]).astype(np.float32), counts

    def inside(self, means: Floats, counts: npt.NDArray[np.int64]) -> Floats:
        """Mean similarity between different items of each group, shape (k,); of one item: as neighbours."""
        square = (means * means).sum(axis=1)
        n = counts.astype(np.float32)
        several = (square * n - 1) / np.maximum(n - 1, 1)
        return np.where(counts > 1, several, self.high).astype(np.float32)

    def pairs(self, codes: Codes) -> npt.NDArray[np.float32]:
        """Features of all pairs of clusters, shape (k, k, 3)."""
        means, counts = self.means(codes)
        k = len(codes)
        across = means @ means.T
        inner = self.inside(means, counts)
        at = np.full(max(int(codes.max(initial=-1)) + 2, 2), -1, np.int64)
        at[codes] = np.arange(k)
        # a sample of the neighbours says as much: shares are wanted, not numbers
        step = max(1, len(self.codes) // LINK_ROWS)
        rows = np.arange(0, len(self.codes), step)
        rows = rows[self.codes[rows] >= 0]
        own, other = at[self.codes[rows]], at[np.where(self.near[rows] >= 0, self.codes[self.near[rows]], -1)]
        good = (other >= 0) & (own >= 0)[:, None]
        flat = (own[:, None] * k + other)[good]
        links = np.bincount(flat, minlength=k * k).reshape(k, k) if k else np.zeros((0, 0))
        smaller = np.minimum(counts[:, None], counts[None, :]) * (NEIGHBOURS / step)
        out = np.empty((k, k, 3), np.float32)
        out[..., 0] = (across - self.low) * self.scale
        out[..., 1] = (across - (inner[:, None] + inner[None, :]) / 2) * self.scale
        out[..., 2] = np.minimum(1, np.maximum(links, links.T) / np.maximum(smaller, 1))
        return out

    def between(self, a: Rows, b: Rows) -> npt.NDArray[np.float32]:
        """Features of two groups of items, shape (3,)."""
        mean_a, mean_b = self.points[a].mean(axis=0), self.points[b].mean(axis=0)
        counts = np.array([len(a), len(b)])
        inner = self.inside(np.stack([mean_a, mean_b]), counts)
        across = float(mean_a @ mean_b)
        hits = max(np.isin(self.near[a], b).sum(), np.isin(self.near[b], a).sum())
        links = min(1.0, hits / (NEIGHBOURS * min(len(a), len(b))))
        close = (across - self.low) * self.scale
        return np.array([close, (across - float(inner.mean())) * self.scale, links], np.float32)

    # ------------------------------------------------------------------------------------------------ items
    def votes(self, rows: Rows, confirmed: npt.NDArray[np.bool_]) -> tuple[Codes, Floats]:
        """Clusters of the neighbours of items, and the share of their votes that each neighbour's has.

        Neighbours that a person has confirmed count threefold, noise and trash nothing.

        Returns
        -------
        codes : ndarray of int32, shape (len(rows), 10)
            −1 where a neighbour is in no cluster.
        share : ndarray of float32, shape (len(rows), 10)
            Share of the votes for the cluster in the same place.
        """
        near = self.near[rows]
        codes = np.where(near >= 0, self.codes[near], -1)
        codes[codes < 0] = -1
        weight = np.where(confirmed[near], CONFIRMED_WEIGHT, 1.0).astype(np.float32)
        total = np.where(near >= 0, weight, 0).sum(axis=1)
        share = np.zeros(codes.shape, np.float32)
        for place in range(codes.shape[1]):
            same = codes == codes[:, place : place + 1]
            share[:, place] = (same * weight).sum(axis=1)
        share = share / np.maximum(total, 1e-6)[:, None]
        share[codes < 0] = 0
        return codes.astype(np.int32), share

    def items(self, rows: Rows, codes: Codes, share: Floats) -> npt.NDArray[np.float32]:
        """Features of items and one cluster each, shape (len(rows), 3); an item does not count for itself.

        Parameters
        ----------
        rows : Rows
            The items.
        codes : ndarray of int32, shape (len(rows),)
            The cluster to compare each with; those without vectors give the features of strangers.
        share : ndarray of float32, shape (len(rows),)
            Share of the votes of its neighbours for that cluster.
        """
        listed, at = np.unique(codes, return_inverse=True)
        sums = np.zeros((len(listed), self.points.shape[1]), np.float32)
        counts = np.zeros(len(listed), np.float32)
        for place, code in enumerate(listed.tolist()):
            if code in self._sums:
                sums[place], counts[place] = self._sums[code], self._counts[code]
        square = (sums * sums).sum(axis=1)
        inner = np.where(counts > 1, (square - counts) / np.maximum(counts * (counts - 1), 1), self.high)
        own = (self.codes[rows] == codes) & self.known[rows]
        n = counts[at] - own
        across = (np.einsum("ij,ij->i", self.points[rows], sums[at]) - own) / np.maximum(n, 1)
        across = np.where(n > 0, across, self.low)
        out = np.empty((len(rows), 3), np.float32)
        out[:, 0] = (across - self.low) * self.scale
        out[:, 1] = (across - inner[at]) * self.scale
        out[:, 2] = share
        return out

    def exemplars(self, rows: Rows, count: int, prefer: npt.NDArray[np.bool_] | None = None) -> list[int]:
        """Up to ``count`` items that show what a group is: the most typical, then those unlike it.

        The first is nearest to the mean; each next one is farthest from those chosen, among the more typical
        three quarters, so that outliers do not stand for the group. ``prefer`` marks rows to take first.
        """
        if prefer is not None and prefer[rows].sum() >= count:
            rows = rows[prefer[rows]]
        if len(rows) > SHOWN_FROM:
            rows = rows[np.linspace(0, len(rows) - 1, SHOWN_FROM).astype(np.int64)]
        if not len(rows):
            return []
        points = self.points[rows]
        typical = points @ points.mean(axis=0)
        order = np.argsort(-typical, kind="stable")[: max(count, int(np.ceil(len(rows) * 0.75)))]
        shown = points[order]
        chosen = [0]
        farthest = shown @ shown[0]
        while len(chosen) < min(count, len(order)):
            farthest[chosen[-1]] = np.inf
            chosen.append(int(np.argmin(farthest)))
            farthest = np.maximum(farthest, shown @ shown[chosen[-1]])
        return rows[order[chosen]].tolist()
