"""The answer for a whole table of unchanged files at once, without asking for each of them.

A recollection says which arena row belongs to which item, for one exact sequence of (device, inode, size,
modification time). It is a memo only: each row that it leads to is compared with the sum kept here, and when
anything differs the answer is looked up file by file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.store.atomic import temporary_name
from shoal.store.vectors import VectorStore

__all__ = ["Foreseen", "Recalled", "recall", "remember", "unit_rows"]

_CHUNK = 4096  # rows at a time: few changes of hands of the interpreter lock, little memory
_WIDENED = 1 << 18  # numbers at a time that stay in a core's cache
_EXPONENT, _LEAST, _NOT_FINITE = np.float32(2.0**112), np.float32(2.0**-136), 65_536.0
_KEPT = 16
_THREADS = 2
# As in file_hashes: what changed this recently could change again without a new time stamp.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was found.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dims)
        L2-normalised; NaN for unreadable pictures.
    reasons : dict of int to str
        Row → why a picture has none.
    distinct : int
        Number of different contents.
    """

    vectors: npt.NDArray[np.float32]
    reasons: dict[int, str] = field(default_factory=dict[int, str])
    distinct: int = 0


def _widen(rows: npt.NDArray[np.float16], out: npt.NDArray[np.float32]) -> None:
    """Write finite float16 into float32, exactly, three times as fast as numpy's own cast.

    The bits are moved to where float32 has them, and the product puts the exponent right, also of the
    smallest numbers. What is not finite comes out as 65,536 or more.
    """
    bits = out.view(np.uint32)
    bits[...] = rows.view(np.uint16)
    sign = bits & np.uint32(0x8000)
    bits ^= sign
    bits <<= np.uint32(13)
    out *= _EXPONENT
    sign <<= np.uint32(16)
    bits |= sign


