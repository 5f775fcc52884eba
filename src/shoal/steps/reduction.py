"""Fewer dimensions before a map is drawn or clusters are sought: exact PCA, and UMAP on top of it."""

from __future__ import annotations

import importlib
import warnings
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

    Exact, by the eigenvectors of the smaller of the covariance and the Gram matrix in float64, so the result
    does not depend on a random start; the sign of each component is fixed (its largest loading is positive).

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
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    if d <= n:
        _, basis = np.linalg.eigh(centred.T @ centred)
        axes = basis[:, ::-1][:, :dims]
    else:
        values, left = np.linalg.eigh(centred @ centred.T)
        values, left = values[::-1][:dims], left[:, ::-1][:, :dims]
        axes = centred.T @ left / np.sqrt(np.maximum(values, 1e-24))
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return (centred @ axes).astype(np.float32)


def umap_embedding(
    vectors: npt.NDArray[np.float32], *, dims: int, n_neighbors: int, min_dist: float, seed: int
) -> npt.NDArray[np.float32]:
    """Run UMAP (McInnes et al., arXiv:1802.03426) so that the same seed gives the same bytes.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        At least 5 rows, without NaN.
    dims, n_neighbors, min_dist
        As in umap-learn; ``n_neighbors`` is lowered to n − 1 where there are fewer rows.
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
            "The map needs the package umap-learn", hint='pip install "shoal[cluster]", then try again.'
        ) from error
    n = len(vectors)
    reducer = umap.UMAP(
        n_components=dims,
        n_neighbors=max(2, min(n_neighbors, n - 1)),
        min_dist=min_dist,
        random_state=derived_seed(seed, "umap"),
        n_jobs=1,
        # The spectral start needs more rows than dimensions; PCA is a good start and never fails.
        init="spectral" if n > 4 * dims + 8 else "pca",
        low_memory=False,
    )
    with warnings.catch_warnings():
        # Islands in the neighbour graph (duplicates, far groups) are normal for piles of pictures.
        warnings.filterwarnings("ignore", message=".*not fully connected.*")
        warnings.filterwarnings("ignore", message=".*Spectral initiali[sz]ation failed.*")
        result = np.asarray(reducer.fit_transform(vectors), dtype=np.float32)
    # rows without any neighbour come back as NaN: put them in the middle rather than lose them
    lost = ~np.isfinite(result).all(axis=1)
    if lost.any():
        result[lost] = result[~lost].mean(axis=0) if (~lost).any() else 0.0
    return result
