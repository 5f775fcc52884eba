"""Groups of similar items: HDBSCAN, k-means or agglomerative."""

from __future__ import annotations

import importlib
import time
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.registry import entries
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed, seeded
from shoal.data.tables import Clusters, Embeddings
from shoal.errors import BadInputError, MissingError
from shoal.steps.reduction import finite_rows, principal_components, umap_embedding

__all__ = ["cluster", "number_by_size"]

Method = Literal["hdbscan", "kmeans", "agglomerative"]
Reduce = Literal["auto", "pca", "umap", "none"]

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]

# Chosen by measurement on rendered characters, film and faces: a few characters separate best on ten
# components, many identities only on a UMAP of fifty. "auto" tries both and keeps what the vectors themselves
# say is better.
_PCA_DIMS = 10
_UMAP_FROM, _UMAP_DIMS, _UMAP_NEIGHBORS = 50, 5, 15
_LEAST_FOR_UMAP = 20
_SCORED_ROWS = 4000
# All pairs of items: 20,000 make 3.2 GB of distances.
_MOST_AGGLOMERATIVE = 20_000
_DEFAULT_DISTANCE = 0.45


def number_by_size(labels: npt.NDArray[np.integer], *, least: int = 1) -> Labels:
    """Renumber clusters 0, 1, … by falling size; clusters below ``least`` items become noise (−1).

    Equal sizes are ordered by their first item, so the numbers do not depend on the method's own order.
    """
    result = np.full(len(labels), -1, dtype=np.int32)
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    kept = [
        (-int(n), int(at), int(c))
        for c, at, n in zip(names, first, sizes, strict=True)
        if c >= 0 and n >= least
    ]
    for number, (_, _, name) in enumerate(sorted(kept)):
        result[labels == name] = number
    return result


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(
            f"Clustering needs the package {name.split('.')[0]}",
            hint='pip install "shoal[cluster]", then try again.',
        ) from error


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _reduced(vectors: Vectors, how: str, seed: int) -> Vectors:
    if how == "pca":
        # of unit length again, so that distance is direction: cosine on the components that matter
        return _unit(principal_components(vectors, _PCA_DIMS))
    if how == "umap":
        start = principal_components(vectors, _UMAP_FROM)
        dims = min(_UMAP_DIMS, start.shape[1])
        return umap_embedding(
            start, dims=dims, n_neighbors=_UMAP_NEIGHBORS, min_dist=0.0, seed=derived_seed(seed, "cluster")
        )
    return vectors


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
    metrics = _package("sklearn.metrics")
    return float(metrics.silhouette_score(vectors[members], labels[members], metric="cosine")) * coverage


def _hdbscan(
    vectors: Vectors, min_cluster_size: int, min_samples: int
) -> tuple[Labels, npt.NDArray[np.float32]]:
    n = len(vectors)
    if n < max(min_cluster_size, min_samples + 1):
        return np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)
    hdbscan = _package("hdbscan")
    model = hdbscan.HDBSCAN(
        min_cluster_size=min_cluster_size,
        min_samples=min_samples,
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    )
    labels = np.asarray(model.fit_predict(vectors.astype(np.float64)), dtype=np.int32)
    probability = np.nan_to_num(np.asarray(model.probabilities_, dtype=np.float32), nan=1.0)
    return labels, np.clip(probability, 0.0, 1.0)


def _best_hdbscan(
    vectors: Vectors, reduce: str, min_cluster_size: int, min_samples: int, seed: int
) -> tuple[Labels, npt.NDArray[np.float32], dict[str, Any]]:
    """Cluster in the asked space, or in each candidate of ``"auto"``, and keep the better partition."""
    candidates = [reduce]
    if reduce == "auto":
        candidates = ["pca", "umap"] if len(vectors) >= _LEAST_FOR_UMAP else ["pca"]
    best: tuple[float, Labels, npt.NDArray[np.float32], str] | None = None
    scores: dict[str, float] = {}
    for how in candidates:
        labels, probability = _hdbscan(_reduced(vectors, how, seed), min_cluster_size, min_samples)
        score = score_partition(vectors, labels, seed) if len(candidates) > 1 else 0.0
        scores[how] = round(score, 4)
        if best is None or score > best[0]:
            best = (score, labels, probability, how)
    if best is None:
        raise BadInputError(f"reduce={reduce!r} is unknown", hint='Pass "auto", "pca", "umap" or "none".')
    facts: dict[str, Any] = {"space": best[3]}
    if len(candidates) > 1:
        facts["scores"] = scores
    return best[1], best[2], facts


