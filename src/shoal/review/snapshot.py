"""Snapshots: the item table once, the state now and then, so that opening need not replay the whole log.

Everything is ``.npz`` without pickles, written to a temporary file and renamed; a JSON header carries a
version.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from shoal.errors import DamagedError
from shoal.review.records import ClusterRecord
from shoal.review.state import State
from shoal.review.table import ItemTable, pack_names, unpack_names
from shoal.store.atomic import write_atomic

__all__ = ["Snapshot", "newest_snapshot", "read_table", "write_snapshot", "write_table"]

VERSION = 1
KEPT = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after log record ``seq``.

    Parameters
    ----------
    seq, check : int
        Number and check of the last log record that is in it.
    saves : int
        Number of the newest save whose moves are in ``paths``.
    state : State
        Codes, clusters, notes.
    paths : list of str
        Where each item is on disk.
    """

    seq: int
    check: int
    saves: int
    state: State
    paths: list[str]


def _pack(header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    block = np.frombuffer(json.dumps({"v": VERSION, **header}).encode("ascii"), np.uint8)
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, header=block, **arrays)
    return out.getvalue()


def _unpack(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedError(
            f"{path.name} cannot be read: {error}", hint="See docs/explanation/save.md."
        ) from error
    if header.get("v", 0) > VERSION:
        raise DamagedError(f"{path.name} is of a newer version", hint="Update shoal to edit this folder.")
    return header, arrays


def write_table(path: Path, table: ItemTable) -> None:
    """Write ids, first names and columns of all items."""
    ids, id_ends = pack_names(table.ids)
    names, name_ends = pack_names(table.names)
    arrays = {"ids": ids, "id_ends": id_ends, "names": names, "name_ends": name_ends}
    arrays.update({f"column_{name}": values for name, values in table.columns.items()})
    write_atomic(path, _pack({"kind": "items"}, arrays))


def read_table(path: Path) -> ItemTable:
    """Read what :func:`write_table` wrote.

    Raises
    ------
    DamagedError
        When the file is damaged or of a newer version.
    """
    _, arrays = _unpack(path)
    ids = unpack_names(arrays["ids"], arrays["id_ends"])
    names = unpack_names(arrays["names"], arrays["name_ends"])
    columns = {
        name.removeprefix("column_"): values for name, values in arrays.items() if name.startswith("column_")
    }
    return ItemTable(ids, columns=columns, names=names)


def write_snapshot(folder: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot; the first and the newest few are kept."""
    state = snapshot.state
    paths, path_ends = pack_names(snapshot.paths)
    header = {
        "kind": "snapshot",
        "seq": snapshot.seq,
        "check": snapshot.check,
        "saves": snapshot.saves,
        "next_code": state.next_code,
        "clusters": [record.to_json() for record in state.clusters.values()],
        "notes": {
            name: [[row, value] for row, value in column.items()] for name, column in state.notes.items()
        },
    }
    arrays = {"codes": state.codes, "home": state.home, "paths": paths, "path_ends": path_ends}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{snapshot.seq:010d}.npz"
    write_atomic(path, _pack(header, arrays))
    for old in sorted(folder.glob("*.npz"))[1:-KEPT]:
        old.unlink()
    return path


def read_snapshot(path: Path) -> Snapshot:
    """Read one snapshot.

    Raises
    ------
    DamagedError
        When the file is damaged or of a newer version.
    """
    header, arrays = _unpack(path)
    clusters = {record["id"]: ClusterRecord.from_json(record) for record in header["clusters"]}
    notes: dict[str, dict[int, Any]] = {
        name: {
            row: tuple(cast("list[str]", value)) if isinstance(value, list) else value for row, value in cells
        }
        for name, cells in header["notes"].items()
    }
    state = State(arrays["codes"].astype(np.int32), clusters, arrays["home"].astype(np.int32), notes)
    state.reserve_codes(header["next_code"])
    paths = unpack_names(arrays["paths"], arrays["path_ends"])
    return Snapshot(header["seq"], header["check"], header["saves"], state, paths)


def newest_snapshot(folder: Path, *, at_most: int | None = None) -> Snapshot | None:
    """The newest snapshot that can be read.

    A damaged one is passed over: an older one and the log say the same.

    Parameters
    ----------
    folder : Path
        ``…/.shoal/snapshots``.
    at_most : int, optional
        Highest ``seq`` wanted.

    Raises
    ------
    DamagedError
        When there are snapshots and none can be read.
    """
    files = sorted(folder.glob("*.npz"), reverse=True)
    failed: DamagedError | None = None
    for path in files:
        if at_most is not None and int(path.stem) > at_most:
            continue
        try:
            return read_snapshot(path)
        except DamagedError as error:
            failed = error
    if failed is not None:
        raise failed
    return None
