"""The frozen tables that pipeline steps hand to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError

__all__ = ["ClusterTree", "Clusters", "Column", "Embeddings", "Items", "Projection", "Shots"]

Column = npt.NDArray[Any]
"""One value per row; never of dtype ``object``."""


def _check_columns(columns: Mapping[str, Column], n_rows: int, what: str) -> None:
    for name, values in columns.items():
        if values.dtype == object:
            raise BadInputError(
                f"{what}: column {name!r} holds Python objects",
                hint="Give it a numeric, boolean or str dtype, for example np.asarray(x, dtype=str).",
            )
        if values.shape[:1] != (n_rows,):
            raise BadInputError(
                f"{what}: column {name!r} has shape {values.shape}, but there are {n_rows} rows",
                hint="Every column needs one value per row.",
            )


@dataclass(frozen=True, slots=True)
class Items:
    """Pictures on disk, in a fixed order, with columns of facts about them.

    Parameters
    ----------
    root : Path
        Folder that ``paths`` are relative to.
    paths : sequence of str
        Relative POSIX paths; unique; they double as the ids of the items. Bytes that are not UTF-8 appear as
        lone surrogates (``os.fsdecode``).
    columns : mapping of str to ndarray, optional
        One array per fact, first axis = row. Names used by shoal's own steps: ``frame`` (int64, from 0),
        ``time_s`` (float64), ``shot`` (int32), ``sharpness`` (float32, variance of the Laplacian), ``box``
        (float32, (n, 4): left, top, right, bottom in pixels of the frame), ``source`` (str, relative path of
        the
        frame an instance was cut from), ``instance`` (int32, from 0 within the frame).
    meta : mapping, optional
        JSON-able facts about the whole table (source film, step parameters).
    """

    root: Path
    paths: Sequence[str]
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(self.paths))
        if len(set(self.paths)) != len(self.paths):
            seen: set[str] = set()
            twice = next(p for p in self.paths if p in seen or seen.add(p))
            raise BadInputError(
                f"Items: path {twice!r} occurs twice", hint="Paths are ids and must be unique."
            )
        _check_columns(self.columns, len(self.paths), "Items")

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        return f"Items({len(self)} in {str(self.root)!r}; columns: {', '.join(self.columns) or 'none'})"

    def file(self, row: int) -> Path:
        """Absolute path of the picture in ``row``."""
        return self.root / self.paths[row]

    def take(self, rows: npt.ArrayLike) -> Items:
        """Return the items of ``rows`` (integer positions or a boolean mask), columns included."""
        index = np.asarray(rows)
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        paths = [self.paths[i] for i in index.tolist()]
        return replace(self, paths=paths, columns={k: v[index] for k, v in self.columns.items()})

    def with_columns(self, **columns: npt.ArrayLike) -> Items:
        """Return the same items with columns added or replaced."""
        return replace(self, columns={**self.columns, **{k: np.asarray(v) for k, v in columns.items()}})


@dataclass(frozen=True, slots=True)
class Shots:
    """The shots of one film and the frames taken from it.

    Parameters
    ----------
    frames : Items
        The extracted stills, with columns ``frame``, ``time_s`` and ``shot``.
    first_frame, last_frame : ndarray of int64, shape (n_shots,)
        Frame numbers from 0, both inclusive.
    fps : float
        Average frame rate of the film, frames a second.
    """

    frames: Items
    first_frame: npt.NDArray[np.int64]
    last_frame: npt.NDArray[np.int64]
    fps: float

    def __len__(self) -> int:
        return len(self.first_frame)

    def __repr__(self) -> str:
        return f"Shots({len(self)} shots, {len(self.frames)} frames, {self.fps:g} fps)"


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector per item.

    Parameters
    ----------
    items : Items
        What was embedded, row by row.
    vectors : ndarray of float32, shape (n_items, n_dims)
        L2-normalised, unless ``meta["normalised"]`` is false. Rows of pictures that could not be read are
        NaN.
    model : str
        Registry name of the model.
    meta : mapping, optional
        Parameters, preprocessing version, seconds.
    """

    items: Items
    vectors: npt.NDArray[np.float32]
    model: str
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        _check_columns({"vectors": self.vectors}, len(self.items), "Embeddings")

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Embeddings({self.vectors.shape[0]} × {self.vectors.shape[1]}, model={self.model!r})"


