"""UMAP's layout of a neighbour graph, on all cores, and still the same bytes for the same seed.

The weights and the forces are those of UMAP (McInnes et al., arXiv:1802.03426). Instead of moving both ends
of one edge after the other, each item gathers all its forces of an epoch and moves once; items are moved in
sixteen groups, one after the other. What an item does depends on positions and on numbers hashed from (seed,
epoch, item), never on the order in which threads come by.
"""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.batches import default_workers
from shoal.errors import MissingError

__all__ = [
    "curve_parameters",
    "default_epochs",
    "graph_layout",
    "graph_weights",
    "layout_of_neighbours",
    "smooth_start",
]

Floats = npt.NDArray[np.float32]

_GROUPS = 16
_NEGATIVES = 5
_ROUNDS = 60
# With fewer items for each, another thread costs more than it brings.
_ITEMS_FOR_A_THREAD = 2_000


def _epoch(
    starts: Any, ends: Any, rates: Any, place: Any, moved: Any, first: int, last: int,
    epoch: int, step: Any, a: Any, b: Any, negatives: int, seed: Any,
) -> None:  # fmt: skip
    """Move items ``first`` .. ``last`` once; compiled by numba. An edge acts in its rate of all epochs."""
    n, dims = place.shape
    four, two, one = np.float32(4.0), np.float32(2.0), np.float32(1.0)
    now, then = np.float32(epoch), np.float32(epoch + 1)
    for i in range(first, last):
        state = np.uint64(seed) + np.uint64(i) * np.uint64(0x9E3779B97F4A7C15)
        state += np.uint64(epoch) * np.uint64(0xD1B54A32D192ED03)
        state ^= state >> np.uint64(33)
        state *= np.uint64(0xFF51AFD7ED558CCD)
        state ^= state >> np.uint64(33)
        state *= np.uint64(0xC4CEB9FE1A85EC53)
        state = (state ^ (state >> np.uint64(33))) | np.uint64(1)
        move = np.zeros(dims, np.float32)
        for at in range(starts[i], starts[i + 1]):
            rate = rates[at]
            if np.floor(then * rate) == np.floor(now * rate):
                continue
            j = np.int64(ends[at])
            squared = np.float32(0.0)
            for d in range(dims):
                apart = place[i, d] - place[j, d]
                squared += apart * apart
            if squared > 0:
                power = squared ** (b - one)
                pull = two * a * b * power / (one + a * power * squared)
                for d in range(dims):
                    force = pull * (place[j, d] - place[i, d])
                    # twice: UMAP samples the edge from both of its ends, and each time moves both
                    move[d] += two * min(four, max(-four, force))
            for _ in range(negatives):
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                j = np.int64(((state >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))
                squared = np.float32(0.0)
                for d in range(dims):
                    apart = place[i, d] - place[j, d]
                    squared += apart * apart
                if squared > 0:
                    push = two * b / ((np.float32(0.001) + squared) * (one + a * squared**b))
                    for d in range(dims):
                        force = push * (place[i, d] - place[j, d])
                        move[d] += min(four, max(-four, force))
        for d in range(dims):
            moved[i, d] = place[i, d] + step * move[d]


@lru_cache(maxsize=1)
def _compiled() -> Any:
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError as error:
        raise MissingError(
            "The map needs the package numba", hint='pip install "shoal[cluster]", then try again.'
        ) from error
    return numba.njit(nogil=True, fastmath=True, cache=True)(_epoch)


@lru_cache(maxsize=8)
def curve_parameters(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """Parameters a, b of 1 / (1 + a d^2b), fitted to UMAP's plateau and its exponential tail."""
    optimize: Any = importlib.import_module("scipy.optimize")
    x = np.linspace(0.0, 3.0 * spread, 300)
    y = np.where(x < min_dist, 1.0, np.exp(-(x - min_dist) / spread))
    (a, b), _ = optimize.curve_fit(lambda d, a, b: 1.0 / (1.0 + a * d ** (2.0 * b)), x, y)
    return float(a), float(b)


def graph_weights(indices: npt.NDArray[np.int32], distances: Floats) -> Any:
    """UMAP's fuzzy union of the neighbourhoods.

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As in `NeighbourGraph`: without the items themselves.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n, n), float32
        Symmetric, 0..1: membership strengths with the local distance taken off, scaled so that those of an
        item add up to log2(k + 1), then ``a + b − a b`` of both directions.
    """
    sparse: Any = importlib.import_module("scipy.sparse")
    n, k = indices.shape
    if n == 0 or k == 0:
        return sparse.csr_matrix((n, n), dtype=np.float32)
    far = distances.astype(np.float64)
    finite = np.isfinite(far)
    nearest = np.where(far > 0, far, np.inf).min(axis=1)
    beyond = np.maximum(far - np.where(np.isfinite(nearest), nearest, 0.0)[:, None], 0.0)
    scale = _scales(beyond, finite, np.log2(k + 1))
    strength = np.where(beyond > 0, np.exp(-beyond / scale[:, None]), 1.0) * finite
    rows = np.repeat(np.arange(n, dtype=np.int32), k)
    one_way = sparse.csr_matrix(
        (strength.astype(np.float32).ravel(), (rows, indices.ravel())), shape=(n, n), dtype=np.float32
    )
    one_way.setdiag(0.0)
    other = one_way.T.tocsr()
    union = (one_way + other - one_way.multiply(other)).tocsr()
    union.eliminate_zeros()
    union.sort_indices()
    return union


def _scales(
    beyond: npt.NDArray[np.float64], finite: npt.NDArray[np.bool_], target: float
) -> npt.NDArray[np.float64]:
    """Find by bisection the scale at which the strengths of an item add up to the target."""
    n = len(beyond)
    low, high = np.zeros(n), np.full(n, np.inf)
    scale = np.ones(n)
    for _ in range(32):
        total = (np.exp(-beyond / scale[:, None]) * finite).sum(axis=1)
        above = total > target
        high = np.where(above, scale, high)
        low = np.where(above, low, scale)
        scale = np.where(np.isinf(high), scale * 2.0, (low + high) / 2.0)
    known = np.where(finite, beyond, 0.0)
    mean_of_row = known.sum(axis=1) / np.maximum(finite.sum(axis=1), 1)
    least = 1e-3 * np.where(mean_of_row > 0, mean_of_row, max(float(known.mean()), 1e-12))
    return np.maximum(scale, least)


def smooth_start(weights: Any, space: Floats, dims: int) -> Floats:
    """Start the layout: principal components, smoothed along the graph towards its first eigenvectors.

    Sixty rounds of subspace iteration cost a fraction of a second where an eigensolver takes many, and
    islands of the graph stay where their principal components are. The largest coordinate is 10, as in UMAP.
    """
    sparse: Any = importlib.import_module("scipy.sparse")
    degree = np.asarray(weights.sum(axis=1), dtype=np.float64).ravel()
    root = np.sqrt(np.maximum(degree, 1e-12))
    scaled = (
        sparse.diags((1.0 / root).astype(np.float32))
        @ weights
        @ sparse.diags((1.0 / root).astype(np.float32))
    )
    constant = (root / np.linalg.norm(root)).astype(np.float32)
    start = np.zeros((len(space), dims), dtype=np.float32)
    start[:, : min(dims, space.shape[1])] = space[:, :dims]
    start *= root[:, None].astype(np.float32)
    for turn in range(_ROUNDS):
        start = 0.5 * (start + scaled @ start)
        if turn % 5 == 4:
            start -= np.outer(constant, constant @ start)
            start, _ = np.linalg.qr(start)
    start /= root[:, None].astype(np.float32)
    return (start / max(float(np.abs(start).max()), 1e-12) * 10.0).astype(np.float32)


def graph_layout(weights: Any, start: Floats, *, min_dist: float, epochs: int, seed: int) -> Floats:
    """Lay a weighted graph out.

    Parameters
    ----------
    weights : scipy.sparse.csr_matrix, shape (n, n)
        Symmetric, from `graph_weights`.
    start : ndarray of float32, shape (n, dims)
        First positions.
    min_dist : float
        UMAP's, 0..1.
    epochs : int
        Rounds; the steps shrink from 1 to 0.
    seed : int
        Of the items that are pushed away.

    Returns
    -------
    ndarray of float32, shape (n, dims)
    """
    n = weights.shape[0]
    move = _compiled()
    a, b = (np.float32(value) for value in curve_parameters(min_dist))
    rates = (weights.data / max(float(weights.data.max(initial=0.0)), 1e-12)).astype(np.float32)
    kept = rates >= 1.0 / epochs
    counts = np.concatenate([[0], np.cumsum(kept)])
    starts = counts[weights.indptr].astype(np.int64)
    ends, rates = weights.indices[kept].astype(np.int32), rates[kept]
    place = np.ascontiguousarray(start, dtype=np.float32).copy()
    moved = place.copy()
    groups = np.linspace(0, n, _GROUPS + 1).astype(np.int64)
    workers = min(default_workers(), max(1, n // _ITEMS_FOR_A_THREAD))
    with ThreadPoolExecutor(workers, thread_name_prefix="shoal-layout") as pool:
        for epoch in range(epochs):
            step = np.float32(1.0 - epoch / epochs)
            for first, last in pairwise(groups.tolist()):
                given = (epoch, step, a, b, _NEGATIVES, np.uint64(seed))
                if workers == 1:
                    move(starts, ends, rates, place, moved, first, last, *given)
                else:
                    cuts = np.linspace(first, last, workers + 1).astype(int).tolist()
                    parts = pairwise(cuts)
                    jobs = [
                        pool.submit(move, starts, ends, rates, place, moved, s, t, *given) for s, t in parts
                    ]
                    for job in jobs:
                        job.result()
                place[first:last] = moved[first:last]
    return place


def default_epochs(n: int) -> int:
    """Rounds that a layout of n items gets: 300 up to 10,000 items, 150 up to 250,000, 100 above."""
    return 300 if n <= 10_000 else 150 if n <= 250_000 else 100


def layout_of_neighbours(
    indices: npt.NDArray[np.int32],
    distances: Floats,
    space: Floats,
    *,
    dims: int,
    min_dist: float,
    seed: int,
    epochs: int | None = None,
) -> Floats:
    """UMAP of a neighbour graph in ``dims`` dimensions; the same seed gives the same bytes.

    ``epochs`` is by default that of `default_epochs`; ``space`` holds the principal components that the
    layout starts from.
    """
    weights = graph_weights(indices, distances)
    epochs = default_epochs(len(indices)) if epochs is None else epochs
    return graph_layout(
        weights, smooth_start(weights, space, dims), min_dist=min_dist, epochs=epochs, seed=seed
    )
