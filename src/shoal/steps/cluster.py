"""Groups of similar items: HDBSCAN, Leiden, k-means or agglomerative."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.registry import entries
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Clusters, ClusterTree, Embeddings
from shoal.errors import BadInputError
from shoal.steps.density import (
    DensityClusters,
    Selection,
    certain_neighbours,
    condensed_tree,
    density_clusters,
)
from shoal.steps.layout import graph_weights, layout_of_neighbours
from shoal.steps.neighbours import NeighbourGraph, shared_graph
from shoal.steps.partitions import (
    agglomerative,
    best_kmeans,
    leiden,
    margins,
    medoids,
    number_by_size,
    score_partition,
)

__all__ = ["cluster", "number_by_size", "score_partition"]

Method = Literal["hdbscan", "leiden", "kmeans", "agglomerative"]
Reduce = Literal["auto", "pca", "umap", "none"]
_METHODS = ("hdbscan", "leiden", "kmeans", "agglomerative")
_SELECTIONS = ("modularity", "eom", "leaf")

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]

# Chosen by measurement (docs/decisions/0010): HDBSCAN's tree is best in a UMAP of five dimensions, for few
# characters as for many identities; below twenty items there is nothing to lay out.
_GRAPH_K, _GRAPH_PCA = 14, 50
_PCA_DIMS, _UMAP_DIMS = 10, 5
_LEAST_FOR_UMAP = 20
_DEFAULT_DISTANCE = 0.45


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _space(vectors: Vectors, graph: NeighbourGraph, how: str, seed: int) -> Vectors:
    """The space that HDBSCAN works in."""
    if how == "umap" and len(graph) > 2:
        return layout_of_neighbours(
            graph.indices,
            graph.distances,
            graph.space,
            dims=_UMAP_DIMS,
            min_dist=0.0,
            seed=derived_seed(seed, "cluster"),
        )
    if how == "none":
        return vectors
    # of unit length again, so that distance is direction: cosine on the components that matter
    return _unit(graph.space[:, :_PCA_DIMS])


def _by_density(
    vectors: Vectors,
    graph: NeighbourGraph,
    *,
    reduce: str,
    min_cluster_size: int,
    min_samples: int,
    selection: Selection,
    resolution: float,
    seed: int,
) -> tuple[DensityClusters, dict[str, Any]]:
    how = ("umap" if len(vectors) >= _LEAST_FOR_UMAP else "pca") if reduce == "auto" else reduce
    space = _space(vectors, graph, how, seed)
    tree = condensed_tree(space, min_cluster_size=min_cluster_size, min_samples=min_samples)
    k = certain_neighbours(min_cluster_size)
    weights = (
        graph_weights(graph.indices[:, :k], graph.distances[:, :k]) if selection == "modularity" else None
    )
    found = density_clusters(tree, selection=selection, weights=weights, resolution=resolution)
    return found, {"space": how}


def _default_threshold(embeddings: Embeddings) -> float:
    """Cosine distance of the model's calibrated similarity: as the vectors say, or the registry."""
    told = embeddings.meta.get("threshold")
    known = [told, *(e.threshold for e in entries("embedding") if e.name == embeddings.model)]
    return next((1.0 - float(value) for value in known if value is not None), _DEFAULT_DISTANCE)


def _check(given: dict[str, Any]) -> None:
    if given["method"] not in _METHODS:
        raise BadInputError(f"method={given['method']!r} is unknown", hint=f"Pass one of {_METHODS}.")
    if given["reduce"] not in ("auto", "pca", "umap", "none"):
        raise BadInputError(
            f"reduce={given['reduce']!r} is unknown", hint='Pass "auto", "pca", "umap" or "none".'
        )
    if given["selection"] not in _SELECTIONS:
        raise BadInputError(
            f"selection={given['selection']!r} is unknown", hint=f"Pass one of {_SELECTIONS}."
        )
    least = {"min_cluster_size": 2, "min_samples": 1}
    for name, low in least.items():
        if given[name] < low:
            raise BadInputError(f"{name}={given[name]} is out of range", hint=f"It is {low} or more.")
    if given["n_clusters"] is not None and given["n_clusters"] < 1:
        raise BadInputError(f"n_clusters={given['n_clusters']} is below 1", hint="Pass 1 or more, or None.")
    if not given["resolution"] > 0.0:
        raise BadInputError(
            f"resolution={given['resolution']} is not above 0",
            hint="1.0 is usual; larger makes more clusters.",
        )


def spread_tree(tree: ClusterTree, rows: npt.NDArray[np.int64], n: int) -> ClusterTree:
    """The tree of some rows as that of all."""
    home, left = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)
    home[rows], left[rows] = tree.home, tree.left
    return replace(tree, home=home, left=left)


def ordered_nodes(chosen: npt.NDArray[np.int32], found: Labels, numbered: Labels) -> npt.NDArray[np.int32]:
    """Nodes of the clusters in the order of their final numbers."""
    result = np.zeros(len(chosen), dtype=np.int32)
    member = found >= 0
    result[numbered[member]] = chosen[found[member]]
    return result


