"""The k nearest neighbours of every item, found once and shared by the map, the clusters and the splits."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Embeddings
from shoal.errors import BadInputError, MissingError
from shoal.steps.reduction import finite_rows, principal_components

__all__ = ["NeighbourGraph", "neighbours", "shared_graph"]

# Up to here all pairs are compared (a few seconds). Above, NN-descent finds 99.9 % of the neighbours in less,
# once pynndescent has compiled itself, which takes half a minute in every process.
_EXACT_UP_TO = 30_000
_BLOCK = 256
# Graphs of the last calls are kept, so that project() after cluster() does not search again.
_KEPT_GRAPHS, _KEPT_ROWS = 2, 250_000


@dataclass(frozen=True, slots=True)
class NeighbourGraph:
    """The k nearest neighbours of each item.

    Parameters
    ----------
    indices : ndarray of int32, shape (n_rows, k)
        Positions among ``rows``, nearest first; an item is not its own neighbour.
    distances : ndarray of float32, shape (n_rows, k)
        Euclidean distances in ``space``, rising.
    space : ndarray of float32, shape (n_rows, n_components)
        The principal components in which they were measured.
    rows : ndarray of int64, shape (n_rows,)
        Rows of the embeddings that took part: those without NaN.
    n_items : int
        Rows of the embeddings.
    metric : str
        ``"euclidean"``; on L2-normalised vectors its order is that of the cosine distance.
    exact : bool
        Whether all pairs were compared.
    seed : int
        Of the search, where it is not exact.
    """

    indices: npt.NDArray[np.int32]
    distances: npt.NDArray[np.float32]
    space: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int64]
    n_items: int
    metric: str = "euclidean"
    exact: bool = True
    seed: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def k(self) -> int:
        """Neighbours of each item."""
        return self.indices.shape[1]

    def __repr__(self) -> str:
        how = "exact" if self.exact else "NN-descent"
        return f"NeighbourGraph({len(self)} × {self.k}, {self.space.shape[1]} components, {how})"


def _keep_nearest(far: Any, first: int, indices: Any, distances: Any) -> None:
    """Sort the nearest columns of a block into place; compiled by numba. Ties go to the earlier column."""
    rows, columns = far.shape
    last = indices.shape[1] - 1
    for row in range(rows):
        worst = distances[row, last]
        for column in range(columns):
            value = far[row, column]
            if value < worst and column != first + row:
                at = last
                while at > 0 and distances[row, at - 1] > value:
                    distances[row, at] = distances[row, at - 1]
                    indices[row, at] = indices[row, at - 1]
                    at -= 1
                distances[row, at] = value
                indices[row, at] = column
                worst = distances[row, last]


@lru_cache(maxsize=1)
def _compiled() -> Any:
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError as error:
        raise MissingError(
            "The search for neighbours needs the package numba",
            hint='pip install "shoal[cluster]", then try again.',
        ) from error
    return numba.njit(nogil=True, cache=True)(_keep_nearest)


def _exact(space: npt.NDArray[np.float32], k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Compare all pairs, block by block."""
    keep = _compiled()
    n = len(space)
    squared = np.square(space).sum(axis=1)
    indices = np.full((n, k), -1, dtype=np.int32)
    distances = np.full((n, k), np.inf, dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = space[start : start + _BLOCK]
        stop = start + len(block)
        far = (-2.0 * block) @ space.T
        far += squared
        keep(far, start, indices[start:stop], distances[start:stop])
        # the differences themselves: the expanded square loses small distances to rounding
        apart = block[:, None] - space[indices[start:stop]]
        distances[start:stop] = np.sqrt(np.square(apart).sum(axis=2))
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


def _descent(
    space: npt.NDArray[np.float32], k: int, seed: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """NN-descent (Dong et al., 2011) on one thread: with more the result depends on how many."""
    try:
        pynndescent: Any = importlib.import_module("pynndescent")
    except ImportError as error:
        raise MissingError(
            "The search for neighbours needs the package pynndescent",
            hint='pip install "shoal[cluster]", then try again.',
        ) from error
    found: Any = pynndescent.NNDescent(
        space, n_neighbors=k + 1, metric="euclidean", random_state=derived_seed(seed, "neighbours"), n_jobs=1
    )
    indices, distances = found.neighbor_graph
    # An item finds itself, but not always first (equal pictures) nor always at all.
    itself = indices == np.arange(len(space))[:, None]
    order = np.argsort(~itself, axis=1, kind="stable")[:, 1:]
    # what was not found is −1: the item itself at no distance takes the place, which no weight notices
    indices = np.take_along_axis(indices, order, axis=1).astype(np.int32)
    distances = np.take_along_axis(distances, order, axis=1).astype(np.float32)
    lost = indices < 0
    indices[lost] = np.nonzero(lost)[0]
    distances[lost] = np.inf
    return indices, distances


def find_neighbours(
    vectors: npt.NDArray[np.float32], *, k: int, pca: int, seed: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Neighbours of rows without NaN: indices, distances and the components they were measured in."""
    n = len(vectors)
    space = principal_components(vectors, pca) if n else np.zeros((0, 1), dtype=np.float32)
    k = min(k, n - 1)
    if k < 1:
        return np.empty((n, 0), dtype=np.int32), np.empty((n, 0), dtype=np.float32), space
    found = _exact(space, k) if n <= _EXACT_UP_TO else _descent(space, k, seed)
    return *found, space


def neighbours(
    embeddings: Embeddings, *, k: int = 15, pca: int = 50, seed: int = 0, progress: ProgressOption = True
) -> NeighbourGraph:
    """Find the nearest neighbours of every item.

    `project` and `cluster` do this by themselves; with ``graph=`` they take one that is there.

    Parameters
    ----------
    embeddings : Embeddings
        NaN rows take no part.
    k : int
        Neighbours of each item, 1 or more; fewer where there are not so many items.
    pca : int
        Principal components in which distances are measured, 2 or more.
    seed : int
        The same seed gives the same bytes, on any number of cores.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    NeighbourGraph
        Exact up to 30,000 items, by NN-descent above (recall about 0.999).

    Raises
    ------
    BadInputError
        An argument is out of range.
    MissingError
        numba, or for more than 30,000 items pynndescent, is not installed.
    """
    if k < 1 or pca < 2:
        raise BadInputError(
            f"neighbours(k={k}, pca={pca}) is out of range", hint="k is 1 or more, pca is 2 or more."
        )
    rows = finite_rows(embeddings.vectors)
    with show("Finding neighbours", 1, progress, unit="runs") as bar:
        every = len(rows) == len(embeddings)
        vectors = embeddings.vectors if every else embeddings.vectors[rows]
        indices, distances, space = find_neighbours(vectors, k=k, pca=pca, seed=seed)
        bar.update()
    return NeighbourGraph(
        indices, distances, space, rows, len(embeddings), exact=len(rows) <= _EXACT_UP_TO, seed=seed
    )


_RECENT: OrderedDict[tuple[bytes, int, int, int], NeighbourGraph] = OrderedDict()
_LOCK = threading.Lock()


def shared_graph(
    embeddings: Embeddings, graph: NeighbourGraph | None, *, k: int, pca: int, seed: int
) -> NeighbourGraph:
    """Return the graph that was handed in, one of the last calls for equal vectors, or a new one.

    Raises
    ------
    BadInputError
        The graph that was handed in is of other embeddings.
    """
    if graph is not None:
        if graph.n_items != len(embeddings):
            raise BadInputError(
                f"graph= was made of {graph.n_items} items, but there are {len(embeddings)} embeddings",
                hint="Make it from these embeddings: shoal.neighbours(embeddings).",
            )
        return graph
    if len(embeddings) > _KEPT_ROWS:
        return neighbours(embeddings, k=k, pca=pca, seed=seed, progress=False)
    content = hashlib.blake2b(np.ascontiguousarray(embeddings.vectors).data, digest_size=16).digest()
    key = (content, k, pca, seed)
    with _LOCK:
        found = _RECENT.get(key)
        if found is not None:
            _RECENT.move_to_end(key)
            return found
    found = neighbours(embeddings, k=k, pca=pca, seed=seed, progress=False)
    with _LOCK:
        _RECENT[key] = found
        while len(_RECENT) > _KEPT_GRAPHS:
            _RECENT.popitem(last=False)
    return found
