"""The two-dimensional map of the items."""

from __future__ import annotations

import time

import numpy as np

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.tables import Embeddings, Projection
from shoal.errors import BadInputError
from shoal.steps.reduction import finite_rows, principal_components, umap_embedding

__all__ = ["project"]

# With fewer distinct pictures UMAP has no neighbourhoods to keep, and the first two components say more.
_LEAST_FOR_UMAP = 8


def project(
    embeddings: Embeddings,
    *,
    pca: int = 50,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
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
        UMAP's neighbourhood, 2 or more: small shows detail, large shows the whole.
    min_dist : float
        UMAP's least distance between points, 0..1.
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
        umap-learn is not installed.
    """
    if pca < 2 or n_neighbors < 2 or not 0.0 <= min_dist <= 1.0:
        raise BadInputError(
            f"project(pca={pca}, n_neighbors={n_neighbors}, min_dist={min_dist}) is out of range",
            hint="pca and n_neighbors are 2 or more, min_dist is 0..1.",
        )
    started = time.perf_counter()
    rows = finite_rows(embeddings.vectors)
    vectors = embeddings.vectors[rows]
    xy = np.full((len(embeddings), 2), np.nan, dtype=np.float32)
    method = "none"
    with show("Drawing the map", 2, progress, unit="stages") as bar:
        if len(rows):
            reduced = principal_components(vectors, pca)
            bar.update()
            if len(np.unique(vectors, axis=0)) < _LEAST_FOR_UMAP:
                method = "pca2"
                xy[rows] = 0.0
                xy[rows, : min(2, reduced.shape[1])] = reduced[:, :2]
            else:
                method = f"pca{reduced.shape[1]}+umap"
                xy[rows] = umap_embedding(
                    reduced, dims=2, n_neighbors=n_neighbors, min_dist=min_dist, seed=seed
                )
            bar.update()
    return Projection(
        xy=xy,
        method=method,
        meta={
            "pca": pca,
            "n_neighbors": n_neighbors,
            "min_dist": min_dist,
            "seed": seed,
            "seconds": round(time.perf_counter() - started, 3),
        },
    )
