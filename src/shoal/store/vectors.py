"""Vectors by content hash: the arena holds them, a SQLite index finds them, a lock lets processes share."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.store.arena import VectorArena
from shoal.store.file_lock import file_lock

__all__ = ["VectorStore"]

_CHUNK = 500  # below SQLite's oldest limit on bound values
_PENDING = 131_072  # rows that wait for the index: 20 MB of memory, half a second to read after a crash


class VectorStore:
    """The cached vectors of one model and preprocessing version, in one folder.

    The arena is the truth and holds its own keys; the index only spares reading it. So rows are made durable
    by one write and one sync, and go into the index many at a time, at the latest when the store is closed;
    what a killed process left out is read from the arena when the store is opened next. Opening also repairs:
    a torn tail is cut off, entries that point past the end are forgotten, and an index that SQLite calls
    damaged is rebuilt. Safe with several threads and several processes.

    Parameters
    ----------
    folder : Path
        Made when missing; holds ``arena.f16``, ``index.sqlite`` and ``lock``.
    dims : int
        Length of a vector.
    about : dict, optional
        Written to ``about.json`` for people: model and preprocessing.
    """

    def __init__(self, folder: Path, dims: int, about: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.dims = folder, dims
        self._thread_lock = threading.RLock()
        # Every row below _seen is in the index or in _pending.
        self._pending: dict[bytes, int] = {}
        self._seen = 0
        self._depth = 0
        if about is not None and not (folder / "about.json").exists():
            (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        with self._locked():
            self._arena = VectorArena(folder / "arena.f16", dims)
            try:
                self._index = self._open_index()
                self._seen = self._indexed()
                self._catch_up()
            except sqlite3.DatabaseError:
                self._rebuild()

    def close(self) -> None:
        """Bring the index up to date and close both files."""
        with self._thread_lock:
            try:
                self.flush()
            finally:
                self._index.close()
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

    def _open_index(self) -> sqlite3.Connection:
        index = sqlite3.connect(
            self.folder / "index.sqlite", timeout=60, check_same_thread=False, isolation_level=None
        )
        try:
            index.execute("PRAGMA journal_mode=WAL")
            index.execute("PRAGMA synchronous=NORMAL")
            index.execute(
                "CREATE TABLE IF NOT EXISTS vectors "
                "(key BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID"
            )
            index.execute("CREATE TABLE IF NOT EXISTS indexed (rows INTEGER NOT NULL)")
            index.execute("INSERT INTO indexed SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM indexed)")
        except BaseException:
            index.close()
            raise
        return index

    def _indexed(self) -> int:
        """Number of arena rows, from the first on, that the index knows."""
        return int(self._index.execute("SELECT MAX(rows) FROM indexed").fetchone()[0])

    def _catch_up(self) -> None:
        """Learn of rows that a crash left out of the index, or that another process has appended."""
        total = self._arena.rows
        if total < self._seen:
            self._forget_from(total)
        last = self._seen
        for row, key, right in self._arena.scan(self._seen):
            if right:
                self._pending[key] = row
                last = row + 1
        # Damaged rows in the middle are passed over; those at the end were never promised.
        if last < total or self._arena.is_torn:
            self._arena.truncate(last)
        self._seen = last

    def _forget_from(self, total: int) -> None:
        """Forget the rows from ``total`` on: the arena was cut."""
        self._pending = {key: row for key, row in self._pending.items() if row < total}
        with self._transaction():
            self._index.execute("DELETE FROM vectors WHERE row >= ?", (total,))
            self._index.execute("UPDATE indexed SET rows = MIN(rows, ?)", (total,))
        self._seen = total

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._index.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._index.execute("ROLLBACK")
            raise
        self._index.execute("COMMIT")

    def flush(self) -> None:
        """Write the rows that wait for it into the index."""
        if not self._pending:
            return
        with self._locked():
            # Sorted, so that the tree is filled from left to right
            pairs = sorted(self._pending.items())
            with self._transaction():
                self._index.executemany("INSERT OR REPLACE INTO vectors (key, row) VALUES (?, ?)", pairs)
                self._index.execute("UPDATE indexed SET rows = MAX(rows, ?)", (self._seen,))
            self._pending = {}

    def _rebuild(self) -> None:
        """Set the index aside and make a new one; damaged rows of the arena are passed over."""
        if hasattr(self, "_index"):
            self._index.close()
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"index.sqlite{suffix}").unlink(missing_ok=True)
        self._index = self._open_index()
        self._pending, self._seen = {}, 0
        self._catch_up()
        self.flush()

    def rebuild_index(self) -> int:
        """Throw the index away and read it again from the arena; returns the number of vectors."""
        with self._locked():
            self._rebuild()
        return len(self)

    def __len__(self) -> int:
        with self._thread_lock:
            self.flush()
            return int(self._index.execute("SELECT COUNT(*) FROM vectors").fetchone()[0])

    @property
    def arena(self) -> VectorArena:
        """The file of vectors."""
        return self._arena

    def rows(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Arena rows of keys, shape (n,); −1 where there is none."""
        with self._thread_lock:
            if self._arena.rows != self._seen:
                with self._locked():
                    self._catch_up()
            found = {key: self._pending[key] for key in keys if key in self._pending}
            asked = [key for key in dict.fromkeys(keys) if key not in found]
            for start in range(0, len(asked), _CHUNK):
                part = asked[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, row FROM vectors WHERE key IN ({marks})"
                found.update((bytes(key), int(row)) for key, row in self._index.execute(query, part))
        return np.array([found.get(key, -1) for key in keys], dtype=np.int64)

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
                bad = [key for key, right in zip(wanted, good.tolist(), strict=True) if not right]
                for key in bad:
                    self._pending.pop(key, None)
                self._index.executemany("DELETE FROM vectors WHERE key = ?", [(key,) for key in bad])
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
            self._seen = first + len(keys)
            if len(self._pending) >= _PENDING:
                self.flush()
