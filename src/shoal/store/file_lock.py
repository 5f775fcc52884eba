"""A lock between processes that the system itself drops when its owner dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from shoal.errors import ConflictError

__all__ = ["file_lock"]

_RETRY_S = 0.005


def _try_lock(fd: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def file_lock(path: Path, *, timeout_s: float = 60.0) -> Generator[None]:
    """Hold an exclusive lock on ``path`` (made when missing, never removed) while the block runs.

    For short moments only, such as an append: there is no owner to ask. Not re-entrant.

    Raises
    ------
    ConflictError
        Another process held it for longer than ``timeout_s`` seconds.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        limit = time.monotonic() + timeout_s
        while not _try_lock(fd):
            if time.monotonic() > limit:
                raise ConflictError(
                    f"{str(path)!r} has been locked by another process for {timeout_s:g} s",
                    hint="Wait for it, or stop it, then try again.",
                )
            time.sleep(_RETRY_S)
        yield
    finally:
        os.close(fd)  # closing drops the lock