def _margins(vectors: Vectors, labels: Labels) -> npt.NDArray[np.float32]:
    """How much nearer an item is to its own centroid than to the next one: 1 − d₁/d₂, 0..1; 0 for noise."""
    result = np.zeros(len(labels), dtype=np.float32)
    n = int(labels.max()) + 1 if len(labels) else 0
    if n == 1:
        result[labels == 0] = 1.0
    if n < 2:
        return result
    centroids = np.stack([vectors[labels == c].mean(axis=0) for c in range(n)])
    for c in range(n):
        rows = np.flatnonzero(labels == c)
        squared = np.square(vectors[rows]).sum(axis=1)[:, None] + np.square(centroids).sum(axis=1)
        distance = np.sqrt(np.maximum(squared - 2.0 * (vectors[rows] @ centroids.T), 0.0))
        own = distance[:, c].copy()
        distance[:, c] = np.inf
        result[rows] = np.clip(1.0 - own / np.maximum(distance.min(axis=1), 1e-12), 0.0, 1.0)
    return result


def _kmeans(vectors: Vectors, n_clusters: int, seed: int) -> Labels:
    clusterers, limits = _package("sklearn.cluster"), _package("threadpoolctl")
    # Threads add up partial sums in any order; one thread gives the same bytes every time.
    with limits.threadpool_limits(limits=1):
        model = clusterers.KMeans(n_clusters, n_init=4, random_state=derived_seed(seed, "kmeans", n_clusters))
        return np.asarray(model.fit_predict(vectors.astype(np.float64)), dtype=np.int32)


def _best_kmeans(vectors: Vectors, n_clusters: int | None, seed: int) -> tuple[Labels, dict[str, Any]]:
    distinct = len(np.unique(vectors, axis=0))
    space = principal_components(vectors, _UMAP_FROM)
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


def _agglomerative(vectors: Vectors, n_clusters: int | None, threshold: float | None) -> Labels:
    if len(vectors) > _MOST_AGGLOMERATIVE:
        raise BadInputError(
            f"Agglomerative clustering compares all pairs, and {len(vectors)} items are too many for that",
            hint=f'Use method="hdbscan" above {_MOST_AGGLOMERATIVE} items.',
        )
    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=np.int32)
    clusterers = _package("sklearn.cluster")
    model = clusterers.AgglomerativeClustering(
        n_clusters=None if n_clusters is None else min(n_clusters, len(vectors)),
        distance_threshold=threshold if n_clusters is None else None,
        metric="cosine",
        linkage="average",
    )
    return np.asarray(model.fit_predict(vectors.astype(np.float64)), dtype=np.int32)


def _default_threshold(model: str) -> float:
    """Cosine distance of the model's calibrated similarity, where the registry has one."""
    known = [e.threshold for e in entries("embedding") if e.name == model]
    return 1.0 - known[0] if known and known[0] is not None else _DEFAULT_DISTANCE


def _check(method: str, reduce: str, min_cluster_size: int, min_samples: int, n_clusters: int | None) -> None:
    if method not in ("hdbscan", "kmeans", "agglomerative"):
        raise BadInputError(
            f"method={method!r} is unknown", hint='Pass "hdbscan", "kmeans" or "agglomerative".'
        )
    if reduce not in ("auto", "pca", "umap", "none"):
        raise BadInputError(f"reduce={reduce!r} is unknown", hint='Pass "auto", "pca", "umap" or "none".')
    if min_cluster_size < 2 or min_samples < 1:
        raise BadInputError(
            f"min_cluster_size={min_cluster_size}, min_samples={min_samples} is out of range",
            hint="min_cluster_size is 2 or more, min_samples 1 or more.",
        )
    if n_clusters is not None and n_clusters < 1:
        raise BadInputError(f"n_clusters={n_clusters} is below 1", hint="Pass 1 or more, or None.")


