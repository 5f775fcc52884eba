"""The file system of shoal over a disk in memory."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from shoal.store.filesystem import REPORTS, Entry, FileSystem, Stat, is_own
from tests.crash.disk import Disk, Fact, File, History, KilledError


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)


class SimulatedFileSystem(FileSystem):
    """The door to a :class:`Disk`.

    Parameters
    ----------
    disk : Disk
        What is behind it.
    fail_at, error : int, OSError
        The ``fail_at``-th changing call fails with ``error``.
    kill_at : int
        From the ``kill_at``-th changing call on, the process is dead.
    """

    parallel = False

    def __init__(
        self, disk: Disk, *, fail_at: int = -1, error: OSError | None = None, kill_at: int = -1
    ) -> None:
        self.root = "/simulated"
        self.disk = disk
        self.start = disk.settled()
        self.calls = 0
        self.fail_at, self.error, self.kill_at = fail_at, error, kill_at

    def history(self) -> History:
        """Everything that was done through this door."""
        return History(self.start, self.disk.facts, self.disk.next_inode)

    def close(self) -> None:
        """Nothing is held open."""

    def _call(self) -> None:
        self.calls += 1
        if 0 <= self.kill_at < self.calls:
            raise KilledError
        if self.calls == self.fail_at and self.error is not None:
            raise self.error
        self.disk.begin()

    # -- reading ------------------------------------------------------------------------------------------

    def stat(self, path: str) -> Stat | None:
        inode = self.disk.find(path)
        if inode is None:
            return None
        if inode in self.disk.folders:
            return Stat("folder", inode, 1, 0, self.disk.times.get(inode, 0))
        file = self.disk.files[inode]
        return Stat("link" if file.target else "file", inode, 1, len(file.data), file.mtime_ns)

    def stat_many(self, paths: Iterable[str]) -> list[Stat | None]:
        return [self.stat(path) for path in paths]

    def entries(self, path: str) -> list[Entry]:
        inode = self.disk.find(path)
        if inode is None or inode not in self.disk.folders:
            return []
        folders = self.disk.folders
        return [
            Entry(name, "folder" if child in folders else "file", child)
            for name, child in folders[inode].items()
        ]

    def stats(self, path: str) -> list[tuple[str, Stat]]:
        prefix = f"{path}/" if path else ""
        rows: list[tuple[str, Stat]] = []
        for name in self.disk.folders[self.disk.folder(path)]:
            found = self.stat(prefix + name)
            assert found is not None
            rows.append((name, found))
        return rows

    def _file(self, path: str) -> tuple[int, File]:
        inode = self.disk.find(path)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if inode in self.disk.folders:
            raise _error(errno.EISDIR, path)
        return inode, self.disk.files[inode]

    def read(self, path: str) -> bytes:
        return self._file(path)[1].data

    def head(self, path: str, size: int) -> bytes:
        return self._file(path)[1].data[:size]

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self._file(path)[1].data).hexdigest()

    def writable(self, path: str) -> bool:
        return self.disk.find(path) is not None

    def free_bytes(self) -> int | None:
        return None

    def lock(self, *, wait_s: float = 0.0) -> AbstractContextManager[object]:
        return contextlib.nullcontext()

    def full(self, path: str) -> Path:
        return Path(self.root, path)

    # -- changing -----------------------------------------------------------------------------------------

    def _free_place(self, path: str) -> tuple[int, str]:
        folder, name = self.disk.place(path)
        if name in self.disk.folders[folder]:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return folder, name

    def _new(self, path: str, *, folder: bool) -> int:
        at, name = self._free_place(path)
        inode = self.disk.new_inode()
        if folder:
            self.disk.folders[inode] = {}
        else:
            self.disk.files[inode] = File(b"", 0)
        self.disk.put(at, name, inode)
        self.disk.facts[-1] = self.disk.facts[-1]._replace(data=b"folder" if folder else b"")
        return inode

    def mkdir(self, path: str) -> None:
        self._call()
        self._new(path, folder=True)

    def rmdir(self, path: str) -> None:
        self._call()
        inode = self.disk.folder(path)
        if self.disk.folders[inode]:
            raise _error(errno.ENOTEMPTY, path)
        self.disk.put(*self.disk.place(path), None)

    def rename(self, src: str, dst: str) -> None:
        self._call()
        old, new = self.disk.place(src), self._free_place(dst)
        inode = self.disk.find(src)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), src)
        self.disk.put(*new, inode)
        self.disk.put(*old, None)

    def link(self, src: str, dst: str) -> None:
        self._call()
        inode, _ = self._file(src)
        self.disk.put(*self._free_place(dst), inode)

    def rename_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        for src, dst in pairs:
            self.rename(src, dst)
        tick(len(pairs))

    def link_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        for src, dst in pairs:
            self.link(src, dst)
        tick(len(pairs))

    def copy(self, src: str, dst: str) -> None:
        self._call()
        _, file = self._file(src)
        inode = self._new(dst, folder=False)
        self.disk.write(inode, file.data, file.mtime_ns)
        self.disk.facts.append(Fact("sync_file", self.disk.txn, inode))

    def write_new(self, path: str, data: bytes, *, sync: bool = True) -> None:
        self._call()
        inode = self._new(path, folder=False)
        self.disk.write(inode, data, inode)
        if sync:
            self.disk.facts.append(Fact("sync_file", self.disk.txn, inode))

    def append(self, path: str, data: bytes) -> None:
        self._check_own(path)
        self._call()
        inode = self.disk.find(path) or self._new(path, folder=False)
        self.disk.write(inode, self.disk.files[inode].data + data, inode)
        self.disk.facts.append(Fact("sync_file", self.disk.txn, inode))

    def truncate(self, path: str, size: int) -> None:
        self._check_own(path)
        self._call()
        inode, file = self._file(path)
        self.disk.write(inode, file.data[:size], inode)
        self.disk.facts.append(Fact("sync_file", self.disk.txn, inode))

    def replace(self, src: str, dst: str) -> None:
        self._check_own(src)
        assert is_own(dst) or dst in REPORTS
        self._call()
        inode, _ = self._file(src)
        if self.disk.find(dst) == inode:
            return
        self.disk.put(*self.disk.place(dst), inode)
        self.disk.put(*self.disk.place(src), None)

    def unlink(self, path: str) -> None:
        self._check_own(path)
        self._call()
        self._file(path)
        self.disk.put(*self.disk.place(path), None)

    def drop_twin(self, path: str, keep: str) -> None:
        self._call()
        assert path != keep
        assert self.disk.find(path) == self.disk.find(keep) is not None
        self.disk.put(*self.disk.place(path), None)

    def sync_folder(self, path: str) -> None:
        self._call()
        self.disk.facts.append(Fact("sync_folder", self.disk.txn, self.disk.folder(path)))
