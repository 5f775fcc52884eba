"""Who is who: groups by face first, and by appearance where there is no face."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Clusters, Embeddings
from shoal.errors import BadInputError
from shoal.steps.cluster import ordered_nodes, spread_tree
from shoal.steps.density import Selection, certain_neighbours, condensed_tree, density_clusters
from shoal.steps.layout import default_epochs, graph_layout, graph_weights, smooth_start
from shoal.steps.neighbours import NeighbourGraph, shared_graph
from shoal.steps.partitions import medoids, number_by_size, package
from shoal.steps.reduction import principal_components

__all__ = ["blended_weights", "cluster_identities"]

_K, _PCA, _DIMS = 14, 50, 5
# Soft and turned faces look like many others': they must be this much more alike.
_MORE_FOR_WEAK = np.float32(0.15)


def _everywhere(graph: NeighbourGraph, k: int) -> Any:
    """Weights of a graph's k nearest neighbours over all items, also over those that took no part."""
    sparse = package("scipy.sparse")
    edges = graph_weights(graph.indices[:, :k], graph.distances[:, :k]).tocoo()
    shape = (graph.n_items, graph.n_items)
    places = (graph.rows[edges.row], graph.rows[edges.col])
    return sparse.csr_matrix((edges.data, places), shape=shape, dtype=np.float32)


def _faces_alike(graph: NeighbourGraph, k: int, vectors: Any, least: Any) -> Any:
    """Weights of the k nearest faces, without those that are less alike than one person's are."""
    sparse = package("scipy.sparse")
    edges = _everywhere(graph, k).tocoo()
    if least is None or vectors is None:
        return edges.tocsr()
    similarity = np.einsum("ij,ij->i", vectors[edges.row], vectors[edges.col])
    alike = similarity >= np.maximum(least[edges.row], least[edges.col])
    places = (edges.row[alike], edges.col[alike])
    return sparse.csr_matrix((edges.data[alike], places), shape=edges.shape, dtype=np.float32)


def blended_weights(
    faces: NeighbourGraph,
    appearance: NeighbourGraph,
    face_weight: float,
    *,
    k: int = _K,
    vectors: npt.NDArray[np.float32] | None = None,
    least: npt.NDArray[np.float32] | None = None,
) -> Any:
    """Blend two neighbour graphs of the same items, the k nearest neighbours of each.

    Between two items with a face the weight is ``face_weight`` × that of the faces + (1 − ``face_weight``) ×
    that of the appearance; between all others that of the appearance. With ``vectors`` and ``least``, one
    number a face, faces count as neighbours only from the larger of both cosine similarities on, and a face
    that has none as no face: of few or poor faces even the nearest are not alike.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n_items, n_items), float32
        Symmetric, 0..1.
    """
    sparse = package("scipy.sparse")
    alike = _faces_alike(faces, k, vectors, least)
    has_face = np.zeros(faces.n_items, dtype=np.float32)
    if vectors is None or least is None:
        has_face[faces.rows] = 1.0
    else:
        has_face[alike.getnnz(axis=1) > 0] = 1.0
    only = sparse.diags(has_face)
    looks = _everywhere(appearance, k)
    between_faces = only @ looks @ only
    result = (looks - face_weight * between_faces + face_weight * alike).tocsr()
    result.data = np.maximum(result.data, 0.0)  # rounding
    result.eliminate_zeros()
    result.sort_indices()
    return result.astype(np.float32)


