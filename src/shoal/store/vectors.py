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


class VectorStore:
    """The cached vectors of one model and preprocessing version, in one folder.

    Opening repairs: a torn tail is cut off, rows that were written but not yet indexed are indexed, entries
    that point past the end are forgotten, and an index that SQLite calls damaged is rebuilt from the arena.
    Safe with several threads and several processes.

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
        if about is not None and not (folder / "about.json").exists():
            (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        with self._locked():
            self._arena = VectorArena(folder / "arena.f16", dims)
            try:
                self._index = self._open_index()
                self._catch_up()
            except sqlite3.DatabaseError:
                self._rebuild()

    def close(self) -> None:
        """Close both files."""
        with self._thread_lock:
            self._index.close()
            self._arena.close()

    def __enter__(self) -> VectorStore:  # noqa: PYI034 - no subclasses
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _locked(self) -> Generator[None]:
        with self._thread_lock, file_lock(self.folder / "lock"):
            yield

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
            index.execute("CREATE INDEX IF NOT EXISTS by_row ON vectors (row)")
        except BaseException:
            index.close()
            raise
        return index

    def _indexed(self) -> int:
        """Number of arena rows up to the last indexed one."""
        last: int | None = self._index.execute("SELECT MAX(row) FROM vectors").fetchone()[0]
        return 0 if last is None else last + 1

    def _catch_up(self) -> None:
        """Bring arena and index together after a crash, or after another process has appended."""
        total = self._arena.rows
        self._index.execute("DELETE FROM vectors WHERE row >= ?", (total,))
        known = self._indexed()
        found: list[tuple[bytes, int]] = []
        for row, key, right in self._arena.scan(known):
            if not right:
                # Nothing behind it was ever promised: the index is written after the rows are durable.
                self._arena.truncate(row)
                break
            found.append((key, row))
        else:
            self._arena.truncate(total)  # less than a row may hang at the end
        self._insert(found)

    def _insert(self, pairs: Sequence[tuple[bytes, int]]) -> None:
        if not pairs:
            return
        self._index.execute("BEGIN IMMEDIATE")
        try:
            self._index.executemany("INSERT OR REPLACE INTO vectors (key, row) VALUES (?, ?)", pairs)
        except BaseException:
            self._index.execute("ROLLBACK")
            raise
        self._index.execute("COMMIT")

    def _rebuild(self) -> None:
        """Set a damaged index aside and make a new one; damaged rows of the arena are passed over."""
        if hasattr(self, "_index"):
            self._index.close()
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"index.sqlite{suffix}").unlink(missing_ok=True)
        self._index = self._open_index()
        self._insert([(key, row) for row, key, right in self._arena.scan() if right])

    def rebuild_index(self) -> int:
        """Throw the index away and read it again from the arena; returns the number of vectors."""
        with self._locked():
            self._rebuild()
            return len(self)

    def __len__(self) -> int:
        with self._thread_lock:
            return int(self._index.execute("SELECT COUNT(*) FROM vectors").fetchone()[0])

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
            rows: dict[bytes, int] = {}
            distinct = list(dict.fromkeys(keys))
            for start in range(0, len(distinct), _CHUNK):
                part = distinct[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, row FROM vectors WHERE key IN ({marks})"
                rows.update((bytes(key), int(row)) for key, row in self._index.execute(query, part))
            at = np.array([i for i, key in enumerate(keys) if key in rows], dtype=np.int64)
            if len(at):
                wanted = [keys[i] for i in map(int, at)]
                numbers = np.array([rows[key] for key in wanted], dtype=np.int64)
                vectors[at], good = self._arena.read(numbers, wanted)
                found[at] = good
                bad = [(key,) for key, right in zip(wanted, map(bool, good), strict=True) if not right]
                if bad:
                    self._index.executemany("DELETE FROM vectors WHERE key = ?", bad)
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
            self._insert([(key, first + i) for i, key in enumerate(keys)])
