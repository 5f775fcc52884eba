"""Arrays and sets of rows as buffers, and back. The only place where row numbers meet the wire."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError
from shoal.review.rows import EMPTY, Rows, as_rows, runs
from shoal.widgets.protocol.base import ArrayRef, ItemSet

__all__ = ["Buffer", "Buffers", "decode_array", "decode_items", "visible_text"]

Buffer = bytes | memoryview | bytearray

STRETCH, STRETCHES = 2_048, 4
WORTH = 0.85
"""What deflated byte planes may take of the bytes as they are."""


def _deflated(records: npt.NDArray[np.uint8]) -> bytes:
    # Runs and frequencies are all that planes have; looking for longer repeats takes four times as long.
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_RLE)
    return deflate.compress(np.ascontiguousarray(records.T).data) + deflate.flush()


class Buffers:
    """Collects the buffers of one message; each call returns what the payload says of its buffer."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    @property
    def size(self) -> int:
        """Bytes so far."""
        return sum(map(len, self.parts))

    def add(self, data: bytes) -> int:
        """Add raw bytes; returns their place."""
        self.parts.append(data)
        return len(self.parts) - 1

    def array(self, values: npt.NDArray[Any]) -> ArrayRef:
        """Add an array, little endian, C order."""
        little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
        return ArrayRef(dtype=values.dtype.name, shape=list(values.shape), buffer=self.add(little.tobytes()))  # pyright: ignore[reportArgumentType]

    def packed(self, values: npt.NDArray[Any]) -> ArrayRef:
        """Add an array as deflated byte planes (see :class:`ArrayRef`), or as it is if that saves little."""
        little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
        records = (
            little.view(np.uint8).reshape(len(little), -1) if little.size else np.empty((0, 1), np.uint8)
        )
        # What a part of it would save tells; where that is little, inflating takes longer than sending.
        starts = np.linspace(0, max(0, len(records) - STRETCH), STRETCHES).astype(int).tolist()
        some = np.concatenate([records[at : at + STRETCH] for at in starts])
        if len(_deflated(some)) > WORTH * some.nbytes:
            return self.array(values)
        data = _deflated(records)
        if len(data) >= little.nbytes:
            return self.array(values)
        place = self.add(data)
        return ArrayRef(
            dtype=values.dtype.name,  # pyright: ignore[reportArgumentType] - checked by pydantic
            shape=list(values.shape),
            buffer=place,
            packing="planes",
        )

    def items(self, rows: Rows, n_items: int) -> ItemSet:
        """Add a set of rows in the smallest encoding.

        Parameters
        ----------
        rows : ndarray of int64
            Ascending and unique.
        n_items : int
            Rows of the whole table; a bit each is the most that a set costs.
        """
        spans = runs(rows)
        as_bits = (n_items + 7) // 8
        if 8 * len(spans) <= min(4 * len(rows), as_bits):
            return ItemSet(encoding="ranges", count=len(rows), buffer=self.add(spans.astype("<u4").tobytes()))
        if 4 * len(rows) <= as_bits:
            return ItemSet(encoding="rows", count=len(rows), buffer=self.add(rows.astype("<u4").tobytes()))
        mask = np.zeros(n_items, np.uint8)
        mask[rows] = 1
        bits = np.packbits(mask, bitorder="little").tobytes()
        return ItemSet(encoding="bits", count=len(rows), buffer=self.add(bits))


def _buffer(buffers: Sequence[Buffer], place: int) -> Buffer:
    if not 0 <= place < len(buffers):
        raise BadInputError(
            f"the message has {len(buffers)} buffers, none at {place}", hint="Reload the view."
        )
    return buffers[place]


def decode_array(ref: ArrayRef, buffers: Sequence[Buffer]) -> npt.NDArray[Any]:
    """The array that a payload refers to. Views send plain ones.

    Raises
    ------
    BadInputError
        When the array is packed, or its buffer does not have the length that dtype and shape say.
    """
    if ref.packing != "none":
        raise BadInputError("a packed array came from a view", hint="Reload the view.")
    data = _buffer(buffers, ref.buffer)
    dtype = np.dtype(ref.dtype).newbyteorder("<")
    wanted = int(np.prod(ref.shape, dtype=np.int64)) * dtype.itemsize
    if memoryview(data).nbytes != wanted or any(n < 0 for n in ref.shape):
        raise BadInputError(
            f"a buffer of {memoryview(data).nbytes} bytes where {wanted} are due", hint="Reload the view."
        )
    return np.frombuffer(data, dtype).reshape(ref.shape)


def decode_items(ref: ItemSet, buffers: Sequence[Buffer], n_items: int) -> Rows:
    """The rows of a set, ascending.

    Raises
    ------
    BadInputError
        When the buffer is cut, rows are out of range or their number is not ``count``.
    """
    data = memoryview(_buffer(buffers, ref.buffer))
    try:
        if ref.encoding == "bits":
            rows = np.flatnonzero(np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little"))
        elif ref.encoding == "rows":
            rows = as_rows(np.frombuffer(data, "<u4"))
        else:
            spans = np.frombuffer(data, "<u4").astype(np.int64).reshape(-1, 2)
            if len(spans) and (int(spans.max()) > n_items or bool((spans[:, 0] > spans[:, 1]).any())):
                raise ValueError("a range is out of bounds")
            rows = as_rows(np.concatenate([EMPTY, *(np.arange(a, b) for a, b in spans.tolist())]))
    except ValueError as error:
        raise BadInputError(f"a set of items cannot be read: {error}", hint="Reload the view.") from error
    if len(rows) != ref.count or (len(rows) and int(rows[-1]) >= n_items):
        raise BadInputError("a set of items does not fit this review", hint="Reload the view.")
    return rows


def visible_text(text: str) -> str:
    r"""``text`` as the wire can carry it: bytes of a file name that are no UTF-8 become ``\\xNN``."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
