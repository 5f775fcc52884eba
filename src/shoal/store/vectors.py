"""Vectors by content hash: the arena holds them, an index finds them, a lock lets processes share."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.store.arena import VectorArena
from shoal.store.file_lock import file_lock
from shoal.store.row_index import RowIndex, heads_of

__all__ = ["VectorStore"]

_PENDING = 131_072  # rows that wait for the index: 20 MB of memory, half a second to read after a crash


class VectorStore:
    """The cached vectors of one model and preprocessing version, in one folder.

    The arena is the truth and holds its own keys; the index only spares reading it. So rows are made durable
    by one write and one sync, and go into the index many at a time, at the latest when the store is closed;
    what a killed process left out is read from the arena when the store is opened next. Opening also repairs:
    a torn tail is cut off, rows past the end are forgotten, and a missing or damaged index is made anew. Safe
    with several threads and several processes.

    Parameters
    ----------
    folder : Path
        Made when missing; holds ``arena.f16``, ``index.rows`` and ``lock``.
    dims : int
        Length of a vector.
    about : dict, optional
        Written to ``about.json`` for people: model and preprocessing.
    """

    def __init__(self, folder: Path, dims: int, about: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.dims = folder, dims
        self._thread_lock = threading.RLock()
        self._depth = 0
        # Every row below _seen is in the index or in _pending.
        self._pending: dict[bytes, int] = {}
        self._bad: set[bytes] = set()
        if about is not None and not (folder / "about.json").exists():
            (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        with self._locked():
            self._arena = VectorArena(folder / "arena.f16", dims)
            self._index = RowIndex.load(self._index_path)
            self._seen = self._index.covered
            self._catch_up()

    @property
    def _index_path(self) -> Path:
        return self.folder / "index.rows"

    def close(self) -> None:
        """Bring the index up to date and close the files."""
        with self._thread_lock:
            try:
                self.flush()
            finally:
                self._arena.close()

    def __enter__(self) -> VectorStore:  # noqa: PYI034 - no subclasses
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _locked(self) -> Generator[None]:
        with self._thread_lock:
            if self._depth:  # the file's lock is held already, by this thread
                yield
                return
            with file_lock(self.folder / "lock"):
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def _catch_up(self) -> None:
        """Learn of rows that a crash left out of the index, or that another process has appended."""
        total = self._arena.rows
        if total < self._seen:  # the arena was cut
            self._pending = {key: row for key, row in self._pending.items() if row < total}
            self._index, self._seen = self._index.below(total), total
            self._index.save(self._index_path)
        last = self._seen
        for row, key, right in self._arena.scan(self._seen):
            if right:
                self._pending[key] = row
                last = row + 1
        # Damaged rows in the middle are passed over; those at the end were never promised.
        if last < total or self._arena.is_torn:
            self._arena.truncate(last)
        self._seen = last

    def flush(self) -> None:
        """Write the rows that wait for it into the index."""
        if not self._pending:
            return
        with self._locked():
            newest = RowIndex.load(self._index_path)  # another process may have written one meanwhile
            base = newest if self._index.covered <= newest.covered <= self._seen else self._index
            rows = np.fromiter(self._pending.values(), dtype=np.int64, count=len(self._pending))
            self._index = base.with_rows(heads_of(list(self._pending)), rows, self._seen)
            self._index.save(self._index_path)
            self._pending = {}

    def rebuild_index(self) -> int:
        """Throw the index away and read it again from the arena; returns the number of vectors."""
        with self._locked():
            self._index_path.unlink(missing_ok=True)
            self._index, self._pending, self._seen = RowIndex(), {}, 0
            self._catch_up()
            self.flush()
        return len(self)

    def __len__(self) -> int:
        with self._thread_lock:
            self.flush()
            return len(self._index)

    @property
    def arena(self) -> VectorArena:
        """The file of vectors."""
        return self._arena

    def rows(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Arena rows of keys, shape (n,), −1 where there is none; reading tells whether they are whole."""
        with self._thread_lock:
            if self._arena.rows != self._seen:
                with self._locked():
                    self._catch_up()
            found = self._index.find(heads_of(keys))
            if self._pending:
                for at, key in enumerate(keys):
                    if key in self._pending:
                        found[at] = self._pending[key]
            if self._bad:
                for at, key in enumerate(keys):
                    if key in self._bad:
                        found[at] = -1
        return found

    def get(self, keys: Sequence[bytes]) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.bool_]]:
        """Look vectors up.

        Parameters
        ----------
        keys : sequence of bytes
            Content hashes, 32 bytes each.

        Returns
        -------
        vectors : ndarray of float16, shape (n, dims)
            Zeros where there is none.
        found : ndarray of bool, shape (n,)
            False also for rows whose checksum is wrong; these are forgotten and can be added again.
        """
        vectors = np.zeros((len(keys), self.dims), dtype=np.float16)
        found = np.zeros(len(keys), dtype=bool)
        with self._thread_lock:
            numbers = self.rows(keys)
            at = np.flatnonzero(numbers >= 0)
            if len(at):
                wanted = [keys[i] for i in at.tolist()]
                vectors[at], good = self._arena.read(numbers[at], wanted)
                found[at] = good
                self._bad.update(key for key, right in zip(wanted, good.tolist(), strict=True) if not right)
        return vectors, found

    def add(self, keys: Sequence[bytes], vectors: npt.NDArray[np.floating]) -> None:
        """Keep vectors; durable when this returns. A key that is there already is replaced.

        Parameters
        ----------
        keys : sequence of bytes
            Content hashes, 32 bytes each.
        vectors : ndarray of float, shape (n, dims)
            Stored as float16.
        """
        if not len(keys):
            return
        with self._locked():
            self._catch_up()
            first = self._arena.append(keys, np.asarray(vectors, dtype=np.float16))
            self._pending.update((key, first + i) for i, key in enumerate(keys))
            self._bad.difference_update(keys)
            self._seen = first + len(keys)
            if len(self._pending) >= _PENDING:
                self.flush()
