"""The table of items: which pictures there are. Rows are only ever appended."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import MissingError

__all__ = ["ItemTable", "pack_names", "unpack_names"]


def pack_names(names: Iterable[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Names as one block of bytes and offsets (n + 1).

    Any file name survives, and nothing needs unpickling.
    """
    parts: list[str] | list[bytes] = list(names)
    plain = "".join(parts)
    if plain.isascii():  # as most are: then letters and bytes are the same number
        blob = plain.encode("ascii")
    else:
        parts = [os.fsencode(name) for name in parts]
        blob = b"".join(parts)
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return np.frombuffer(blob, np.uint8), offsets


def unpack_names(blob: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> list[str]:
    """Read what :func:`pack_names` made."""
    data, ends = blob.tobytes(), offsets.tolist()
    if data.isascii():
        text = data.decode("ascii")
        return [text[a:b] for a, b in pairwise(ends)]
    return [os.fsdecode(data[a:b]) for a, b in pairwise(ends)]


class ItemTable:
    """Items in a fixed order.

    Parameters
    ----------
    ids : sequence of str
        The relative path of each item when it was first seen; unique, never changes.
    paths : sequence of str, optional
        Where each item is now, relative to the root; the ids when left out.
    columns : dict of str to ndarray, optional
        Facts, first axis = row: ``xy`` (float32, (n, 2)), ``probability``, ``time_s``, ``shot``,
        ``sharpness``, …
    names : sequence of str, optional
        File name of each item when it was first seen; the last part of the ids when left out.
    """

    def __init__(
        self,
        ids: Sequence[str],
        paths: Sequence[str] | None = None,
        columns: dict[str, npt.NDArray[Any]] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.ids: list[str] = list(ids)
        self.paths: list[str] = list(self.ids if paths is None else paths)
        self.columns = dict(columns or {})
        self.names = [path.rpartition("/")[2] for path in (self.ids if names is None else names)]
        self.missing: set[int] = set()
        self._row_of: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def first(self, n: int) -> ItemTable:
        """The first ``n`` items."""
        columns = {name: values[:n] for name, values in self.columns.items()}
        return ItemTable(self.ids[:n], self.paths[:n], columns, self.names[:n])

    def row(self, item: str) -> int:
        """Row of an item, by id or by present path.

        Raises
        ------
        MissingError
            When there is no such item.
        """
        if self._row_of is None:
            self._row_of = {path: row for row, path in enumerate(self.paths)}
            self._row_of.update({item_id: row for row, item_id in enumerate(self.ids)})
        try:
            return self._row_of[item]
        except KeyError:
            raise MissingError(
                f"no item {item!r}",
                hint="An item is named by its path in the folder, as review.items() lists it.",
            ) from None

    def original_name(self, row: int) -> str:
        """File name that the item had when it was first seen."""
        return self.names[row]

    def set_paths(self, paths: dict[int, str]) -> None:
        """Record where items are now."""
        for row, path in paths.items():
            self.paths[row] = path
        if paths:
            self._row_of = None

    def append(self, paths: Sequence[str]) -> list[int]:
        """Add items that are new in the folder; an id that is taken gets ``#2``, ``#3`` and so on."""
        taken = set(self.ids)
        first = len(self.ids)
        for path in paths:
            item_id, n = path, 1
            while item_id in taken:
                n += 1
                item_id = f"{path}#{n}"
            taken.add(item_id)
            self.ids.append(item_id)
            self.paths.append(path)
            self.names.append(path.rpartition("/")[2])
        for name, values in self.columns.items():
            fill: Any = {"f": np.nan, "i": -1, "U": ""}.get(values.dtype.kind, 0)
            tail = np.full((len(paths), *values.shape[1:]), fill, values.dtype)
            self.columns[name] = np.concatenate((values, tail))
        self._row_of = None
        return list(range(first, len(self.ids)))
