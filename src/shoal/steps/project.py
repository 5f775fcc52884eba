"""The two-dimensional map of the items."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
import numpy.typing as npt

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Embeddings, Projection
from shoal.errors import BadInputError
from shoal.steps.layout import layout_of_neighbours
from shoal.steps.neighbours import NeighbourGraph, shared_graph
from shoal.steps.reduction import umap_embedding

__all__ = ["project"]

# With fewer distinct pictures UMAP has no neighbourhoods to keep, and the first two components say more.
_LEAST_FOR_UMAP = 8


def _enough_distinct(vectors: npt.NDArray[np.float32], rows: npt.NDArray[np.int64]) -> bool:
    """Whether there are eight different vectors; mostly the first 512 say so."""
    first = rows[:512]
    if len(np.unique(vectors[first], axis=0)) >= _LEAST_FOR_UMAP:
        return True
    return len(rows) > len(first) and len(np.unique(vectors[rows], axis=0)) >= _LEAST_FOR_UMAP


def project(
    embeddings: Embeddings,
    *,
    pca: int = 50,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
    engine: Literal["shoal", "umap-learn"] = "shoal",
    graph: NeighbourGraph | None = None,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Projection:
    """Lay the items out on a plane so that similar ones lie together: PCA, then UMAP.

    Parameters
    ----------
    embeddings : Embeddings
        NaN rows are allowed; they stay NaN on the map.
    pca : int
        Principal components that UMAP gets.
    n_neighbors : int
        UMAP's neighbourhood, the item included, 2 or more: small shows detail, large shows the whole.
    min_dist : float
        UMAP's least distance between points, 0..1.
    engine : {"shoal", "umap-learn"}
        Who lays out: shoal's own many-threaded UMAP, several times faster at 100,000 items, or umap-learn.
    graph : NeighbourGraph, optional
        From `neighbours`; then ``pca`` and ``n_neighbors`` do not count. Default: made here, or that of a
        `cluster` just before.
    seed : int
        The same seed gives the same bytes.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Projection
        ``method`` is ``"pca50+umap"``, or ``"pca2"`` when there are fewer than 8 distinct vectors.

    Raises
    ------
    BadInputError
        An argument is out of range.
    MissingError
        numba, or umap-learn where it is asked for, is not installed.
    """
    if pca < 2 or n_neighbors < 2 or not 0.0 <= min_dist <= 1.0:
        raise BadInputError(
            f"project(pca={pca}, n_neighbors={n_neighbors}, min_dist={min_dist}) is out of range",
            hint="pca and n_neighbors are 2 or more, min_dist is 0..1.",
        )
    if engine not in ("shoal", "umap-learn"):
        raise BadInputError(f"engine={engine!r} is unknown", hint='Pass "shoal" or "umap-learn".')
    started = time.perf_counter()
    xy = np.full((len(embeddings), 2), np.nan, dtype=np.float32)
    method = "none"
    with show("Drawing the map", 2, progress, unit="stages") as bar:
        shared = shared_graph(embeddings, graph, k=n_neighbors - 1, pca=pca, seed=seed)
        bar.update()
        rows, space = shared.rows, shared.space
        if len(rows) and not _enough_distinct(embeddings.vectors, rows):
            method = "pca2"
            xy[rows] = 0.0
            xy[rows, : min(2, space.shape[1])] = space[:, :2]
        elif len(rows):
            method = f"pca{space.shape[1]}+umap"
            given = {"dims": 2, "min_dist": min_dist, "seed": derived_seed(seed, "map")}
            found = (shared.indices, shared.distances)
            if engine == "shoal":
                xy[rows] = layout_of_neighbours(*found, space, **given)
            else:
                xy[rows] = umap_embedding(space, indices=found[0], distances=found[1], **given)
        bar.update()
    return Projection(
        xy=xy,
        method=method,
        meta={
            "pca": pca,
            "n_neighbors": n_neighbors,
            "min_dist": min_dist,
            "engine": engine,
            "seed": seed,
            "seconds": round(time.perf_counter() - started, 3),
        },
    )
