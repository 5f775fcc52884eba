"""Groups by centres, by joining, and by communities of the neighbour graph."""

from __future__ import annotations

import importlib
import random
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.seeds import derived_seed, seeded
from shoal.errors import BadInputError, MissingError
from shoal.steps.reduction import principal_components

__all__ = [
    "agglomerative",
    "best_kmeans",
    "leiden",
    "margins",
    "medoids",
    "number_by_size",
    "score_partition",
]

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]

_KMEANS_DIMS = 50
_SCORED_ROWS = 4000
# All pairs of items: 20,000 make 3.2 GB of distances.
_MOST_AGGLOMERATIVE = 20_000


def package(name: str) -> Any:
    """Import a package of the extra ``cluster``, or say how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(
            f"Clustering needs the package {name.split('.')[0]}",
            hint='pip install "shoal[cluster]", then try again.',
        ) from error


def number_by_size(labels: npt.NDArray[np.integer], *, least: int = 1) -> Labels:
    """Renumber clusters 0, 1, … by falling size; clusters below ``least`` items become noise (−1).

    Equal sizes are ordered by their first item, so the numbers do not depend on the method's own order.
    """
    names, first, inverse, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    kept = order[(names[order] >= 0) & (sizes[order] >= least)]
    number = np.full(len(names), -1, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return number[inverse.ravel()] if len(names) else np.empty(0, dtype=np.int32)


def score_partition(vectors: Vectors, labels: Labels, seed: int) -> float:
    """Silhouette (cosine, Rousseeuw 1987) of the clustered items × their share; −1 without two clusters.

    Measured in the original space, so that partitions found in different reduced spaces can be compared; on a
    seeded sample of at most 4,000 rows.
    """
    members = np.flatnonzero(labels >= 0)
    coverage = len(members) / max(1, len(labels))
    if len(members) > _SCORED_ROWS:
        members = np.sort(seeded(seed, "silhouette").choice(members, _SCORED_ROWS, replace=False))
    found = np.unique(labels[members])
    if len(found) < 2 or len(found) >= len(members):
        return -1.0
    metrics = package("sklearn.metrics")
    return float(metrics.silhouette_score(vectors[members], labels[members], metric="cosine")) * coverage


def centroids(vectors: Vectors, labels: Labels) -> npt.NDArray[np.float64]:
    """Mean vector of each cluster, shape (n_clusters, n_dims); one pass, whatever their number."""
    n = int(labels.max(initial=-1)) + 1
    sums = np.zeros((n, vectors.shape[1]), dtype=np.float64)
    order = np.argsort(labels, kind="stable")
    order = order[np.searchsorted(labels[order], 0) :]
    if n:
        starts = np.searchsorted(labels[order], np.arange(n))
        for at, (start, stop) in enumerate(zip(starts, [*starts[1:].tolist(), len(order)], strict=True)):
            sums[at] = vectors[order[start:stop]].mean(axis=0, dtype=np.float64)
    return sums


def medoids(vectors: Vectors, labels: Labels) -> npt.NDArray[np.int64]:
    """Row of each cluster's medoid: the item with the largest mean cosine similarity to its cluster."""
    n = int(labels.max(initial=-1)) + 1
    middle = centroids(vectors, labels).astype(np.float32)
    result = np.zeros(n, dtype=np.int64)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(n + 1))
    for number in range(n):
        rows = order[bounds[number] : bounds[number + 1]]
        lengths = np.maximum(np.linalg.norm(vectors[rows], axis=1), 1e-12)
        result[number] = rows[int(np.argmax(vectors[rows] @ middle[number] / lengths))]
    return result


def margins(vectors: Vectors, labels: Labels) -> npt.NDArray[np.float32]:
    """How much nearer an item is to its own centroid than to the next one: 1 − d₁/d₂, 0..1; 0 for noise."""
    result = np.zeros(len(labels), dtype=np.float32)
    n = int(labels.max(initial=-1)) + 1
    if n == 1:
        result[labels == 0] = 1.0
    if n < 2:
        return result
    middle = centroids(vectors, labels).astype(np.float32)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(n + 1))
    for c in range(n):
        rows = order[bounds[c] : bounds[c + 1]]
        squared = np.square(vectors[rows]).sum(axis=1)[:, None] + np.square(middle).sum(axis=1)
        distance = np.sqrt(np.maximum(squared - 2.0 * (vectors[rows] @ middle.T), 0.0))
        own = distance[:, c].copy()
        distance[:, c] = np.inf
        result[rows] = np.clip(1.0 - own / np.maximum(distance.min(axis=1), 1e-12), 0.0, 1.0)
    return result


