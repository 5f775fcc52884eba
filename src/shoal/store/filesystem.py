"""The one door to a clustered folder: every call that changes something on disk goes through it.

Tests put another class behind the same door that records the calls, fails or kills at the k-th, and makes
every state a power cut could leave.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat as st
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, NamedTuple, Self

from shoal.store.lock import FolderLock
from shoal.store.openfolders import OpenFolders, split
from shoal.store.renaming import rename_noreplace

__all__ = ["OWN", "Entry", "FileSystem", "Kind", "Stat", "is_own"]

OWN = ".shoal"
"""Folder below the root that holds everything shoal keeps for itself."""

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

Kind = Literal["file", "folder", "link", "other"]


class Stat(NamedTuple):
    """What the system says of one name; symbolic links are not followed. ``size`` in bytes."""

    kind: Kind
    inode: int
    device: int
    size: int
    mtime_ns: int


class Entry(NamedTuple):
    """One name in a folder."""

    name: str
    kind: Kind
    inode: int


def is_own(path: str) -> bool:
    """Whether a relative path is shoal's own: below ``.shoal/``, or a temporary file of ours anywhere."""
    name = path.rpartition("/")[2]
    return path.startswith(OWN + "/") or (name.startswith(".shoal-") and name.endswith(".tmp"))


def _kind(mode: int) -> Kind:
    if st.S_ISREG(mode):
        return "file"
    if st.S_ISDIR(mode):
        return "folder"
    return "link" if st.S_ISLNK(mode) else "other"


