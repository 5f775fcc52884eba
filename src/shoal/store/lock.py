"""One writer a folder: a lock with an owner that can be named, and that dies with its process."""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from shoal.errors import ConflictError

__all__ = ["FolderLock", "Owner", "this_process"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds, or held, a lock.

    Parameters
    ----------
    host : str
        Name of the machine.
    pid : int
        Process id there.
    started : str
        When that process started, in the system's own count (a reused pid has another).
    boot : str
        Id of the machine's run since it was switched on; ``""`` where the system has none.
    at : float
        When the lock was taken, seconds since 1970.
    """

    host: str
    pid: int
    started: str
    boot: str
    at: float

    @property
    def words(self) -> str:
        """For messages: ``process 12 on tern``."""
        return f"process {self.pid} on {self.host}"

    def is_here(self) -> bool:
        """Whether it is, or was, a process of this machine since it was switched on."""
        here = this_process()
        return self.boot == here.boot if self.boot and here.boot else self.host == here.host

    def is_alive(self) -> bool | None:
        """Whether that very process runs; None when it cannot be known from here (another machine)."""
        if not self.is_here():
            return False if self.host == this_process().host else None
        return _started(self.pid) == self.started if self.started else _exists(self.pid)


def this_process() -> Owner:
    """The calling process as an owner, now."""
    return Owner(socket.gethostname(), os.getpid(), _started(os.getpid()), _boot_id(), time.time())


@functools.cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Start of a process in clock ticks since boot, or ``""`` when unknown or gone (zombies are gone)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end it; the lock itself tells
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class FolderLock:
    """Exclusive lock on a folder, for the time of a save or a recovery.

    Parameters
    ----------
    path : path
        The lock file; made when missing and never removed (removing it would let two owners in).
    wait_s : float
        How long to wait for another owner, seconds.

    Notes
    -----
    The lock is the operating system's (``flock``), so it ends with its owner, however that dies, and a
    suspended owner keeps it. The file names the owner for messages and for the one case that the system
    cannot judge: an owner on another machine that shares the folder, over a network file system whose locks
    may not reach here. That owner is believed until somebody who knows better calls :meth:`break_lock`.
    """

    def __init__(self, path: str | os.PathLike[str], *, wait_s: float = 0.0) -> None:
        self.path = Path(path)
        self.wait_s = wait_s
        self._fd = -1

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd >= 0

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock.

        Raises
        ------
        ConflictError
            When somebody else has it, naming the owner.
        """
        until = time.monotonic() + self.wait_s
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        fd = os.open(self.path, flags, 0o644)
        try:
            while not _try_lock(fd):
                if time.monotonic() >= until:
                    raise self._conflict(_read_owner(fd))
                time.sleep(0.02)
            left = _read_owner(fd)
            if left is not None and left.is_alive() is None:
                _unlock(fd)
                raise self._conflict(left)
            _write_owner(fd, this_process())
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            try:
                _write_owner(fd, None)
                _unlock(fd)
            finally:
                os.close(fd)

    def owner(self) -> Owner | None:
        """Who is written in the lock file: the holder, or one that died without giving it back."""
        try:
            fd = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return _read_owner(fd)
        finally:
            os.close(fd)

    def break_lock(self) -> Owner | None:
        """Forget an owner on another machine that is known to be gone; return who it was.

        Raises
        ------
        ConflictError
            When the owner is a running process of this machine.
        """
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            owner = _read_owner(fd)
            if not _try_lock(fd):
                raise self._conflict(owner)
            _write_owner(fd, None)
            _unlock(fd)
        finally:
            os.close(fd)
        return owner

    def _conflict(self, owner: Owner | None) -> ConflictError:
        folder = self.path.parent.parent
        if owner is None:
            return ConflictError(
                f"{str(folder)!r} is being saved by another process", hint="Try again in a moment."
            )
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(owner.at))
        message = f"{str(folder)!r} is being saved by {owner.words} since {since}"
        if owner.is_alive() is None:
            hint = (
                "If that machine no longer works on the folder, call "
                f"shoal.store.lock.FolderLock({str(self.path)!r}).break_lock()."
            )
        elif owner.is_alive() is False:
            hint = "Its process is gone but a child of it still holds the folder: end that child."
        else:
            hint = "Wait until it has finished, or end that process (a suspended one counts as running)."
        return ConflictError(message, hint=hint)


def _read_owner(fd: int) -> Owner | None:
    os.lseek(fd, 0, os.SEEK_SET)
    data = os.read(fd, 4096)
    try:
        found = json.loads(data)
        return Owner(
            str(found["host"]), int(found["pid"]), str(found["started"]), str(found["boot"]), found["at"]
        )
    except (ValueError, KeyError, TypeError):
        return None  # given back, or torn while it was written: its lock tells, not its text


def _write_owner(fd: int, owner: Owner | None) -> None:
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    if owner is not None:
        os.write(fd, json.dumps(asdict(owner)).encode("ascii"))


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte beyond the text, so that the owner stays readable

    def _try_lock(fd: int) -> bool:
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        os.lseek(fd, _FAR, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)
