"""Folders held open, so that calls go relative to them and never through a symbolic link."""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from shoal.store.renaming import HAS_DIR_FD

__all__ = ["OpenFolders", "split"]

_MOST_OPEN = 128
_CHUNK = 1024


class PairCall(Protocol):
    """A system call on two names, each relative to an open folder."""

    def __call__(self, src: str, dst: str, *, src_fd: int | None, dst_fd: int | None) -> None: ...


def split(path: str) -> tuple[str, str]:
    """Folder and name of a relative path; refuses everything that could lead elsewhere.

    Raises
    ------
    ValueError
        For absolute paths, ``.`` and ``..``, empty components and NUL.
    """
    folder, _, name = path.rpartition("/")
    if not name or name in (".", "..") or "\0" in path:
        raise ValueError(f"not a relative path: {path!r}")
    return folder, name


class OpenFolders:
    """A bounded set of open folders below ``root``, by relative path; safe to use from threads.

    Where the platform has no calls relative to an open folder, names are joined to whole paths instead.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._most_open = _handles()
        # Each of the folders that a batch touches at once may bring a parent with it.
        self._most_touched = max(2, self._most_open * 3 // 8)
        self._open: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.RLock()

    def at(self, path: str) -> tuple[int | None, str]:
        """Open folder and name for a system call on ``path``."""
        if not HAS_DIR_FD:
            return None, str(self._joined(path))
        if path == "":
            return self.fd(""), "."
        folder, name = split(path)
        return self.fd(folder), name

    def handle(self, path: str) -> int | str:
        """What ``os.scandir`` or ``os.fsync`` takes for the folder ``path``."""
        return self.fd(path) if HAS_DIR_FD else str(self._joined(path))

    def forget(self, path: str) -> None:
        """Close ``path`` and what lies below it, because it is about to move or to go."""
        with self._lock:
            below = path + "/"
            for held in [p for p in self._open if p == path or p.startswith(below)]:
                os.close(self._open.pop(held))

    def close(self) -> None:
        """Close everything."""
        with self._lock:
            while self._open:
                os.close(self._open.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def batch(self, pairs: Sequence[tuple[str, str]], call: PairCall, tick: Callable[[int], None]) -> None:
        """Make ``call`` for each pair of paths, a chunk at a time, ``tick(n)`` after each chunk of n.

        Raises
        ------
        OSError
            The first error; the calls before it have been made.
        """
        # One after the other: renames between folders take turns in the kernel; threads only made them wait.
        for chunk in self._chunks(pairs):
            with self._lock:
                for src_fd, src, dst_fd, dst in self._rows(chunk):
                    call(src, dst, src_fd=src_fd, dst_fd=dst_fd)
            tick(len(chunk))

    def _rows(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[int | None, str, int | None, str]]:
        """:meth:`at` for both sides of each pair, with each folder looked up once."""
        if not HAS_DIR_FD:
            return [(*self.at(src), *self.at(dst)) for src, dst in pairs]
        held: dict[str, int] = {}
        rows: list[tuple[int | None, str, int | None, str]] = []
        for src, dst in pairs:
            src_folder, _, src_name = src.rpartition("/")
            dst_folder, _, dst_name = dst.rpartition("/")
            if src_folder not in held:
                held[src_folder] = self.fd(src_folder)
            if dst_folder not in held:
                held[dst_folder] = self.fd(dst_folder)
            for name in (src_name, dst_name):
                if not name or name in (".", "..") or "\0" in name:
                    raise ValueError(f"not a relative path: {src!r} or {dst!r}")
            rows.append((held[src_folder], src_name, held[dst_folder], dst_name))
        return rows

    def each(self, folders: Sequence[str], call: Callable[[int], None], *, threads: int) -> None:
        """Make ``call`` with the handle of each folder; the first error comes out after all were tried."""
        with ThreadPoolExecutor(threads) as pool:
            for start in range(0, len(folders), self._most_touched):
                with self._lock:
                    held = [self.fd(folder) for folder in folders[start : start + self._most_touched]]
                    done = [pool.submit(call, fd) for fd in held]
                    errors = [e for e in (d.exception() for d in done) if e is not None]
                if errors:
                    raise errors[0]

    def _chunks(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
        """Runs of pairs that touch few enough folders for all of them to be held open at once."""
        folders: set[str] = set()
        start = 0
        for i, (src, dst) in enumerate(pairs):
            touched = {src.rpartition("/")[0], dst.rpartition("/")[0]}
            if i - start >= _CHUNK or len(folders | touched) > self._most_touched:
                yield pairs[start:i]
                start = i
                folders = set()
            folders |= touched
        if start < len(pairs):
            yield pairs[start:]

    def fd(self, folder: str) -> int:
        """File descriptor of a folder, opened without following a link."""
        with self._lock:
            held = self._open.get(folder)
            if held is not None:
                self._open.move_to_end(folder)
                return held
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
            if folder == "":
                fd = os.open(self.root, flags)
            else:
                parent, name = split(folder)
                fd = os.open(name, flags | os.O_NOFOLLOW, dir_fd=self.fd(parent))
            self._open[folder] = fd
            if len(self._open) > self._most_open:
                os.close(self._open.popitem(last=False)[1])
            return fd

    def _joined(self, path: str) -> Path:
        whole = Path(self.root)
        for part in path.split("/") if path else ():
            if not part or part in (".", "..") or "\\" in part or ":" in part or "\0" in part:
                raise ValueError(f"not a relative path: {path!r}")
            whole /= part
            if whole.is_symlink() and whole != Path(self.root, path):
                raise NotADirectoryError(f"a symbolic link stands in the way: {whole}")
        return whole


def _handles() -> int:
    """How many folders to hold open: a quarter of what the process may, so that others have room."""
    if sys.platform == "win32":
        return _MOST_OPEN
    import resource

    return max(8, min(_MOST_OPEN, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4))