def unit_rows(rows: npt.NDArray[np.float16], out: npt.NDArray[np.float32]) -> None:
    """Write float16 rows into ``out`` as float32 of length 1 (zeros stay zeros), always the same bytes."""
    flushed = _LEAST * _EXPONENT == 0  # this thread takes the smallest numbers for zeros
    step = max(1, _WIDENED // max(1, out.shape[1]))
    for start in range(0, len(rows), step):
        part = out[start : start + step]
        _widen(rows[start : start + step], part)
        lengths = np.sqrt(np.einsum("ij,ij->i", part, part))
        if flushed or lengths.max() >= _NOT_FINITE:
            part[...] = rows[start : start + step]
            lengths = np.sqrt(np.einsum("ij,ij->i", part, part))
        part *= (1.0 / np.maximum(lengths, 1e-12)).astype(np.float32)[:, None]


def _folder_name(root: str | os.PathLike[str]) -> str:
    path = os.path.abspath(root)  # noqa: PTH100 - as it was asked for: links are not followed
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _place(store: VectorStore, root: str | os.PathLike[str], marks: npt.NDArray[np.int64]) -> Path:
    name = hashlib.blake2b(np.ascontiguousarray(marks).tobytes(), digest_size=16).hexdigest()
    return store.folder / "recall" / f"{_folder_name(root)}-{name}.npz"


def _sums(block: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    """Sum of the 16- or 32-bit words of each row: any single changed bit changes it."""
    words = np.ascontiguousarray(block).view(np.uint32 if block.itemsize % 4 == 0 else np.uint16)
    return words.reshape(len(block), -1).sum(axis=1, dtype=np.uint64)


def remember(
    store: VectorStore,
    root: str | os.PathLike[str],
    marks: npt.NDArray[np.int64],
    keys: list[bytes],
    reasons: dict[int, str],
) -> None:
    """Keep the answer for a table, unless one of its files changed only just now.

    Parameters
    ----------
    store : VectorStore
        Holds a vector for every key.
    root : path
        Folder of the items.
    marks : ndarray of int64, shape (n, 4)
        Device, inode, size and modification time in nanoseconds.
    keys : list of bytes
        Content hash of each item.
    reasons : dict of int to str
        Items without a vector, and why.
    """
    if not len(marks) or time.time_ns() - int(marks[:, 3].max()) < _SETTLED_NS:
        return
    rows = store.rows(keys)
    rows[list(reasons)] = -1
    if (np.delete(rows, list(reasons)) < 0).any():
        return
    sums = np.zeros(len(rows), dtype=np.uint64)
    for at, block in _blocks(store, rows):
        sums[at] = _sums(block)
    path = _place(store, root, marks)
    path.parent.mkdir(exist_ok=True)
    temporary = Path(temporary_name(str(path)))
    with temporary.open("xb") as file:
        np.savez(
            file,
            marks=marks,
            rows=rows,
            sums=sums,
            unreadable=np.array(sorted(reasons), dtype=np.int64),
            reasons=np.array([reasons[row] for row in sorted(reasons)], dtype=np.str_),
            distinct=np.int64(len(set(keys))),
        )
    temporary.replace(path)
    held = sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for old in held[_KEPT:]:
        old.unlink(missing_ok=True)


def _blocks(
    store: VectorStore, rows: npt.NDArray[np.int64], share: int = 0, shares: int = 1
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.void]]]:
    """Read rows in the order of the file; yields (positions in ``rows``, rows of the arena).

    What is yielded is overwritten by the next; of several ``shares`` each reads its part of the rows.
    """
    order = np.argsort(rows, kind="stable")
    order = order[int(np.searchsorted(rows, 0, sorter=order)) :]
    order = order[len(order) * share // shares : len(order) * (share + 1) // shares]
    ordered = rows[order]
    buffer = np.empty(_CHUNK, dtype=store.arena.row_dtype)
    at = 0
    while at < len(ordered):
        first = int(ordered[at])
        stop = int(np.searchsorted(ordered, first + _CHUNK))
        wanted = ordered[at:stop] - first
        block = store.arena.block_into(first, buffer[: int(wanted[-1]) + 1])
        if len(block) <= int(wanted[-1]):
            yield order[at:stop], block[:0]
        elif len(wanted) == len(block) and (wanted == np.arange(len(block))).all():
            yield order[at:stop], block
        else:
            yield order[at:stop], block[wanted]
        at = stop


def _read(path: Path, store: VectorStore, threads: int) -> tuple[npt.NDArray[np.int64], Recalled] | None:
    """What one recollection leads to, if every row is as it was; and the marks that it holds for."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            marks, rows, sums = held["marks"], held["rows"], held["sums"]
            reasons = dict(zip(held["unreadable"].tolist(), held["reasons"].tolist(), strict=True))
            distinct = int(held["distinct"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    vectors = np.empty((len(rows), store.dims), dtype=np.float32)
    vectors[rows < 0] = np.nan

    def fill(share: int) -> bool:
        for at, block in _blocks(store, rows, share, threads):
            if len(block) != len(at) or not np.array_equal(_sums(block), sums[at]):
                return False
            if int(at[-1]) - int(at[0]) == len(at) - 1 and (np.diff(at) == 1).all():
                unit_rows(block["vector"], vectors[int(at[0]) : int(at[-1]) + 1])
            else:
                out = np.empty((len(at), store.dims), dtype=np.float32)
                unit_rows(block["vector"], out)
                vectors[at] = out
        return True

    if threads == 1:
        right = fill(0)
    else:
        # numpy leaves the interpreter lock free while it widens float16, which is most of the work
        with ThreadPoolExecutor(threads) as pool:
            right = all(pool.map(fill, range(threads)))
    if not right:
        return None
    with contextlib.suppress(OSError):  # the newest are kept
        os.utime(path)
    return marks, Recalled(vectors, reasons, distinct)


def recall(store: VectorStore, root: str | os.PathLike[str], marks: npt.NDArray[np.int64]) -> Recalled | None:
    """Answer for a table of files that are all as they were, or ``None``.

    Parameters
    ----------
    store : VectorStore
    root : path
        Folder of the items.
    marks : ndarray of int64, shape (n, 4)
        Device, inode, size and modification time in nanoseconds of each item's file.
    """
    found = _read(_place(store, root, marks), store, _THREADS)
    return found[1] if found is not None and np.array_equal(found[0], marks) else None


class Foreseen:
    """The last answer for a folder, read beside the look at its files; a context manager.

    Looking at 100,000 files takes as long as reading their vectors, and mostly nothing has changed.

    Parameters
    ----------
    store : VectorStore
        Stays open until the end of the ``with`` block.
    root : path
        Folder of the items.
    """

    def __init__(self, store: VectorStore, root: str | os.PathLike[str]) -> None:
        self._found: tuple[npt.NDArray[np.int64], Recalled] | None = None
        kept = (store.folder / "recall").glob(f"{_folder_name(root)}-*.npz")
        newest = max(kept, key=lambda path: path.stat().st_mtime_ns, default=None)
        self._thread = threading.Thread(target=self._look, args=(newest, store), name="shoal-recall")
        if newest is not None:
            self._thread.start()

    def _look(self, path: Path, store: VectorStore) -> None:
        self._found = _read(path, store, 1)

    def answer(self, marks: npt.NDArray[np.int64]) -> Recalled | None:
        """The answer, when the files are those that it was read for."""
        self.close()
        if self._found is None or not np.array_equal(self._found[0], marks):
            return None
        return self._found[1]

    def close(self) -> None:
        """Wait for the reading."""
        if self._thread.ident is not None:
            self._thread.join()

    def __enter__(self) -> Foreseen:  # noqa: PYI034 - no subclasses
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
