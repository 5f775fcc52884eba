"""The tables of a stage on disk, so that a run that was killed goes on behind the last finished stage."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.runs import as_json
from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
from shoal.errors import DamagedError

__all__ = ["Table", "load_table", "save_table"]

_HERE = "{run}"
Table = Items | Shots | Embeddings | Clusters | Projection


def _moved(meta: Mapping[str, Any], old: Path, new: str) -> dict[str, Any]:
    """The facts, with paths below ``old`` given below ``new``: so a run can be moved."""
    prefix = f"{old}{os.sep}"
    return {
        key: f"{new}{os.sep}{value[len(prefix) :]}"
        if isinstance(value, str) and value.startswith(prefix)
        else value
        for key, value in meta.items()
    }


def save_table(path: Path, table: Table) -> None:
    """Write a table as ``.npz`` without any pickled object, by a temporary file and a rename.

    Parameters
    ----------
    path : Path
        The file. Roots of items are written relative to its folder, so a run can be moved.
    table : Items, Shots, Embeddings, Clusters or Projection
        What a step returned.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    head: dict[str, Any] = {"kind": type(table).__name__}
    items = table if isinstance(table, Items) else None
    if isinstance(table, Shots):
        items, head["fps"] = table.frames, table.fps
        arrays.update(first_frame=table.first_frame, last_frame=table.last_frame)
    elif isinstance(table, Embeddings):
        items, head["model"], head["facts"] = table.items, table.model, table.meta
        arrays["vectors"] = table.vectors
    elif isinstance(table, Clusters):
        head["method"], head["facts"] = table.method, table.meta
        arrays.update(labels=table.labels, probability=table.probability)
    elif isinstance(table, Projection):
        head["method"], head["facts"] = table.method, table.meta
        arrays["xy"] = table.xy
    if items is not None:
        head["root"] = os.path.relpath(items.root, path.parent)
        head["paths"], head["meta"] = list(items.paths), _moved(items.meta, path.parent.parent, _HERE)
        arrays.update({f"column_{name}": values for name, values in items.columns.items()})
    for told in ("facts", "meta"):  # the same input gives the same bytes, however long it took
        if told in head:
            head[told] = {k: v for k, v in head[told].items() if k not in ("seconds", "from_cache")}
    # Escaped, so that file names that are not UTF-8 survive.
    text = json.dumps(as_json(head), ensure_ascii=True).encode("ascii")
    arrays["head"] = np.frombuffer(text, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_table(path: Path) -> Table:
    """Read what :func:`save_table` wrote.

    Raises
    ------
    DamagedError
        When it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        head = json.loads(arrays.pop("head").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedError(
            f"{str(path)!r} cannot be read: {error}", hint="Remove it; the stage is done again then."
        ) from error
    kind = head["kind"]
    if kind == "Clusters":
        return Clusters(arrays["labels"], arrays["probability"], head["method"], head["facts"])
    if kind == "Projection":
        return Projection(arrays["xy"], head["method"], head["facts"])
    columns = {n.removeprefix("column_"): v for n, v in arrays.items() if n.startswith("column_")}
    root = Path(os.path.normpath(path.parent / head["root"]))
    meta = _moved(head["meta"], Path(_HERE), str(Path(os.path.abspath(path)).parent.parent))  # noqa: PTH100
    items = Items(root, head["paths"], columns, meta)
    if kind == "Shots":
        return Shots(items, arrays["first_frame"], arrays["last_frame"], head["fps"])
    if kind == "Embeddings":
        return Embeddings(items, arrays["vectors"], head["model"], head["facts"])
    return items
