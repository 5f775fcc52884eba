"""The parts of a mixed cluster: average linkage, cut where the judge would no longer call two parts one."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp

import numpy as np
import numpy.typing as npt

from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.rows import Rows

__all__ = ["kept_together", "parts_of", "root_of"]

SAMPLE = 240
SURE = 0.5


def parts_of(
    likeness: Likeness, rows: Rows, judge: Judge, *, least: int = 2, most: int = 9, sample: int = SAMPLE
) -> list[tuple[Rows, float]]:
    """Parts of a group of items that look like different ones, the largest first.

    Parameters
    ----------
    likeness : Likeness
        Where the items lie.
    rows : Rows
        Of one cluster. Above ``sample``, an even sample is joined and the others go to the nearest part.
    judge : Judge
        Says when two parts are one.
    least : int
        Smaller parts are joined to the part nearest to them.
    most : int
        No more parts than this.

    Returns
    -------
    list of (Rows, float)
        Each part with the probability, 0..1, of its least certain joining; one part when the items look like
        one.
    """
    rows = rows[likeness.known[rows]]
    chosen = rows if len(rows) <= sample else rows[np.linspace(0, len(rows) - 1, sample).astype(np.int64)]
    if len(chosen) < 2 * least:
        return [(rows, 1.0)]
    points = likeness.points[chosen]
    groups, sure = _joined(points, likeness, judge, least, most)
    if len(groups) < 2:
        return [(rows, sure[0])]
    means = np.stack([points[g].mean(axis=0) for g in groups])
    which = np.argmax(likeness.points[rows] @ means.T, axis=1)
    at = np.searchsorted(rows, chosen)
    for number, group in enumerate(groups):
        which[at[group]] = number
    parts = [(rows[which == number], sure[number]) for number in range(len(groups))]
    return sorted(parts, key=lambda part: -len(part[0]))


def _joined(
    points: npt.NDArray[np.float32], likeness: Likeness, judge: Judge, least: int, most: int
) -> tuple[list[npt.NDArray[np.int64]], list[float]]:
    """Average linkage down to parts that the judge calls different."""
    n = len(points)
    groups: list[list[int]] = [[i] for i in range(n)]
    sums = points.astype(np.float64)
    counts = np.ones(n)
    square = [1.0] * n
    sure = [1.0] * n
    alive = np.ones(n, bool)
    across = sums @ sums.T
    np.fill_diagonal(across, -np.inf)
    same = _Same(likeness, judge)
    left = n
    while left > 1:
        a, b = divmod(int(np.argmax(across)), n)
        p = same(float(across[a, b]), square[a], float(counts[a]), square[b], float(counts[b]))
        if p < SURE and left <= most:
            if counts[alive].min() >= least:
                break
            a, b = _nearest_to_small(across, counts, alive)
        sums[a] += sums[b]
        counts[a] += counts[b]
        square[a] = float(sums[a] @ sums[a])
        sure[a] = min(sure[a], sure[b], p)
        groups[a] += groups[b]
        alive[b] = False
        left -= 1
        row = (sums @ sums[a]) / (counts * counts[a])
        row[~alive] = -np.inf
        across[a] = row
        across[:, a] = row
        across[b] = -np.inf
        across[:, b] = -np.inf
        across[a, a] = -np.inf
    live: list[int] = np.flatnonzero(alive).tolist()
    return [np.array(groups[i], np.int64) for i in live], [sure[i] for i in live]


def _nearest_to_small(
    across: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], alive: npt.NDArray[np.bool_]
) -> tuple[int, int]:
    live = np.flatnonzero(alive)
    small = int(live[int(np.argmin(counts[live]))])
    return int(np.argmax(across[small])), small


class _Same:
    """The judge's probability that two parts are one, in plain numbers: it is asked at every joining.

    Neighbours are left out of it (a middling share).
    """

    def __init__(self, likeness: Likeness, judge: Judge) -> None:
        self._low, self._high, self._scale = likeness.low, likeness.high, likeness.scale
        constant, close, gap, links = (float(w) for w in judge.weights)
        self._constant, self._close, self._gap = constant + 0.1 * links, close, gap

    def _inside(self, square: float, count: float) -> float:
        return (square - count) / (count * (count - 1)) if count > 1 else self._high

    def __call__(self, across: float, square_a: float, n_a: float, square_b: float, n_b: float) -> float:
        inner = (self._inside(square_a, n_a) + self._inside(square_b, n_b)) / 2
        value = self._constant + self._close * (across - self._low) * self._scale
        return 1 / (1 + exp(-max(-40.0, min(40.0, value + self._gap * (across - inner) * self._scale))))


def kept_together(
    parts: list[Rows], one: Iterable[tuple[int, int]], confirmed: npt.NDArray[np.bool_]
) -> list[Rows]:
    """Parts joined that hold items known to be the same: by what was said, or both confirmed here."""
    joined = list(range(len(parts)))
    home = {row: number for number, part in enumerate(parts) for row in part.tolist()}
    vouched = [number for number, part in enumerate(parts) if confirmed[part].any()]
    links = [(home[a], home[b]) for a, b in one if a in home and b in home]
    for a, b in [*links, *((vouched[0], other) for other in vouched[1:])]:
        joined[root_of(joined, a)] = root_of(joined, b)
    roots = [root_of(joined, number) for number in range(len(parts))]
    merged = [
        np.sort(np.concatenate([p for p, r in zip(parts, roots, strict=True) if r == root]))
        for root in dict.fromkeys(roots)
    ]
    return sorted(merged, key=len, reverse=True)


def root_of(joined: list[int], place: int) -> int:
    """The place that stands for the group of ``place`` in a forest of parents."""
    while joined[place] != place:
        place = joined[place]
    return place