def cluster(
    embeddings: Embeddings,
    *,
    method: Method = "hdbscan",
    min_cluster_size: int = 12,
    min_samples: int = 2,
    selection: Selection = "modularity",
    resolution: float = 1.0,
    reduce: Reduce = "auto",
    n_clusters: int | None = None,
    threshold: float | None = None,
    graph: NeighbourGraph | None = None,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Clusters:
    """Group the items; what fits nowhere is noise.

    Parameters
    ----------
    embeddings : Embeddings
        NaN rows (pictures that could not be read) become noise.
    method : {"hdbscan", "leiden", "kmeans", "agglomerative"}
        ``"hdbscan"`` finds groups of any number by density and leaves outliers as noise. ``"leiden"`` finds
        communities of the neighbour graph. ``"kmeans"`` gives every item to one of ``n_clusters`` centres.
        ``"agglomerative"`` joins by average cosine distance up to ``threshold``.
    min_cluster_size : int
        Least size of a cluster, for ``"hdbscan"``; for ``"leiden"`` and ``"agglomerative"`` smaller groups
        become noise (for the latter unless ``n_clusters`` is given).
    min_samples : int
        HDBSCAN's: larger makes more noise.
    selection : {"modularity", "eom", "leaf"}
        Which groups of HDBSCAN's tree become clusters: those that the neighbour graph holds together best,
        or HDBSCAN's own excess of mass, or the leaves (most, smallest).
    resolution : float
        Above 0, for ``"modularity"`` and ``"leiden"``: larger makes more, smaller clusters.
    reduce : {"auto", "pca", "umap", "none"}
        The space HDBSCAN works in: 10 principal components, a 5-D UMAP of 50, or the vectors as they are.
        ``"auto"`` is UMAP from 20 items on; ``meta["space"]`` says which.
    n_clusters : int, optional
        For ``"kmeans"`` (default: the number with the best silhouette) and ``"agglomerative"``.
    threshold : float, optional
        Cosine distance, 0..2, at which agglomerative joining stops; default the model's calibrated one, or
        0.45.
    graph : NeighbourGraph, optional
        From `neighbours`. Default: made here, with 14 neighbours on 50 components, and kept for `project`.
    seed : int
        The same seed gives the same bytes.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Clusters
        Labels numbered by size, with the medoid of each cluster. ``probability`` is HDBSCAN's membership
        strength, for ``"leiden"`` the share of an item's neighbourhood in its own cluster, and for the other
        methods the margin 1 − d₁/d₂ between the nearest two centroids. With ``"hdbscan"`` also exemplars and
        the condensed tree.

    Raises
    ------
    BadInputError
        An argument is out of range.
    MissingError
        hdbscan, scikit-learn, numba or igraph is not installed.
    """
    params: dict[str, Any] = {
        "method": method, "min_cluster_size": min_cluster_size, "min_samples": min_samples,
        "selection": selection, "resolution": resolution, "reduce": reduce, "n_clusters": n_clusters,
    }  # fmt: skip
    _check(params)
    started = time.perf_counter()
    n = len(embeddings)
    labels, probability = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)
    exemplar: npt.NDArray[np.bool_] | None = None
    tree: ClusterTree | None = None
    facts: dict[str, Any] = {}
    with show(f"Clustering ({method})", 2, progress, unit="stages") as bar:
        shared = shared_graph(embeddings, graph, k=_GRAPH_K, pca=_GRAPH_PCA, seed=seed)
        bar.update()
        rows = shared.rows
        vectors = embeddings.vectors if len(rows) == n else embeddings.vectors[rows]
        if len(rows) and method == "hdbscan":
            found, facts = _by_density(
                vectors, shared, reduce=reduce, min_cluster_size=min_cluster_size, min_samples=min_samples,
                selection=selection, resolution=resolution, seed=seed,
            )  # fmt: skip
            labels[rows] = number_by_size(found.labels)
            probability[rows] = found.probability
            exemplar = np.zeros(n, dtype=bool)
            exemplar[rows] = found.exemplar
            chosen = ordered_nodes(found.tree.chosen, found.labels, labels[rows])
            tree = spread_tree(replace(found.tree, chosen=chosen), rows, n)
        elif len(rows):
            labels[rows], probability[rows], facts = _by_partition(
                embeddings, vectors, shared, params, threshold, seed
            )
        bar.update()
    return Clusters(
        labels=labels,
        probability=probability,
        method=method,
        meta={
            **{name: value for name, value in params.items() if name != "method"},
            "seed": seed,
            **facts,
            "seconds": round(time.perf_counter() - started, 3),
        },
        medoids=medoids(embeddings.vectors, labels),
        exemplar=exemplar,
        tree=tree,
    )


def _by_partition(
    embeddings: Embeddings,
    vectors: Vectors,
    graph: NeighbourGraph,
    params: dict[str, Any],
    threshold: float | None,
    seed: int,
) -> tuple[Labels, npt.NDArray[np.float32], dict[str, Any]]:
    """Labels by size, probabilities and facts of the methods that have no tree."""
    least, n_clusters = params["min_cluster_size"], params["n_clusters"]
    if params["method"] == "leiden":
        weights = graph_weights(graph.indices, graph.distances)
        found, share = leiden(weights, resolution=params["resolution"], seed=seed)
        labels = number_by_size(found, least=least)
        return labels, np.where(labels >= 0, share, 0.0).astype(np.float32), {}
    if params["method"] == "kmeans":
        found, facts = best_kmeans(vectors, n_clusters, seed)
        labels = number_by_size(found)
    else:
        cut = threshold if threshold is not None else _default_threshold(embeddings)
        facts = {"threshold": cut}
        found = agglomerative(vectors, n_clusters, cut)
        labels = number_by_size(found, least=least if n_clusters is None else 1)
    return labels, margins(vectors, labels), facts