def cluster(
    embeddings: Embeddings,
    *,
    method: Method = "hdbscan",
    min_cluster_size: int = 12,
    min_samples: int = 2,
    reduce: Reduce = "auto",
    n_clusters: int | None = None,
    threshold: float | None = None,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Clusters:
    """Group the items; what fits nowhere is noise.

    Parameters
    ----------
    embeddings : Embeddings
        NaN rows (pictures that could not be read) become noise.
    method : {"hdbscan", "kmeans", "agglomerative"}
        ``"hdbscan"`` finds groups of any number by density and leaves outliers as noise. ``"kmeans"`` gives
        every item to one of ``n_clusters`` centres. ``"agglomerative"`` joins by average cosine distance up
        to ``threshold``.
    min_cluster_size : int
        Least size of a cluster, for ``"hdbscan"``; for ``"agglomerative"`` smaller groups become noise,
        unless ``n_clusters`` is given.
    min_samples : int
        HDBSCAN's: larger makes more noise.
    reduce : {"auto", "pca", "umap", "none"}
        The space HDBSCAN works in: 10 principal components, a 5-D UMAP of 50, or the vectors as they are.
        ``"auto"`` does both of the first and keeps the partition with the higher silhouette × coverage in the
        original space; ``meta["space"]`` says which.
    n_clusters : int, optional
        For ``"kmeans"`` (default: the number with the best silhouette) and ``"agglomerative"``.
    threshold : float, optional
        Cosine distance, 0..2, at which agglomerative joining stops; default the model's calibrated one, or
        0.45.
    seed : int
        The same seed gives the same bytes.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Clusters
        Labels numbered by size. ``probability`` is HDBSCAN's membership strength, or for the other methods
        the margin 1 − d₁/d₂ between the nearest two centroids.

    Raises
    ------
    BadInputError
        An argument is out of range.
    MissingError
        hdbscan, scikit-learn or umap-learn is not installed.
    """
    _check(method, reduce, min_cluster_size, min_samples, n_clusters)
    started = time.perf_counter()
    rows = finite_rows(embeddings.vectors)
    vectors = embeddings.vectors[rows]
    labels = np.full(len(embeddings), -1, dtype=np.int32)
    probability = np.zeros(len(embeddings), dtype=np.float32)
    facts: dict[str, Any] = {}
    with show(f"Clustering ({method})", 1, progress, unit="runs") as bar:
        if len(rows) and method == "hdbscan":
            found, strength, facts = _best_hdbscan(vectors, reduce, min_cluster_size, min_samples, seed)
            labels[rows] = number_by_size(found)
            probability[rows] = np.where(found >= 0, strength, 0.0)
        elif len(rows):
            if method == "kmeans":
                found, facts = _best_kmeans(vectors, n_clusters, seed)
                numbered = number_by_size(found)
            else:
                cut = threshold if threshold is not None else _default_threshold(embeddings.model)
                facts = {"threshold": cut}
                found = _agglomerative(vectors, n_clusters, cut)
                numbered = number_by_size(found, least=min_cluster_size if n_clusters is None else 1)
            labels[rows] = numbered
            probability[rows] = _margins(vectors, numbered)
        bar.update()
    return Clusters(
        labels=labels,
        probability=probability,
        method=method,
        meta={
            "min_cluster_size": min_cluster_size,
            "min_samples": min_samples,
            "reduce": reduce,
            "n_clusters": n_clusters,
            "seed": seed,
            **facts,
            "seconds": round(time.perf_counter() - started, 3),
        },
    )
