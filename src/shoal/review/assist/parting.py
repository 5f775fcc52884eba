"""The parts of a mixed cluster: average linkage, cut where the judge would no longer call two parts one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.rows import Rows

__all__ = ["parts_of"]

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
    sure = np.ones(n)
    alive = np.ones(n, bool)
    across = sums @ sums.T
    np.fill_diagonal(across, -np.inf)
    left = n
    while left > 1:
        a, b = divmod(int(np.argmax(across)), n)
        same = _same(sums, counts, a, b, likeness, judge)
        if same < SURE:
            if left <= most and counts[alive].min() >= least:
                break
            if left <= most:
                a, b = _nearest_to_small(across, counts, alive)
        sums[a] += sums[b]
        counts[a] += counts[b]
        sure[a] = min(sure[a], sure[b], same)
        groups[a] += groups[b]
        alive[b] = False
        left -= 1
        across[b] = across[:, b] = -np.inf
        live = np.flatnonzero(alive)
        across[a, live] = across[live, a] = (sums[live] @ sums[a]) / (counts[live] * counts[a])
        across[a, a] = -np.inf
    live = np.flatnonzero(alive).tolist()
    return [np.array(groups[i], np.int64) for i in live], [float(sure[i]) for i in live]


def _nearest_to_small(
    across: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], alive: npt.NDArray[np.bool_]
) -> tuple[int, int]:
    live = np.flatnonzero(alive)
    small = int(live[int(np.argmin(counts[live]))])
    return int(np.argmax(across[small])), small


def _same(
    sums: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    a: int,
    b: int,
    likeness: Likeness,
    judge: Judge,
) -> float:
    """The judge's probability that two parts are one; neighbours are left out of it (a middling share)."""
    means = np.stack([sums[a] / counts[a], sums[b] / counts[b]]).astype(np.float32)
    inner = likeness.inside(means, np.array([counts[a], counts[b]], np.int64))
    close = float(means[0] @ means[1])
    features = np.array(
        [(close - likeness.low) * likeness.scale, (close - float(inner.mean())) * likeness.scale, 0.1]
    )
    return float(judge.probability(features))
