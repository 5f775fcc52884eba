"""Moving what is left over by similarity, with the precision to expect at each threshold.

Each item that a person has placed is held out in turn: its cluster's centroid is taken without it, and it
goes where it would have been moved. What came out right among those at or above a threshold gives the
precision to expect, with an interval for the precision of the very items that would move (beta-binomial,
from the Jeffreys posterior). An item that was alone in its cluster has nowhere right to go, and stands for
those whose cluster does not exist yet (as in Good and Turing's estimate of the unseen). All this presumes
that the items placed by hand are like those that are left: sort in shuffled order to make it so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review import commands as cmd
from shoal.review.assist.neighbours import unit
from shoal.review.constraints import Known
from shoal.review.review import Review
from shoal.review.rows import Rows

__all__ = ["AutoMove", "AutoMoves"]

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]

DRAWS = 4_000
CERTAINTY = 0.97
"""Of the interval; somewhat more than 95 %, since mistakes come in groups."""


@dataclass(frozen=True, slots=True)
class AutoMove:
    """What moving at one threshold would do.

    Parameters
    ----------
    threshold : float
        Least cosine similarity to the nearest centroid, −1..1.
    rows : Rows
        Items that would move.
    codes : ndarray of int32
        Where to.
    precision : float
        Share of them expected to go where they belong, 0..1; NaN without held-out items at this threshold.
    low, high : float
        Interval of that share.
    held_out : int
        How many items placed by hand say so.
    """

    threshold: float
    rows: Rows
    codes: Codes
    precision: float
    low: float
    high: float
    held_out: int

    def __str__(self) -> str:
        n = len(self.rows)
        said = f"{n:,} item{'' if n == 1 else 's'} at {self.threshold:.2f} or more"
        if not self.held_out:
            return f"{said}; nothing placed by hand says how many rightly"
        return (
            f"{said}, {self.precision:.0%} rightly ({self.low:.0%} to {self.high:.0%}, from {self.held_out})"
        )


class AutoMoves:
    """The items that are left over (noise), and where they would go.

    Parameters
    ----------
    review : Review
        With vectors.
    known : Known, optional
        What people did; read from the review when left out.

    Raises
    ------
    MissingError
        When the review has no vectors.
    """

    def __init__(self, review: Review, *, known: Known | None = None) -> None:
        if review.quality is None:
            raise MissingError("this review has no vectors", hint="Give write_clusters() embeddings.")
        self._review = review
        own = known is None
        known = known or Known(review)
        state, points, has = review.session.state, review.quality.unit, review.quality.known
        codes, n = state.codes[: len(points)], len(points)
        confirmed = np.flatnonzero(known.confirmed()[:n] & has)
        self._centres, self._names, self._sums, self._counts = _centroids(points, codes, has)
        self.rows: Rows = np.flatnonzero((codes == -1) & has & ~known.pinned()[:n])
        self.scores, self.targets = _nearest(points[self.rows], self._centres, self._names)
        self.held_scores, self.held_right = self._held_out(points, codes, confirmed)
        if own:
            known.close()

    def _held_out(self, points: Floats, codes: Codes, rows: Rows) -> tuple[Floats, npt.NDArray[np.bool_]]:
        if not len(rows) or not len(self._names):
            return np.empty(0, np.float32), np.empty(0, bool)
        sims = points[rows] @ self._centres.T
        at = np.searchsorted(self._names, codes[rows])
        without = self._sums[at] - points[rows]
        alone = self._counts[at] < 2
        left = unit(without.astype(np.float32))
        own = np.where(alone, -1.0, np.einsum("ij,ij->i", points[rows], left))
        place = np.arange(len(rows))
        sims[place, at] = -2
        other = sims.max(axis=1) if sims.shape[1] > 1 else np.full(len(rows), -1.0, np.float32)
        return np.maximum(own, other).astype(np.float32), (own > other) & ~alone

    def at(self, threshold: float) -> AutoMove:
        """What moving at a threshold would do, and how much of it rightly.

        Raises
        ------
        BadInputError
            When the threshold is no cosine similarity.
        """
        if not -1 <= threshold <= 1:
            raise BadInputError(f"{threshold} is no similarity", hint="Give a threshold from -1 to 1.")
        inside = self.scores >= threshold
        held = self.held_scores >= threshold
        n, right, moved = int(held.sum()), int(self.held_right[held].sum()), int(inside.sum())
        low, high = _interval(right, n, moved)
        return AutoMove(
            threshold,
            self.rows[inside],
            self.targets[inside],
            right / n if n else float("nan"),
            low,
            high,
            n,
        )

    def steps(self, count: int = 41) -> list[AutoMove]:
        """The same for evenly spaced thresholds from the lowest score to the highest: a slider's stops."""
        if not len(self.scores):
            return []
        return [
            self.at(float(t)) for t in np.linspace(float(self.scores.min()), float(self.scores.max()), count)
        ]

    def threshold_for(self, precision: float) -> float | None:
        """The lowest threshold from which on the expected precision is at least this; None without one."""
        found: float | None = None
        for step in reversed(self.steps()):
            if step.held_out and step.precision < precision:
                break
            if step.held_out:
                found = step.threshold
        return found

    def move(self, threshold: float, *, source: str | None = None) -> str:
        """Carry it out as one edit, logged with ``note: "auto"``; returns what was done, in words.

        Raises
        ------
        NotAllowedError
            When nothing is that similar, or the clusters have changed since.
        """
        found, state = self.at(threshold), self._review.session.state
        if not len(found.rows):
            raise NotAllowedError("nothing is that similar to a cluster", hint="Lower the threshold.")
        if not (state.codes[found.rows] == -1).all() or not all(
            state.has_code(c) for c in set(found.codes.tolist())
        ):
            raise NotAllowedError("the clusters have changed since", hint="Look at the numbers again.")
        parts = [
            cmd.Assignment(found.rows[found.codes == code], to=state.id_of(code))
            for code in np.unique(found.codes).tolist()
        ]
        label = f"Moved {len(found.rows):,} by similarity ≥ {threshold:.2f}"
        return self._review.session.do(cmd.AssignItems(parts, label), note="auto", source=source).label


