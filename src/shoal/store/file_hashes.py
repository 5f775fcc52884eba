"""SHA-256 of files, remembered by what the file system says of them, so that a file is read once."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["FileHashes", "file_sha256"]

# A file changed within the clock's grain could change again without a new time stamp; such hashes are not
# kept.
_SETTLED_NS = 2_000_000_000
_CHUNK = 500  # below SQLite's oldest limit on bound values


def file_sha256(path: str | os.PathLike[str]) -> bytes:
    """SHA-256 of a file's content, 32 bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class FileHashes:
    """A memo of file hashes by (device, inode, size, modification time); safe with threads and processes.

    It is a memo only: when its file is damaged it starts anew.

    Parameters
    ----------
    path : Path
        SQLite file; its folder is made when missing.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        try:
            self._memo = self._open()
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._memo = self._open()

    def _open(self) -> sqlite3.Connection:
        memo = sqlite3.connect(self.path, timeout=60, check_same_thread=False, isolation_level=None)
        try:
            memo.execute("PRAGMA journal_mode=WAL")
            memo.execute("PRAGMA synchronous=NORMAL")
            memo.execute(
                "CREATE TABLE IF NOT EXISTS files (device INTEGER, inode INTEGER, size INTEGER,"
                " mtime_ns INTEGER, sha256 BLOB NOT NULL, PRIMARY KEY (device, inode)) WITHOUT ROWID"
            )
        except BaseException:
            memo.close()
            raise
        return memo

    def known(self, stat: os.stat_result) -> bytes | None:
        """Return the hash remembered for an unchanged file, or ``None``."""
        with self._lock:
            row = self._memo.execute(
                "SELECT sha256 FROM files WHERE device = ? AND inode = ? AND size = ? AND mtime_ns = ?",
                _key(stat),
            ).fetchone()
        return None if row is None else bytes(row[0])

    def get(self, path: str | os.PathLike[str]) -> bytes:
        """SHA-256 of a file, from the memo where the file is unchanged.

        Raises
        ------
        OSError
            The file cannot be read.
        """
        before = Path(path).stat()
        held = self.known(before)
        if held is not None:
            return held
        digest = file_sha256(path)
        after = Path(path).stat()
        settled = time.time_ns() - after.st_mtime_ns > _SETTLED_NS
        if settled and _key(before) == _key(after):
            with self._lock:
                self._memo.execute(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (*_key(after), digest)
                )
        return digest

    def lookup(self, marks: npt.NDArray[np.int64]) -> list[bytes | None]:
        """Return the hashes remembered for unchanged files.

        Parameters
        ----------
        marks : ndarray of int64, shape (n, 4)
            Device, inode, size and modification time in nanoseconds.

        Returns
        -------
        list of bytes or None
            ``None`` where the file is unknown or has changed.
        """
        held: dict[tuple[int, ...], bytes] = {}
        for device in np.unique(marks[:, 0]).tolist():
            inodes = np.unique(marks[marks[:, 0] == device, 1]).tolist()
            for start in range(0, len(inodes), _CHUNK):
                part = inodes[start : start + _CHUNK]
                query = (
                    "SELECT device, inode, size, mtime_ns, sha256 FROM files"
                    f" WHERE device = ? AND inode IN ({','.join('?' * len(part))})"
                )
                with self._lock:
                    held.update(
                        (row[:4], bytes(row[4])) for row in self._memo.execute(query, [device, *part])
                    )
        return [held.get(tuple(mark)) for mark in marks.tolist()]

    def close(self) -> None:
        """Close the memo."""
        with self._lock:
            self._memo.close()


def _key(stat: os.stat_result) -> tuple[int, int, int, int]:
    # SQLite integers are signed 64-bit, inode numbers of some file systems are not
    return (_signed(stat.st_dev), _signed(stat.st_ino), stat.st_size, stat.st_mtime_ns)


def _signed(number: int) -> int:
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >= 1 << 63 else number
