"""Cut points into parts: along gaps in their density, or evenly. NumPy alone, so that a plain install has it.

The natural parts are those of HDBSCAN's condensed tree (Campello, Moulavi and Sander, 2013): single linkage
over mutual reachability distances, in which a branch counts when it holds enough points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Check",
    "Floats",
    "Labels",
    "compact",
    "distances",
    "even_parts",
    "natural_parts",
    "silhouette",
    "two_sides",
]

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint8]
Check = Callable[[], None]
"""Called now and then; raises to stop the work."""

DIMS = 8
SAMPLE_FOR_AXES = 512
SPARE_AXES = 8
AXIS_ROUNDS = 6
NEIGHBOURS = 4
TRIES = 4
ROUNDS = 25
MOST_POINTS = 160


def compact(points: Floats, dims: int = DIMS) -> Floats:
    """Points on their first principal axes, shape (n, at most ``dims``); the axes come from 512 of them."""
    n, width = points.shape
    if width <= dims:
        return points
    m = min(n, SAMPLE_FOR_AXES)
    chosen = points[np.arange(m) * n // m]
    centre = chosen.mean(axis=0)
    spread = chosen - centre
    # subspace iteration: few axes are wanted of many, and a whole decomposition costs ten times as much
    start = np.random.default_rng(0).normal(size=(width, dims + SPARE_AXES)).astype(np.float32)
    basis = np.linalg.qr(spread.T @ (spread @ start))[0]
    for _ in range(AXIS_ROUNDS):
        basis = np.linalg.qr(spread.T @ (spread @ basis))[0]
    seen = spread @ basis
    values, turned = np.linalg.eigh(seen.T @ seen)
    kept = np.argsort(values)[::-1][: min(dims, m - 1)]
    kept = kept[values[kept] > 1e-6 * max(float(values[-1]), 1e-30)]
    if not len(kept):
        return np.zeros((n, 1), np.float32)
    axes = basis @ turned[:, kept]
    return (points @ axes - centre @ axes).astype(np.float32, copy=False)


def distances(a: Floats, b: Floats) -> Floats:
    """Euclidean distances, shape (len(a), len(b))."""
    square = (a * a).sum(1)[:, None] - 2 * (a @ b.T) + (b * b).sum(1)[None, :]
    return np.sqrt(np.maximum(square, 0, out=square), out=square)


def even_parts(points: Floats, k: int, *, seed: int = 0, check: Check = lambda: None) -> Labels:
    """Part of each point by k-means (best of a few starts by k-means++), shape (n,)."""
    best: Labels = np.zeros(len(points), np.uint8)
    least = np.inf
    for attempt in range(TRIES):
        check()
        rng = np.random.default_rng([seed, k, attempt])
        centres = _spread_out(points, k, rng)
        labels = np.full(len(points), -1, np.int64)
        for _ in range(ROUNDS):
            away = distances(points, centres)
            now = away.argmin(axis=1)
            if np.array_equal(now, labels):
                break
            labels = now
            for part in range(k):
                mine = points[labels == part]
                # an emptied part starts again at the point that fits worst
                centres[part] = mine.mean(axis=0) if len(mine) else points[int(away.min(axis=1).argmax())]
        cost = float((distances(points, centres).min(axis=1) ** 2).sum())
        if cost < least - 1e-9:
            best, least = labels.astype(np.uint8), cost
    return best


def _spread_out(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    chosen = [points[int(rng.integers(len(points)))]]
    for _ in range(k - 1):
        near = distances(points, np.array(chosen)).min(axis=1).astype(np.float64) ** 2
        total = float(near.sum())
        at = int(rng.choice(len(points), p=near / total)) if total > 0 else int(rng.integers(len(points)))
        chosen.append(points[at])
    return np.array(chosen, np.float32)


def natural_parts(away: Floats, most: int, least_size: int, *, check: Check = lambda: None) -> list[Labels]:
    """Nested partitions into 2, 3 … at most ``most`` parts along the condensed tree.

    Parameters
    ----------
    away : ndarray of float32, shape (n, n)
        Distances between the points.
    most : int
        Parts of the finest partition wanted; fewer when the tree has no more branches.
    least_size : int
        A branch with fewer points is no part: its points go to the part that is nearest to them.
    check : callable
        Raises to stop.

    Returns
    -------
    list of ndarray of uint8, shape (n,)
        One for each number of parts, coarsest first; empty when the points are of one piece.
    """
    n = len(away)
    near = min(NEIGHBOURS, n - 1)
    core = np.partition(away, near, axis=1)[:, near]
    reach = np.maximum(np.maximum(away, core[:, None]), core[None, :])
    left, right, height, size = _single_linkage(reach, check)
    cuts = _branches(left, right, height, size, n, least_size, most)
    out: list[Labels] = []
    for roots in cuts:
        check()
        part = np.full(n, -1, np.int64)
        for number, root in enumerate(roots):
            part[_leaves(root, left, right, n)] = number
        loose, held = np.flatnonzero(part < 0), np.flatnonzero(part >= 0)
        if len(loose):
            part[loose] = part[held[away[np.ix_(loose, held)].argmin(axis=1)]]
        out.append(part.astype(np.uint8))
    return out


def _single_linkage(reach: Floats, check: Check) -> tuple[Any, Any, Any, Any]:
    """Children, height and size of each merge, as in scipy's ``linkage``; node ``n + i`` is merge ``i``."""
    n = len(reach)
    nearest = np.full(n, np.inf, np.float32)
    parent = np.zeros(n, np.int64)
    outside = np.ones(n, bool)
    edges: list[tuple[float, int, int]] = []
    now = 0
    for step in range(n - 1):  # Prim's tree, one row of the matrix at a time
        if step % 256 == 0:
            check()
        outside[now] = False
        closer = reach[now] < nearest
        nearest[closer] = reach[now][closer]
        parent[closer] = now
        now = int(np.where(outside, nearest, np.inf).argmin())
        edges.append((float(nearest[now]), int(parent[now]), now))
    edges.sort()
    root = list(range(2 * n - 1))
    left, right = np.zeros(n - 1, np.int64), np.zeros(n - 1, np.int64)
    size = np.ones(2 * n - 1, np.int64)

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for i, (_, a, b) in enumerate(edges):
        left[i], right[i] = top(a), top(b)
        root[left[i]] = root[right[i]] = n + i
        size[n + i] = size[left[i]] + size[right[i]]
    return left, right, np.array([e[0] for e in edges]), size