def _start_space(
    faces: Embeddings, appearance: Embeddings, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Components from which the layout starts: of both vectors side by side, zeros for what is not there."""
    both = np.hstack([np.nan_to_num(faces.vectors[rows]), np.nan_to_num(appearance.vectors[rows])])
    return principal_components(both, _PCA)


def _least_alike(faces: Embeddings) -> npt.NDArray[np.float32] | None:
    """Similarity from which each face counts as another's; higher for those that tell little of who it is."""
    told = faces.meta.get("threshold")
    if told is None:
        return None
    weak = set(faces.meta.get("weak", ()))
    more = np.array([path in weak for path in faces.items.paths], dtype=np.float32) * _MORE_FOR_WEAK
    return np.float32(told) + more


def cluster_identities(
    faces: Embeddings,
    appearance: Embeddings,
    *,
    face_weight: float = 0.85,
    min_cluster_size: int = 12,
    min_samples: int = 2,
    selection: Selection = "modularity",
    resolution: float = 1.0,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Clusters:
    """Group pictures by who is in them: by face where there is one, by body and clothes where there is none.

    The two neighbour graphs are blended (see `blended_weights`), laid out, and clustered as `cluster` does.
    So a person seen from behind joins the group that looks alike, and faces decide within it. Faces count as
    alike from the face model's similarity threshold on, where it is known, and soft or turned ones (those in
    ``meta["weak"]`` of `embed_faces`) from 0.15 more.

    Parameters
    ----------
    faces : Embeddings
        From `embed_faces`: one row for each item, NaN where there is no face.
    appearance : Embeddings
        From `embed`, of the same items.
    face_weight : float
        0..1: weight of the faces between two items that have one. The default is the best measured on
        portraits, with two face models (docs/decisions/0018).
    min_cluster_size, min_samples, selection, resolution
        As in `cluster`.
    seed : int
        The same seed gives the same bytes.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Clusters
        ``meta["with_face"]`` counts the items that had one. Medoids are by appearance.

    Raises
    ------
    BadInputError
        The tables are of different items, or an argument is out of range.
    MissingError
        hdbscan or numba is not installed.
    """
    n = len(appearance)
    if len(faces) != n or tuple(faces.items.paths) != tuple(appearance.items.paths):
        raise BadInputError(
            f"faces has {len(faces)} rows and appearance {n}, or their items differ",
            hint='Make both of the same items: embed_faces(…, per="picture") and embed(…).',
        )
    if not 0.0 <= face_weight <= 1.0 or min_cluster_size < 2 or min_samples < 1 or not resolution > 0.0:
        raise BadInputError(
            f"face_weight={face_weight}, min_cluster_size={min_cluster_size}, min_samples={min_samples} or "
            f"resolution={resolution} is out of range",
            hint="face_weight is 0..1, min_cluster_size at least 2, min_samples 1, resolution above 0.",
        )
    started = time.perf_counter()
    known: dict[str, Any] = {"vectors": np.nan_to_num(faces.vectors), "least": _least_alike(faces)}
    labels, probability = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)
    exemplar, tree = np.zeros(n, dtype=bool), None
    with show("Finding identities", 3, progress, unit="stages") as bar:
        graphs = (
            shared_graph(faces, None, k=_K, pca=_PCA, seed=seed),
            shared_graph(appearance, None, k=_K, pca=_PCA, seed=seed),
        )
        bar.update()
        rows = np.union1d(graphs[0].rows, graphs[1].rows)
        if len(rows):
            weights = blended_weights(*graphs, face_weight, **known)[rows][:, rows]
            start = smooth_start(weights, _start_space(faces, appearance, rows), _DIMS)
            space = graph_layout(
                weights, start, min_dist=0.0, epochs=default_epochs(n), seed=derived_seed(seed, "identities")
            )
            bar.update()
            certain = blended_weights(*graphs, face_weight, k=certain_neighbours(min_cluster_size), **known)
            found = density_clusters(
                condensed_tree(space, min_cluster_size=min_cluster_size, min_samples=min_samples),
                selection=selection,
                weights=certain[rows][:, rows],
                resolution=resolution,
            )
            labels[rows], probability[rows] = number_by_size(found.labels), found.probability
            exemplar[rows] = found.exemplar
            chosen = ordered_nodes(found.tree.chosen, found.labels, labels[rows])
            tree = spread_tree(replace(found.tree, chosen=chosen), rows, n)
    return Clusters(
        labels=labels,
        probability=probability,
        method="identities",
        meta={
            "faces": faces.model,
            "appearance": appearance.model,
            "face_weight": face_weight,
            "with_face": len(graphs[0]),
            "min_cluster_size": min_cluster_size,
            "min_samples": min_samples,
            "selection": selection,
            "resolution": resolution,
            "seed": seed,
            "seconds": round(time.perf_counter() - started, 3),
        },
        medoids=medoids(np.nan_to_num(appearance.vectors), labels),
        exemplar=exemplar,
        tree=tree,
    )