@dataclass(frozen=True, slots=True)
class Projection:
    """The 2-D map of the items.

    Parameters
    ----------
    xy : ndarray of float32, shape (n_items, 2)
        Coordinates in map units; NaN where an item has no embedding.
    method : str
        How it was made, for example ``"pca50+umap"``.
    meta : mapping, optional
        Parameters and seed.
    """

    xy: npt.NDArray[np.float32]
    method: str
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if self.xy.ndim != 2 or self.xy.shape[1] != 2:
            raise BadInputError(f"Projection: xy has shape {self.xy.shape}", hint="It must be (n_items, 2).")

    def __len__(self) -> int:
        return len(self.xy)


@dataclass(frozen=True, slots=True)
class ClusterTree:
    """HDBSCAN's condensed tree: how dense groups part into denser ones.

    A level is 1 / distance: the higher, the denser. Node 0 is the root; children have higher numbers than
    their parents.

    Parameters
    ----------
    parent : ndarray of int32, shape (n_nodes,)
        −1 for the root.
    born : ndarray of float32, shape (n_nodes,)
        Level at which the node parts from its parent.
    home : ndarray of int32, shape (n_items,)
        Lowest node that holds the item; −1 for items that took no part.
    left : ndarray of float32, shape (n_items,)
        Level at which the item leaves that node.
    chosen : ndarray of int32, shape (n_clusters,)
        Node of each cluster.
    """

    parent: npt.NDArray[np.int32]
    born: npt.NDArray[np.float32]
    home: npt.NDArray[np.int32]
    left: npt.NDArray[np.float32]
    chosen: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

    def members(self, node: int) -> npt.NDArray[np.int64]:
        """Rows of the items below a node."""
        below = np.zeros(len(self.parent), dtype=bool)
        below[node] = True
        for other in range(node + 1, len(self.parent)):
            below[other] = below[self.parent[other]]
        return np.flatnonzero(below[self.home] & (self.home >= 0))

    def children(self, cluster: int) -> list[npt.NDArray[np.int64]]:
        """Rows of the natural parts of a cluster: the groups into which it first falls apart.

        Empty when it never does. Items that belong to no part, since they leave before, are in none.
        """
        parts = np.flatnonzero(self.parent == self.chosen[cluster])
        return [self.members(int(part)) for part in parts]


@dataclass(frozen=True, slots=True)
class Clusters:
    """A partition of the items.

    Parameters
    ----------
    labels : ndarray of int32, shape (n_items,)
        Cluster number from 0, numbered by size (0 is the largest); −1 is noise.
    probability : ndarray of float32, shape (n_items,)
        Membership probability, 0..1; 0 for noise.
    method : str
        ``"hdbscan"``, ``"kmeans"``, ``"agglomerative"``, ``"leiden"``, …
    meta : mapping, optional
        Parameters and seed.
    medoids : ndarray of int64, shape (n_clusters,)
        Row of the item that is nearest to all others of its cluster; empty when not known.
    exemplar : ndarray of bool, shape (n_items,), optional
        The densest items, where the method knows them.
    tree : ClusterTree, optional
        The hierarchy that the clusters were chosen from, with ``"hdbscan"``.
    """

    labels: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float32]
    method: str
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    medoids: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    exemplar: npt.NDArray[np.bool_] | None = None
    tree: ClusterTree | None = None

    def __post_init__(self) -> None:
        columns: dict[str, Column] = {"probability": self.probability}
        if self.exemplar is not None:
            columns["exemplar"] = self.exemplar
        if self.tree is not None:
            columns["tree.home"] = self.tree.home
        _check_columns(columns, len(self.labels), "Clusters")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def n_clusters(self) -> int:
        """Number of clusters, noise not counted."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0

    @property
    def noise_share(self) -> float:
        """Share of items that are noise, 0..1."""
        return float((self.labels < 0).mean()) if len(self.labels) else 0.0

    def __repr__(self) -> str:
        return f"Clusters({self.n_clusters} clusters, {self.noise_share:.1%} noise, method={self.method!r})"
