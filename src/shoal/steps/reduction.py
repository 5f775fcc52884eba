"""Fewer dimensions before a map is drawn or clusters are sought: exact PCA, and UMAP on top of it."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.seeds import derived_seed
from shoal.errors import MissingError

__all__ = ["finite_rows", "principal_components", "umap_embedding"]


def finite_rows(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Positions of the rows without NaN or infinity, i.e. of the pictures that could be read."""
    return np.flatnonzero(np.isfinite(vectors).all(axis=1))


def principal_components(vectors: npt.NDArray[np.float32], dims: int) -> npt.NDArray[np.float32]:
    """Project on the first principal components.

    By the eigenvectors of the smaller of the covariance and the Gram matrix, so the result does not depend on
    a random start; the sign of each component is fixed (its largest loading is positive). Rows are worked on
    in blocks: beside the result only a few megabytes are needed.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Without NaN.
    dims : int
        Components wanted; fewer come back when n − 1 or d is smaller.

    Returns
    -------
    ndarray of float32, shape (n, min(dims, n − 1, d))
        At least one column (zeros when n is 1).
    """
    n, d = vectors.shape
    dims = max(1, min(dims, n - 1, d))
    mean = vectors.mean(axis=0, dtype=np.float64)
    if d <= n:
        _, basis = np.linalg.eigh(_covariance(vectors, mean))
        axes = basis[:, ::-1][:, :dims]
    else:
        centred = vectors.astype(np.float64) - mean
        values, left = np.linalg.eigh(centred @ centred.T)
        values, left = values[::-1][:dims], left[:, ::-1][:, :dims]
        axes = centred.T @ left / np.sqrt(np.maximum(values, 1e-24))
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    result = np.empty((n, axes.shape[1]), dtype=np.float32)
    for block in _blocks(n):
        result[block] = (vectors[block].astype(np.float64) - mean) @ axes
    return result


_BLOCK_ROWS = 8192
# Below this, float64 throughout; above, products of a block in float32 and their sum in float64.
_DOUBLE_UP_TO = 20_000


def _blocks(n: int) -> Iterator[slice]:
    yield from (slice(start, min(n, start + _BLOCK_ROWS)) for start in range(0, n, _BLOCK_ROWS))


def _covariance(vectors: npt.NDArray[np.float32], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sum of the outer products of the centred rows, shape (d, d)."""
    n, d = vectors.shape
    kind = np.float64 if n <= _DOUBLE_UP_TO else np.float32
    total = np.zeros((d, d), dtype=np.float64)
    for block in _blocks(n):
        centred = vectors[block].astype(kind) - mean.astype(kind)
        total += centred.T @ centred
    return total


def umap_embedding(
    space: npt.NDArray[np.float32],
    *,
    indices: npt.NDArray[np.int32],
    distances: npt.NDArray[np.float32],
    dims: int,
    min_dist: float,
    seed: int,
) -> npt.NDArray[np.float32]:
    """Run umap-learn (McInnes et al., arXiv:1802.03426) on neighbours that are known already.

    Parameters
    ----------
    space : ndarray of float32, shape (n, d)
        At least 5 rows, without NaN.
    indices, distances : ndarray, shape (n, k)
        As in `shoal.steps.neighbours.NeighbourGraph`.
    dims, min_dist
        As in umap-learn.
    seed : int
        Fixes the layout; umap-learn then runs on one thread.

    Returns
    -------
    ndarray of float32, shape (n, dims)

    Raises
    ------
    MissingError
        umap-learn is not installed.
    """
    try:
        umap: Any = importlib.import_module("umap")
    except ImportError as error:
        raise MissingError(
            "This map needs the package umap-learn", hint='pip install "shoal[cluster]", then try again.'
        ) from error
    n = len(space)
    itself = np.arange(n, dtype=np.int32)[:, None]
    reducer = umap.UMAP(
        n_components=dims,
        n_neighbors=indices.shape[1] + 1,
        min_dist=min_dist,
        random_state=derived_seed(seed, "umap"),
        n_jobs=1,
        # The spectral start needs more rows than dimensions; PCA is a good start and never fails.
        init="spectral" if n > 4 * dims + 8 else "pca",
        precomputed_knn=(
            np.hstack([itself, indices]),
            np.hstack([np.zeros((n, 1), dtype=np.float32), distances]),
        ),
    )
    with warnings.catch_warnings():
        # Islands in the neighbour graph (duplicates, far groups) are normal for piles of pictures.
        warnings.filterwarnings("ignore", message=".*not fully connected.*")
        warnings.filterwarnings("ignore", message=".*Spectral initiali[sz]ation failed.*")
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
        result = np.asarray(reducer.fit_transform(space), dtype=np.float32)
    # rows without any neighbour come back as NaN: put them in the middle rather than lose them
    lost = ~np.isfinite(result).all(axis=1)
    if lost.any():
        result[lost] = result[~lost].mean(axis=0) if (~lost).any() else 0.0
    return result
