"""HDBSCAN's hierarchy of dense groups, and which of them are taken as clusters."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.data.tables import ClusterTree
from shoal.errors import MissingError

__all__ = [
    "DensityClusters",
    "Selection",
    "certain_neighbours",
    "condensed_tree",
    "density_clusters",
    "modularity_clusters",
]

Selection = Literal["modularity", "eom", "leaf"]
Labels = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

# Modularity merges small groups when there are very many others (its resolution limit). From this many items
# on its penalty grows with their number, so that a cluster means the same in a larger pile.
_REFERENCE_ITEMS = 50_000


@dataclass(frozen=True, slots=True)
class DensityClusters:
    """What HDBSCAN's hierarchy gives for n rows.

    Parameters
    ----------
    labels : ndarray of int32, shape (n,)
        −1 is noise; numbers in the order of the tree.
    probability : ndarray of float32, shape (n,)
        HDBSCAN's membership strength, 0..1; 0 for noise.
    exemplar : ndarray of bool, shape (n,)
        The densest items of the clusters, those that stay longest.
    tree : ClusterTree
        The condensed tree; ``chosen`` follows ``labels``.
    """

    labels: Labels
    probability: Floats
    exemplar: npt.NDArray[np.bool_]
    tree: ClusterTree


def certain_neighbours(min_cluster_size: int) -> int:
    """Number of neighbours that may be taken for members of an item's own cluster: half of the smallest one.

    With more, the graph ties small clusters to each other: on forty people with ten portraits each (least
    size 5) the adjusted Rand index is 0.70 with fourteen neighbours and 0.98 with three.
    """
    return max(3, min_cluster_size // 2)


def condensed_tree(space: Floats, *, min_cluster_size: int, min_samples: int) -> ClusterTree:
    """Compute HDBSCAN's condensed tree (Campello et al., 2013; McInnes et al., 2017) by the package hdbscan.

    Exact (no approximate spanning tree) and on one thread, so the same rows give the same bytes. With fewer
    rows than a cluster needs the tree is its root alone.
    """
    n = len(space)
    if n < max(min_cluster_size, min_samples + 1):
        nothing = np.zeros(n, dtype=np.int32)
        root = np.array([-1], dtype=np.int32)
        return ClusterTree(root, np.zeros(1, np.float32), nothing, np.zeros(n, np.float32))
    try:
        hdbscan: Any = importlib.import_module("hdbscan")
    except ImportError as error:
        raise MissingError(
            "Clustering needs the package hdbscan", hint='pip install "shoal[cluster]", then try again.'
        ) from error
    model = hdbscan.HDBSCAN(
        min_cluster_size=min_cluster_size,
        min_samples=min_samples,
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    )
    raw = model.fit(space.astype(np.float64)).condensed_tree_.to_numpy()
    above, below = raw["parent"] - n, raw["child"]
    # equal items part at distance 0, that is at an infinite level
    level = np.minimum(raw["lambda_val"], np.finfo(np.float32).max).astype(np.float32)
    inner = below >= n
    count = int(above.max()) + 1
    parent = np.full(count, -1, dtype=np.int32)
    born = np.zeros(count, dtype=np.float32)
    parent[below[inner] - n], born[below[inner] - n] = above[inner], level[inner]
    home, left = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.float32)
    home[below[~inner]], left[below[~inner]] = above[~inner], level[~inner]
    return ClusterTree(parent, born, home, left)


def _add_to_common_nodes(first: Any, second: Any, weight: Any, parent: Any, inside: Any) -> None:
    """Add each edge's weight to the lowest node that holds both ends; compiled by numba."""
    for edge in range(len(first)):
        a, b = first[edge], second[edge]
        while a != b:
            if a > b:  # children have higher numbers than their parents
                a = parent[a]
            else:
                b = parent[b]
        inside[a] += weight[edge]


@lru_cache(maxsize=1)
def _compiled() -> Any:
    numba: Any = importlib.import_module("numba")
    return numba.njit(nogil=True, cache=True)(_add_to_common_nodes)