def _kmeans(vectors: Vectors, n_clusters: int, seed: int) -> Labels:
    clusterers, limits = package("sklearn.cluster"), package("threadpoolctl")
    # Threads add up partial sums in any order; one thread gives the same bytes every time.
    with limits.threadpool_limits(limits=1):
        model = clusterers.KMeans(n_clusters, n_init=4, random_state=derived_seed(seed, "kmeans", n_clusters))
        return np.asarray(model.fit_predict(vectors.astype(np.float64)), dtype=np.int32)


def best_kmeans(vectors: Vectors, n_clusters: int | None, seed: int) -> tuple[Labels, dict[str, Any]]:
    """k-means on 50 components; without a number, that with the best silhouette of some from 2 to 50."""
    distinct = len(np.unique(vectors, axis=0))
    space = principal_components(vectors, _KMEANS_DIMS)
    if n_clusters is not None:
        return _kmeans(space, min(n_clusters, distinct), seed), {}
    tried = [
        k
        for k in (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
        if k <= min(distinct - 1, len(vectors) // 3)
    ]
    best: tuple[float, Labels, int] | None = None
    for k in tried:
        labels = _kmeans(space, k, seed)
        score = score_partition(vectors, labels, seed)
        if best is None or score > best[0]:
            best = (score, labels, k)
    if best is None:
        return np.zeros(len(vectors), dtype=np.int32), {"chosen_n_clusters": 1}
    return best[1], {"chosen_n_clusters": best[2]}


def agglomerative(vectors: Vectors, n_clusters: int | None, threshold: float | None) -> Labels:
    """Average linkage on cosine distances, to a number of clusters or up to a distance.

    Raises
    ------
    BadInputError
        There are more items than all pairs of them can be compared: 20,000.
    """
    if len(vectors) > _MOST_AGGLOMERATIVE:
        raise BadInputError(
            f"Agglomerative clustering compares all pairs, and {len(vectors)} items are too many for that",
            hint=f'Use method="hdbscan" or "leiden" above {_MOST_AGGLOMERATIVE} items.',
        )
    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=np.int32)
    clusterers = package("sklearn.cluster")
    model = clusterers.AgglomerativeClustering(
        n_clusters=None if n_clusters is None else min(n_clusters, len(vectors)),
        distance_threshold=threshold if n_clusters is None else None,
        metric="cosine",
        linkage="average",
    )
    return np.asarray(model.fit_predict(vectors.astype(np.float64)), dtype=np.int32)


def leiden(weights: Any, *, resolution: float, seed: int) -> tuple[Labels, npt.NDArray[np.float32]]:
    """Communities of the neighbour graph (Traag et al., 2019), by igraph.

    Parameters
    ----------
    weights : scipy.sparse matrix, shape (n, n)
        Symmetric.
    resolution : float
        Of the modularity; larger makes more communities.
    seed : int
        igraph's random numbers come from here.

    Returns
    -------
    tuple of ndarray
        Labels, and the share of each item's edge weight that stays in its community, 0..1.
    """
    igraph, sparse = package("igraph"), package("scipy.sparse")
    upper = sparse.triu(weights, 1).tocoo()
    graph = igraph.Graph(n=weights.shape[0], edges=np.stack([upper.row, upper.col], axis=1))
    # igraph has one generator for the whole process: ours for this call, Python's again afterwards
    igraph.set_random_number_generator(random.Random(derived_seed(seed, "leiden")))
    try:
        found = graph.community_leiden(
            "modularity", weights=upper.data.astype(float), resolution=resolution, n_iterations=5
        )
    finally:
        igraph.set_random_number_generator(random)
    labels = np.asarray(found.membership, dtype=np.int32)
    edges = weights.tocoo()
    inside = labels[edges.row] == labels[edges.col]
    within = np.bincount(edges.row, weights=edges.data * inside, minlength=len(labels))
    total = np.bincount(edges.row, weights=edges.data, minlength=len(labels))
    return labels, np.divide(within, total, out=np.ones(len(labels)), where=total > 0).astype(np.float32)
