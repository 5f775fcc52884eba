"""Which arena row holds which key: sorted numbers in one small file, that may be thrown away at any time.

A key is a SHA-256, so its first eight bytes tell keys apart; that the row really holds the whole key is
checked where the row is read. The file: a header (magic, version, rows of the arena that it covers, entries,
CRC-32 of these and the rest), the first eight bytes of each key in ascending order, and the row of each.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from shoal.store.atomic import temporary_name

__all__ = ["RowIndex", "heads_of"]

_HEADER = struct.Struct("<8sIQQI")
_MAGIC, _VERSION = b"shoalidx", 1


def heads_of(keys: Sequence[bytes]) -> npt.NDArray[np.uint64]:
    """The first eight bytes of each key as a number, shape (n,)."""
    return np.frombuffer(b"".join(key[:8] for key in keys), dtype="<u8").astype(np.uint64)


def _sum(covered: int, count: int, body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(struct.pack("<QQ", covered, count)))


def _no_heads() -> npt.NDArray[np.uint64]:
    return np.empty(0, dtype=np.uint64)


def _no_rows() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class RowIndex:
    """An index in memory; never changed, only replaced.

    Parameters
    ----------
    covered : int
        Rows of the arena, from the first on, that it knows.
    heads : ndarray of uint64, shape (n,)
        Ascending, each once.
    rows : ndarray of int64, shape (n,)
    """

    covered: int = 0
    heads: npt.NDArray[np.uint64] = field(default_factory=_no_heads)
    rows: npt.NDArray[np.int64] = field(default_factory=_no_rows)

    def __len__(self) -> int:
        return len(self.heads)

    def find(self, heads: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """The row of each head, −1 where there is none; shape (n,)."""
        if not len(self.heads):
            return np.full(len(heads), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.heads, heads), len(self.heads) - 1)
        return np.where(self.heads[at] == heads, self.rows[at], -1)

    def with_rows(self, heads: npt.NDArray[np.uint64], rows: npt.NDArray[np.int64], covered: int) -> RowIndex:
        """The index with rows added; of several rows of one key the last one counts."""
        every, numbers = np.concatenate([self.heads, heads]), np.concatenate([self.rows, rows])
        order = np.lexsort((numbers, every))
        every, numbers = every[order], numbers[order]
        last = np.append(every[1:] != every[:-1], True) if len(every) else np.empty(0, dtype=bool)
        return RowIndex(max(covered, self.covered), every[last], numbers[last])

    def below(self, total: int) -> RowIndex:
        """The index without the rows from ``total`` on."""
        kept = self.rows < total
        return RowIndex(min(self.covered, total), self.heads[kept], self.rows[kept])

    def save(self, path: Path) -> None:
        """Replace the file; not synced, since it can be made anew."""
        body = self.heads.astype("<u8").tobytes() + self.rows.astype("<i8").tobytes()
        head = _HEADER.pack(_MAGIC, _VERSION, self.covered, len(self), _sum(self.covered, len(self), body))
        temporary = Path(temporary_name(str(path)))
        try:
            temporary.write_bytes(head + body)
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; one that is missing or damaged gives an empty index."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return cls()
        if len(data) < _HEADER.size:
            return cls()
        magic, version, covered, count, crc = _HEADER.unpack_from(data)
        body = memoryview(data)[_HEADER.size :]
        if (magic, version, len(body)) != (_MAGIC, _VERSION, 16 * count) or _sum(covered, count, body) != crc:
            return cls()
        heads = np.frombuffer(body, dtype="<u8", count=count).astype(np.uint64)
        return cls(covered, heads, np.frombuffer(body, dtype="<i8", offset=8 * count).astype(np.int64))
