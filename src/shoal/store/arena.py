"""An append-only file of float16 vectors: every row checksummed, the whole index rebuildable from it.

Layout: a header of 64 bytes (magic, version, row length), then rows of equal length: ``key`` (32 bytes),
``crc`` (4 bytes, CRC-32 of key and vector), ``vector`` (little-endian float16). A row counts only when its
checksum is right, so what a crash leaves half-written is found and dropped.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, DamagedError
from shoal.store.atomic import sync_folder

__all__ = ["KEY_BYTES", "VectorArena"]

KEY_BYTES = 32
_HEADER = struct.Struct("<8sIII")
_HEADER_BYTES = 64
_MAGIC = b"shoalvec"
_VERSION = 1
_SCAN_ROWS = 4096


class VectorArena:
    """Rows of one dimension in one file. Not locked: the caller holds a lock while it appends or repairs.

    Parameters
    ----------
    path : Path
        The file; made when it is missing or holds less than a header.
    dims : int
        Length of a vector.

    Raises
    ------
    DamagedError
        The file is something else, or of another dimension.
    """

    def __init__(self, path: Path, dims: int) -> None:
        self.path, self.dims = path, dims
        self._row = np.dtype([("key", "u1", (KEY_BYTES,)), ("crc", "<u4"), ("vector", "<f2", (dims,))])
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(path, flags, 0o644)
        try:
            self._check_header()
        except BaseException:
            os.close(self._fd)
            raise

    def _check_header(self) -> None:
        head = os.pread(self._fd, _HEADER_BYTES, 0)
        expected = _HEADER.pack(_MAGIC, _VERSION, self.dims, self._row.itemsize).ljust(_HEADER_BYTES, b"\0")
        alone = os.fstat(self._fd).st_size <= _HEADER_BYTES
        if alone and head != expected and expected.startswith(head.rstrip(b"\0")):
            # Killed or without power while it was made: nothing can have been indexed yet.
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, expected, 0)
            os.fsync(self._fd)
            sync_folder(self.path.parent)
            return
        if head != expected:
            raise DamagedError(
                f"{str(self.path)!r} is no vector file of {self.dims} dimensions",
                hint="It is only a cache: remove its folder, and everything is embedded again.",
            )

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    @property
    def rows(self) -> int:
        """Number of whole rows in the file, checked or not."""
        return max(0, (os.fstat(self._fd).st_size - _HEADER_BYTES) // self._row.itemsize)

    @property
    def is_torn(self) -> bool:
        """Whether less than a row hangs at the end."""
        return (os.fstat(self._fd).st_size - _HEADER_BYTES) % self._row.itemsize != 0

    def _at(self, row: int) -> int:
        return _HEADER_BYTES + row * self._row.itemsize

    def _checksums(self, block: npt.NDArray[np.void]) -> npt.NDArray[np.uint32]:
        keys, vectors = block["key"], np.ascontiguousarray(block["vector"])
        key_bytes, vector_bytes = memoryview(keys.tobytes()), memoryview(vectors.tobytes())
        width, crc32 = 2 * self.dims, zlib.crc32
        sums = [
            crc32(
                vector_bytes[i * width : (i + 1) * width],
                crc32(key_bytes[i * KEY_BYTES : (i + 1) * KEY_BYTES]),
            )
            for i in range(len(block))
        ]
        return np.asarray(sums, dtype=np.uint32)

    def append(self, keys: Sequence[bytes], vectors: npt.NDArray[np.float16]) -> int:
        """Write rows at the end and make them durable.

        Parameters
        ----------
        keys : sequence of bytes
            32 bytes each.
        vectors : ndarray of float16, shape (n, dims)

        Returns
        -------
        int
            Number of the first row written.

        Raises
        ------
        BadInputError
            A wrong shape or key length.
        OSError
            The disk is full or broken; what was written is cut off again.
        """
        if vectors.shape != (len(keys), self.dims) or any(len(key) != KEY_BYTES for key in keys):
            raise BadInputError(
                f"{len(keys)} keys and vectors of shape {vectors.shape} do not fit {self.dims} dimensions",
                hint=f"One key of {KEY_BYTES} bytes for each row.",
            )
        block = np.zeros(len(keys), dtype=self._row)
        block["key"] = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, KEY_BYTES)
        block["vector"] = vectors
        block["crc"] = self._checksums(block)
        first = self.rows
        data = memoryview(block.tobytes())
        position = self._at(first)
        try:
            while data:
                written = os.pwrite(self._fd, data, position)
                data, position = data[written:], position + written
            _datasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._at(first))
            raise
        return first

    def truncate(self, rows: int) -> None:
        """Keep the first ``rows`` rows and drop everything behind them."""
        os.ftruncate(self._fd, self._at(rows))
        _datasync(self._fd)

    def block_into(self, first: int, buffer: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
        """Read rows into ``buffer`` (of `row_dtype`), unchecked; the part of it that the file could fill."""
        size = os.preadv(self._fd, [buffer.view(np.uint8).data], self._at(first))
        return buffer[: size // self._row.itemsize]

    @property
    def row_dtype(self) -> np.dtype[np.void]:
        """One row as it lies in the file. Fields: key, crc, vector."""
        return self._row

    def block(self, first: int, count: int) -> npt.NDArray[np.void]:
        """Rows as they lie in the file, unchecked; fewer where the file ends."""
        data = os.pread(self._fd, count * self._row.itemsize, self._at(first))
        whole = len(data) // self._row.itemsize
        return np.frombuffer(data, dtype=self._row, count=whole)

    def read(
        self, rows: npt.NDArray[np.int64], keys: Sequence[bytes]
    ) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.bool_]]:
        """Read rows, and say which of them are whole and hold the expected key.

        Parameters
        ----------
        rows : ndarray of int64, shape (n,)
        keys : sequence of bytes
            The key that each row should have.

        Returns
        -------
        vectors : ndarray of float16, shape (n, dims)
            Zeros where a row is bad.
        good : ndarray of bool, shape (n,)
        """
        vectors = np.zeros((len(rows), self.dims), dtype=np.float16)
        good = np.zeros(len(rows), dtype=bool)
        order = np.argsort(rows, kind="stable")
        start = 0
        while start < len(order):
            # neighbours in the file are read in one go
            stop = start + 1
            while (
                stop < len(order)
                and stop - start < _SCAN_ROWS
                and rows[order[stop]] == rows[order[stop - 1]] + 1
            ):
                stop += 1
            block = self.block(int(rows[order[start]]), stop - start)
            right = self._checksums(block) == block["crc"]
            for offset in range(len(block)):
                at = int(order[start + offset])
                if right[offset] and block["key"][offset].tobytes() == keys[at]:
                    vectors[at], good[at] = block["vector"][offset], True
            start = stop
        return vectors, good

    def scan(self, first: int = 0) -> Iterator[tuple[int, bytes, bool]]:
        """Go through the rows from ``first`` on; yields (row, key, whether its checksum is right)."""
        total = self.rows
        while first < total:
            block = self.block(first, min(_SCAN_ROWS, total - first))
            right = self._checksums(block) == block["crc"]
            for offset in range(len(block)):
                yield first + offset, block["key"][offset].tobytes(), bool(right[offset])
            first += len(block)


def _datasync(fd: int) -> None:
    getattr(os, "fdatasync", os.fsync)(fd)