def _centroids(
    points: Floats, codes: Codes, has: npt.NDArray[np.bool_]
) -> tuple[Floats, Codes, npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    inside = np.flatnonzero((codes >= 0) & has)
    names, at, counts = np.unique(codes[inside], return_inverse=True, return_counts=True)
    sums = np.zeros((len(names), points.shape[1]))
    np.add.at(sums, at, points[inside])
    return unit(sums.astype(np.float32)), names.astype(np.int32), sums, counts.astype(np.int64)


def _nearest(points: Floats, centres: Floats, names: Codes) -> tuple[Floats, Codes]:
    if not len(names) or not len(points):
        return np.full(len(points), -1, np.float32), np.full(len(points), -1, np.int32)
    best, where = np.empty(len(points), np.float32), np.empty(len(points), np.int32)
    for start in range(0, len(points), 20_000):
        sims = points[start : start + 20_000] @ centres.T
        at = sims.argmax(axis=1)
        best[start : start + 20_000] = sims[np.arange(len(at)), at]
        where[start : start + 20_000] = names[at]
    return best, where


def _interval(right: int, n: int, moved: int) -> tuple[float, float]:
    """Interval of the share of ``moved`` items that go right, when ``right`` of ``n`` held-out ones did."""
    if not n or not moved:
        return 0.0, 1.0
    rng = np.random.default_rng(0)
    share = rng.beta(right + 0.5, n - right + 0.5, DRAWS)
    drawn = rng.binomial(moved, share) / moved
    low, high = np.quantile(drawn, [(1 - CERTAINTY) / 2, (1 + CERTAINTY) / 2], method="nearest")
    return float(low), float(high)
