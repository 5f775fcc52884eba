"""How sure each item's place is: the probability that it is right, and the best other place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shoal.review import rows as rowsets
from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.rows import Rows

__all__ = ["Ranking"]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Ranking:
    """Features of each item's own cluster and of the best other one, recomputed where something changed.

    Parameters
    ----------
    likeness : Likeness
        Followed by whoever owns it; call :meth:`refresh` with the rows that changed.
    confirmed : ndarray of bool, shape (n_items,)
        Items that a person has put or confirmed where they are.
    """

    def __init__(self, likeness: Likeness, confirmed: Mask) -> None:
        self._likeness = likeness
        n = len(likeness.codes)
        self.other: Codes = np.full(n, -1, np.int32)
        self._own = np.zeros((n, 3), np.float32)
        self._other = np.zeros((n, 3), np.float32)
        # now, with all else that opening costs: the first answer must not wait for it
        self._reverse = self._whose_neighbours()
        self.refresh(np.flatnonzero(likeness.known), confirmed)

    def refresh(self, rows: Rows, confirmed: Mask) -> None:
        """Recompute these rows."""
        if not len(rows):
            return
        likeness = self._likeness
        own = likeness.codes[rows]
        codes, share = likeness.votes(rows, confirmed)
        mine = codes == own[:, None]
        others = np.where(mine, -1, share)
        best = others.argmax(axis=1)
        at = np.arange(len(rows))
        other = np.where(others[at, best] > 0, codes[at, best], -1).astype(np.int32)
        self.other[rows] = other
        self._own[rows] = likeness.items(rows, own, np.where(mine, share, 0).max(axis=1))
        self._other[rows] = likeness.items(rows, other, np.maximum(others[at, best], 0))

    def features(self, rows: Rows) -> tuple[Floats, Floats, Mask]:
        """Features of own and of best other cluster, shape (len(rows), 3), and which have another one."""
        return self._own[rows], self._other[rows], self.other[rows] >= 0

    def _whose_neighbours(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows that have a row among their neighbours, row after row, and where those of each row begin."""
        near = self._likeness.near
        good = near >= 0
        target = near[good]
        source = np.nonzero(good)[0]
        order = np.argsort(target, kind="stable")
        return source[order], np.searchsorted(target[order], np.arange(len(near) + 1))

    def touched_by(self, rows: Rows) -> Rows:
        """These rows, and those that have one of them among their neighbours."""
        source, ends = self._reverse
        if len(rows) > 2_000:
            mask = np.zeros(len(ends) - 1, bool)
            mask[rows] = True
            near = self._likeness.near
            mask |= (mask[near] & (near >= 0)).any(axis=1)
            return np.flatnonzero(mask)
        parts = [source[ends[row] : ends[row + 1]] for row in rows.tolist()]
        return rowsets.as_rows(np.concatenate([rows, *parts])) if parts else rows

    def probabilities(self, judge: Judge) -> tuple[Floats, Floats]:
        """Probability of each item's own cluster, and of the best other one, shape (n_items,) each.

        Noise has 0 for its own. Where both are likely they share one.
        """
        own = np.where(self._likeness.codes >= 0, judge.probability(self._own), 0)
        other = np.where(self.other >= 0, judge.probability(self._other), 0)
        total = np.maximum(1.0, own + other)
        return (own / total).astype(np.float32), (other / total).astype(np.float32)
