"""What the pipeline left beside a clustered folder: map coordinates, probabilities, vectors."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.tables import ClusterTree
from shoal.errors import DamagedError
from shoal.review.table import ItemTable, unpack_names

__all__ = ["FILE", "read_columns", "read_tree", "read_vectors", "vectors_beside"]

FILE = "vectors.npz"
STATE_FOLDER = ".shoal"
_TREE = ("tree_parent", "tree_born", "tree_home", "tree_left", "tree_chosen")
_NOT_COLUMNS = {"paths_blob", "paths_offsets", "vectors", "header", *_TREE}


def read_columns(home: Path, paths: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Columns for ``paths`` from ``<home>/vectors.npz``; empty when there is none.

    Items that the file does not know get NaN, −1 or an empty text. ``vector_row`` (int32) says which vector
    is whose; −1 for none.

    Raises
    ------
    DamagedError
        When the file is there and cannot be read.
    """
    file = home / FILE
    if not file.exists():
        return {}
    try:
        with np.load(file, allow_pickle=False) as data:
            known = unpack_names(data["paths_blob"], data["paths_offsets"])
            row_of = {path: row for row, path in enumerate(known)}
            rows = np.array([row_of.get(path, -1) for path in paths], np.int32)
            columns = {n: _align(data[n], rows) for n in data.files if n not in _NOT_COLUMNS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedError(
            f"{file} cannot be read: {error}",
            hint="Move it away to open the folder without its map, or make it anew.",
        ) from error
    return {**columns, "vector_row": rows}


def _align(values: npt.NDArray[Any], rows: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    kind = values.dtype.kind
    missing: Any = np.nan if kind == "f" else "" if kind == "U" else False if kind == "b" else -1
    if kind == "u":
        values = values.astype(np.int64)
    out = np.full((len(rows), *values.shape[1:]), missing, values.dtype)
    out[rows >= 0] = values[rows[rows >= 0]]
    return out


def read_tree(home: Path, rows: npt.NDArray[np.int32]) -> ClusterTree | None:
    """The hierarchy that the clusters were chosen from, in the order of the items; None where there is none.

    Items that the file does not know took no part in it (``home`` −1).
    """
    file = home / FILE
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as data:
        if not set(_TREE) <= set(data.files):
            return None
        parent, born, at, left, chosen = (data[name] for name in _TREE)
    known = rows >= 0
    items, levels = np.full(len(rows), -1, np.int32), np.zeros(len(rows), np.float32)
    items[known], levels[known] = at[rows[known]], left[rows[known]]
    return ClusterTree(parent, born, items, levels, chosen)


def read_vectors(home: Path, rows: npt.NDArray[np.int32]) -> npt.NDArray[np.float32] | None:
    """Vectors in the order of the items, shape (n_items, n_dims), NaN where there is none.

    None without a file.
    """
    file = home / FILE
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as data:
        if "vectors" not in data.files:
            return None
        vectors = data["vectors"]
    out = np.full((len(rows), vectors.shape[1]), np.nan, np.float32)
    out[rows >= 0] = vectors[rows[rows >= 0]]
    return out


def vectors_beside(root: Path, table: ItemTable) -> npt.NDArray[np.float32] | None:
    """Vectors of all items of a table from beside the folder, or None without any."""
    rows = table.columns.get("vector_row")
    return None if rows is None else read_vectors(root / STATE_FOLDER, rows.astype(np.int32))