def modularity_clusters(tree: ClusterTree, weights: Any, *, resolution: float = 1.0) -> npt.NDArray[np.int32]:
    """Choose the nodes of the tree that together have the highest modularity on the neighbour graph.

    Modularity (Newman and Girvan, 2004) is a sum over clusters, so the best choice of nodes that do not
    contain each other is found by one walk from the leaves to the root (Campello et al., 2013, FOSC).
    Excess of mass, HDBSCAN's own choice, decides by a hair between a few huge and hundreds of tiny clusters
    on real pictures; this does not.

    Parameters
    ----------
    tree : ClusterTree
        Of n items.
    weights : scipy.sparse matrix, shape (n, n)
        Symmetric, from `shoal.steps.layout.graph_weights` of `certain_neighbours` neighbours.
    resolution : float
        Above 0: larger makes more, smaller clusters. From 50,000 items on it is multiplied by n / 50,000.

    Returns
    -------
    ndarray of int32
        Nodes, rising; never the root.
    """
    count = len(tree.parent)
    edges = weights.tocoo()
    inside = np.zeros(count, dtype=np.float64)
    home = tree.home
    _compiled()(home[edges.row], home[edges.col], edges.data.astype(np.float64), tree.parent, inside)
    degree = np.bincount(home, weights=np.asarray(weights.sum(axis=1)).ravel(), minlength=count)
    for node in range(count - 1, 0, -1):
        inside[tree.parent[node]] += inside[node]
        degree[tree.parent[node]] += degree[node]
    total = max(float(degree[0]), 1e-12)
    penalty = resolution * max(1.0, len(home) / _REFERENCE_ITEMS)
    own = inside / total - penalty * np.square(degree / total)
    return _best_nodes(tree.parent, own)


def _best_nodes(parent: npt.NDArray[np.int32], own: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Nodes below the root with the largest sum of ``own``, none above another."""
    count = len(parent)
    below = np.zeros(count, dtype=np.float64)
    inner = np.zeros(count, dtype=bool)
    better = np.zeros(count, dtype=bool)
    for node in range(count - 1, 0, -1):
        better[node] = not inner[node] or own[node] >= below[node]
        below[parent[node]] += own[node] if better[node] else below[node]
        inner[parent[node]] = True
    taken = np.zeros(count, dtype=bool)
    covered = np.zeros(count, dtype=bool)
    for node in range(1, count):
        covered[node] = covered[parent[node]] or taken[parent[node]]
        taken[node] = better[node] and not covered[node]
    return np.flatnonzero(taken).astype(np.int32)


def _stability_nodes(tree: ClusterTree, *, leaf: bool) -> npt.NDArray[np.int32]:
    """HDBSCAN's own choices: excess of mass, or the leaves."""
    count = len(tree.parent)
    if leaf:
        inner = np.zeros(count, dtype=bool)
        inner[tree.parent[1:]] = True
        return np.flatnonzero(~inner[1:]).astype(np.int32) + 1
    size = np.bincount(tree.home, minlength=count).astype(np.float64)
    mass = np.bincount(tree.home, weights=tree.left.astype(np.float64), minlength=count)
    for node in range(count - 1, 0, -1):
        above = tree.parent[node]
        size[above] += size[node]
        mass[above] += size[node] * float(tree.born[node])
    return _best_nodes(tree.parent, mass - size * tree.born.astype(np.float64))


def density_clusters(
    tree: ClusterTree, *, selection: Selection, weights: Any = None, resolution: float = 1.0
) -> DensityClusters:
    """Choose clusters from a condensed tree and say how strongly each item belongs.

    Parameters
    ----------
    tree : ClusterTree
        From `condensed_tree`.
    selection : {"modularity", "eom", "leaf"}
        How; ``"modularity"`` needs ``weights``.
    weights, resolution
        As in `modularity_clusters`.
    """
    if selection == "modularity":
        chosen = modularity_clusters(tree, weights, resolution=resolution)
    else:
        chosen = _stability_nodes(tree, leaf=selection == "leaf")
    label = np.full(len(tree.parent), -1, dtype=np.int32)
    label[chosen] = np.arange(len(chosen), dtype=np.int32)
    for node in range(1, len(label)):
        if label[node] < 0:
            label[node] = label[tree.parent[node]]
    labels = label[tree.home]
    return DensityClusters(
        labels=labels,
        probability=_strengths(tree, labels, chosen),
        exemplar=_exemplars(tree, labels),
        tree=ClusterTree(tree.parent, tree.born, tree.home, tree.left, chosen),
    )


def _strengths(tree: ClusterTree, labels: Labels, chosen: npt.NDArray[np.int32]) -> Floats:
    """Level at which an item leaves, as a share of the level at which its cluster ends; as in hdbscan."""
    ends = np.zeros(len(tree.parent), dtype=np.float32)
    np.maximum.at(ends, tree.home, tree.left)
    np.maximum.at(ends, tree.parent[1:], tree.born[1:])
    result = np.zeros(len(labels), dtype=np.float32)
    member = labels >= 0
    end = ends[chosen[labels[member]]]
    result[member] = np.minimum(tree.left[member], end) / np.maximum(end, 1e-30)
    result[member] = np.where(end > 0, result[member], 1.0)
    return result


def _exemplars(tree: ClusterTree, labels: Labels) -> npt.NDArray[np.bool_]:
    """The items that stay longest in each leaf below a cluster."""
    ends = np.zeros(len(tree.parent), dtype=np.float32)
    np.maximum.at(ends, tree.home, tree.left)
    inner = np.zeros(len(tree.parent), dtype=bool)
    inner[tree.parent[1:]] = True
    return (labels >= 0) & ~inner[tree.home] & (tree.left >= ends[tree.home])
