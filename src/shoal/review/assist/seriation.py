"""Put pictures in a row so that those that look alike stand side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["side_by_side"]


def side_by_side(points: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """An order in which neighbours are near each other: the leaves of an average linkage tree.

    The two parts of each merge are turned so that the ends that meet are the nearest (Gruvaeus and Wainer,
    *Two additions to hierarchical cluster analysis*, 1972).

    Parameters
    ----------
    points : ndarray of float, shape (n, n_dims)
        Some tens of them: the work grows with the cube of their number.

    Returns
    -------
    ndarray of int64, shape (n,)
        Every number from 0 to n − 1 once.
    """
    n = len(points)
    if n < 2:
        return np.arange(n, dtype=np.int64)
    square = (points * points).sum(axis=1)
    away = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * points @ points.T, 0))
    apart, size = away.astype(np.float64), np.ones(n)
    np.fill_diagonal(apart, np.inf)
    rows: list[list[int]] = [[i] for i in range(n)]
    last = 0
    for _ in range(n - 1):
        a, b = divmod(int(apart.argmin()), n)
        one, other = rows[a], rows[b]
        ends = (
            (away[one[-1], other[0]], one + other),
            (away[one[-1], other[-1]], one + other[::-1]),
            (away[one[0], other[0]], one[::-1] + other),
            (away[one[0], other[-1]], other + one),
        )
        rows[a] = min(ends, key=lambda met: float(met[0]))[1]
        mean = (size[a] * apart[a] + size[b] * apart[b]) / (size[a] + size[b])
        apart[a], apart[:, a] = mean, mean
        apart[b], apart[:, b] = np.inf, np.inf
        apart[a, a] = np.inf
        size[a] += size[b]
        last = a
    return np.array(rows[last], np.int64)