def _branches(
    left: Any, right: Any, height: Any, size: Any, n: int, least_size: int, most: int
) -> list[list[int]]:
    """Roots of the parts after the first, second … real split, highest first."""

    def next_split(node: int) -> int:
        """First node at or below ``node`` whose two children both count; −1 for none."""
        while node >= n:
            a, b = int(left[node - n]), int(right[node - n])
            if size[a] >= least_size and size[b] >= least_size:
                return node
            node = a if size[a] >= size[b] else b
        return -1

    parts, cuts = [2 * n - 2], list[list[int]]()
    ways = {2 * n - 2: next_split(2 * n - 2)}
    while len(parts) < most:
        open_ones = [p for p in parts if ways[p] >= 0]
        if not open_ones:
            break
        part = max(open_ones, key=lambda p: height[ways[p] - n])
        split = ways.pop(part)
        children = [int(left[split - n]), int(right[split - n])]
        for child in children:
            ways[child] = next_split(child)
        parts = [p for p in parts if p != part] + children
        cuts.append(list(parts))
    return cuts


def _leaves(node: int, left: Any, right: Any, n: int) -> list[int]:
    todo, out = [node], list[int]()
    while todo:
        at = todo.pop()
        if at < n:
            out.append(at)
        else:
            todo += (int(left[at - n]), int(right[at - n]))
    return out


def two_sides(points: Floats) -> tuple[float, float]:
    """Cut points in two along their first principal axis: how far apart the sides are, and how alike.

    Returns
    -------
    apart : float
        Ashman's D (Ashman, Bird and Zepf, 1994) of the projections: distance of the means over the root mean
        square of the spreads; above 2 the two sides are separate. 0 for fewer than six points.
    alike : float
        Cosine similarity of the mean directions of the two sides, −1..1.
    """
    n = len(points)
    if n < 6:
        return 0.0, 1.0
    some = points[np.arange(MOST_POINTS) * n // MOST_POINTS] if n > MOST_POINTS else points
    n = len(some)
    centred = some - some.mean(axis=0)
    axis = centred[int((centred * centred).sum(axis=1).argmax())]
    for _ in range(6):  # power iteration
        axis = centred.T @ (centred @ axis)
        axis /= float(np.linalg.norm(axis)) + 1e-12
    places = centred @ axis
    order = np.sort(places)
    count = np.arange(1, n)
    sums = np.cumsum(order)
    low, high = sums[:-1] / count, (sums[-1] - sums[:-1]) / (n - count)
    between = count * (n - count) * (low - high) ** 2  # Otsu's cut
    least = max(2, n // 20)
    cut = int(between[least - 1 : n - least].argmax()) + least - 1
    spread = float(np.sqrt((order[: cut + 1].var() + order[cut + 1 :].var()) / 2))
    apart = float(abs(low[cut] - high[cut])) / max(spread, 1e-6)
    upper = places > (order[cut] + order[cut + 1]) / 2
    if not upper.any() or upper.all():
        return 0.0, 1.0
    a, b = some[~upper].mean(axis=0), some[upper].mean(axis=0)
    return apart, float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)


def silhouette(away: Floats, labels: Labels) -> float:
    """Mean silhouette (Rousseeuw, 1987) of a partition, −1..1; 0 for a single part."""
    k = int(labels.max()) + 1
    if k < 2:
        return 0.0
    member = np.eye(k, dtype=np.float32)[labels]
    counts = member.sum(axis=0)
    sums = away @ member
    own = counts[labels]
    inner = sums[np.arange(len(labels)), labels] / np.maximum(own - 1, 1)
    other = sums / np.maximum(counts, 1)
    other[:, counts == 0] = np.inf
    other[np.arange(len(labels)), labels] = np.inf
    outer = other.min(axis=1)
    value = (outer - inner) / np.maximum(np.maximum(inner, outer), 1e-12)
    return float(np.where(own > 1, value, 0).mean())