class FileSystem:
    """A folder on the real disk.

    Parameters
    ----------
    root : path
        The only folder below which anything is changed. Paths given to the methods are relative to it,
        with ``/`` between components; ``""`` is the root itself. Folders on the way are opened one by one
        and never through a symbolic link: a link put in the way later leads to an error, not out of the root.

    Notes
    -----
    There is no method that replaces, truncates or removes a picture: :meth:`unlink`, :meth:`replace` and
    :meth:`truncate` take only paths for which :func:`is_own` holds (``replace`` may land on a report), and
    :meth:`drop_twin` removes a name only while the same file has another one.
    """

    parallel = True
    """Whether :meth:`sync_folders` may use threads."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.path.realpath(root)
        self._folders = OpenFolders(self.root)

    def close(self) -> None:
        """Close the folders that are held open."""
        self._folders.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading ------------------------------------------------------------------------------------------

    def stat(self, path: str) -> Stat | None:
        """What is at ``path``, or None when nothing is."""
        try:
            fd, name = self._folders.at(path)
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link stands where a folder was: nothing of ours is there
                return None
            raise
        return Stat(_kind(found.st_mode), found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns)

    def stat_many(self, paths: Iterable[str]) -> list[Stat | None]:
        """:meth:`stat` of each path; folders are looked up once when neighbours share them."""
        found: list[Stat | None] = []
        last, fd = "\0", None
        for path in paths:
            folder, _, name = path.rpartition("/")
            if folder != last:
                try:
                    fd, _ = self._folders.at(f"{folder}/x" if folder else "x")
                    last = folder
                except OSError:
                    found.append(self.stat(path))
                    continue
            if fd is None or not name or name in (".", ".."):
                found.append(self.stat(path))
                continue
            try:
                s = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:
                found.append(None)
                continue
            found.append(Stat(_kind(s.st_mode), s.st_ino, s.st_dev, s.st_size, s.st_mtime_ns))
        return found

    def entries(self, path: str) -> list[Entry]:
        """Names in the folder ``path``, in no order; empty when there is no such folder."""
        try:
            with os.scandir(self._folders.handle(path)) as found:
                return [Entry(e.name, _entry_kind(e), e.inode()) for e in found]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def stats(self, path: str) -> list[tuple[str, Stat]]:
        """Names in the folder ``path`` with what :meth:`stat` says of each; the quick way for whole folders.

        Raises
        ------
        OSError
            When the folder cannot be read.
        """
        rows: list[tuple[str, Stat]] = []
        with os.scandir(self._folders.handle(path)) as found:
            for entry in found:
                try:
                    s = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                rows.append(
                    (entry.name, Stat(_kind(s.st_mode), s.st_ino, s.st_dev, s.st_size, s.st_mtime_ns))
                )
        return rows

    def read(self, path: str) -> bytes:
        """Content of an own file or a report; a symbolic link is not followed.

        Raises
        ------
        FileNotFoundError
            When it is not there.
        """
        fd, name = self._folders.at(path)
        opened = os.open(name, os.O_RDONLY | _PLAIN, dir_fd=fd)
        with os.fdopen(opened, "rb") as file:
            return file.read()

    def head(self, path: str, size: int) -> bytes:
        """First ``size`` bytes of a file, to tell what it is; a symbolic link is not followed."""
        fd, name = self._folders.at(path)
        opened = os.open(name, os.O_RDONLY | _PLAIN | getattr(os, "O_NONBLOCK", 0), dir_fd=fd)
        with os.fdopen(opened, "rb", buffering=0) as file:
            return file.read(size) or b""

    def sha256(self, path: str) -> str:
        """Hash of a file's bytes, as hexadecimal digits; a symbolic link is not followed."""
        fd, name = self._folders.at(path)
        with os.fdopen(os.open(name, os.O_RDONLY | _PLAIN, dir_fd=fd), "rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def link_target(self, path: str) -> str:
        """What a symbolic link says, as it is written."""
        fd, name = self._folders.at(path)
        return os.readlink(name, dir_fd=fd)

    def writable(self, path: str) -> bool:
        """Whether names may be added to and taken from the folder ``path``."""
        fd, name = self._folders.at(path)
        # The effective user counts, and a read-only mount says no even to root.
        effective = os.access in os.supports_effective_ids
        return os.access(name, os.W_OK | os.X_OK, dir_fd=fd, effective_ids=effective)

    def free_bytes(self) -> int | None:
        """Bytes free for this user where the root lies, or None where the system does not say."""
        if not hasattr(os, "statvfs"):
            return None
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def lock(self, *, wait_s: float = 0.0) -> AbstractContextManager[object]:
        """The lock that makes its holder the only one to save or recover; ConflictError when it is held."""
        return FolderLock(self.full(f"{OWN}/lock"), wait_s=wait_s)

    def full(self, path: str) -> Path:
        """Absolute path, for reading pictures and for messages."""
        return Path(self.root, path)

    # -- changing -----------------------------------------------------------------------------------------

    def mkdir(self, path: str) -> None:
        """Make a folder; FileExistsError when the name is taken."""
        fd, name = self._folders.at(path)
        os.mkdir(name, dir_fd=fd)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder; OSError when it is not empty."""
        self._folders.forget(path)
        fd, name = self._folders.at(path)
        os.rmdir(name, dir_fd=fd)

    def rename(self, src: str, dst: str) -> None:
        """Give a file or folder another path; FileExistsError when that is taken. Never replaces."""
        src_fd, src_name = self._folders.at(src)
        dst_fd, dst_name = self._folders.at(dst)
        self._folders.forget(src)
        rename_noreplace(src_name, dst_name, src_fd=src_fd, dst_fd=dst_fd)

    def link(self, src: str, dst: str) -> None:
        """Give a file a second name; FileExistsError when that is taken."""
        src_fd, src_name = self._folders.at(src)
        dst_fd, dst_name = self._folders.at(dst)
        os.link(src_name, dst_name, src_dir_fd=src_fd, dst_dir_fd=dst_fd, follow_symlinks=False)

    def rename_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        """:meth:`rename` each pair; no destination is a source. ``tick(n)`` after every n may raise."""
        self._folders.batch(pairs, rename_noreplace_at, tick)

    def link_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        """:meth:`link` each pair. ``tick(n)`` is called after every n, and may raise."""
        self._folders.batch(pairs, link_at, tick)

    def copy(self, src: str, dst: str) -> None:
        """Copy a file's bytes and times into a new file at ``dst``, synced; FileExistsError when taken."""
        src_fd, src_name = self._folders.at(src)
        with os.fdopen(os.open(src_name, os.O_RDONLY | _PLAIN, dir_fd=src_fd), "rb") as source:
            facts = os.fstat(source.fileno())
            dst_fd, dst_name = self._folders.at(dst)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN
            with os.fdopen(os.open(dst_name, flags, facts.st_mode & 0o777, dir_fd=dst_fd), "wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
                target.flush()
                os.utime(target.fileno(), ns=(facts.st_atime_ns, facts.st_mtime_ns))
                os.fsync(target.fileno())

    def write_new(self, path: str, data: bytes, *, sync: bool = True) -> None:
        """Make a file with ``data`` in it and sync it (its name is safe after :meth:`sync_folder`)."""
        fd, name = self._folders.at(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN
        with os.fdopen(os.open(name, flags, 0o644, dir_fd=fd), "wb", buffering=0) as file:
            _write_all(file.fileno(), data)
            if sync:
                os.fsync(file.fileno())

    def append(self, path: str, data: bytes) -> None:
        """Add ``data`` to the end of an own file, made when missing, and sync it."""
        self._check_own(path)
        fd, name = self._folders.at(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _PLAIN
        with os.fdopen(os.open(name, flags, 0o644, dir_fd=fd), "ab", buffering=0) as file:
            _write_all(file.fileno(), data)
            os.fsync(file.fileno())

    def truncate(self, path: str, size: int) -> None:
        """Cut an own file to ``size`` bytes and sync it."""
        self._check_own(path)
        fd, name = self._folders.at(path)
        opened = os.open(name, os.O_WRONLY | _PLAIN, dir_fd=fd)
        try:
            os.ftruncate(opened, size)
            os.fsync(opened)
        finally:
            os.close(opened)

    def replace(self, src: str, dst: str) -> None:
        """Put an own temporary file in the place of an own file or of a report."""
        self._check_own(src)
        if not is_own(dst) and dst not in REPORTS:
            raise PermissionError(errno.EPERM, "shoal replaces only its own files", dst)
        src_fd, src_name = self._folders.at(src)
        dst_fd, dst_name = self._folders.at(dst)
        os.replace(src_name, dst_name, src_dir_fd=src_fd, dst_dir_fd=dst_fd)

    def unlink(self, path: str) -> None:
        """Remove an own file."""
        self._check_own(path)
        fd, name = self._folders.at(path)
        os.unlink(name, dir_fd=fd)

    def drop_twin(self, path: str, keep: str) -> None:
        """Drop the name ``path`` of a file whose other name ``keep`` stays."""
        one, other = self.stat(path), self.stat(keep)
        if (
            one is None
            or other is None
            or (one.inode, one.device) != (other.inode, other.device)
            or path == keep
        ):
            raise PermissionError(errno.EPERM, f"{path!r} is not a second name of {keep!r}", path)
        fd, name = self._folders.at(path)
        os.unlink(name, dir_fd=fd)

    def sync_folder(self, path: str) -> None:
        """Wait until the names in the folder ``path`` are on disk.

        Raises
        ------
        OSError
            When the disk says that they are not: what was done since the last sync may be lost.
        """
        if os.name == "posix":
            os.fsync(self._folders.fd(path))

    def sync_folders(self, paths: Iterable[str]) -> None:
        """:meth:`sync_folder` each of ``paths`` once."""
        folders = sorted(set(paths))
        if self.parallel and len(folders) > 2 and os.name == "posix":
            # Together they share the commits of the disk's own journal: a hundred cost little more than one.
            self._folders.each(folders, os.fsync, threads=_SYNC_THREADS)
            return
        for path in folders:
            self.sync_folder(path)

    def _check_own(self, path: str) -> None:
        split(path)
        if not is_own(path):
            raise PermissionError(errno.EPERM, "shoal changes and removes only its own files", path)


_SYNC_THREADS = 4

REPORTS = ("cluster_report.json", "identity_clustering.json")
"""Files in the root that a save brings up to date, by replacing them whole."""


def link_at(src: str, dst: str, *, src_fd: int | None, dst_fd: int | None) -> None:
    """``os.link`` that gives the name of a link, not of its target."""
    os.link(src, dst, src_dir_fd=src_fd, dst_dir_fd=dst_fd, follow_symlinks=False)


def rename_noreplace_at(src: str, dst: str, *, src_fd: int | None, dst_fd: int | None) -> None:
    """:func:`shoal.store.renaming.rename_noreplace` under the signature of a batch."""
    rename_noreplace(src, dst, src_fd=src_fd, dst_fd=dst_fd)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _entry_kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "folder" if entry.is_dir(follow_symlinks=False) else "other"
