"""Renames that refuse to replace: the best that each platform has."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys
from collections.abc import Callable

__all__ = ["HAS_DIR_FD", "rename_noreplace"]

HAS_DIR_FD = os.open in os.supports_dir_fd and os.link in os.supports_dir_fd and sys.platform != "win32"
"""Whether calls can be made relative to an open folder, out of reach of a symbolic link put in its path."""

_RENAME_NOREPLACE = 1  # linux/fs.h
_RENAME_EXCL = 4  # sys/stdio.h of macOS
# What a kernel or file system answers that does not know the flag.
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


@functools.cache
def _native() -> tuple[Callable[..., int], int] | None:
    """The C function that renames without replacing, and its flag; None where there is none."""
    name, flag = {"linux": ("renameat2", _RENAME_NOREPLACE), "darwin": ("renameatx_np", _RENAME_EXCL)}.get(
        sys.platform, ("", 0)
    )
    if not name:
        return None
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    function.restype = ctypes.c_int
    return function, flag


def rename_noreplace(src: str, dst: str, *, src_fd: int | None = None, dst_fd: int | None = None) -> None:
    """Rename ``src`` to ``dst``; a ``dst`` that exists, in whatever form, is an error and stays as it is.

    Parameters
    ----------
    src, dst : str
        Names relative to the open folders ``src_fd`` and ``dst_fd``, or whole paths when these are None.

    Raises
    ------
    FileExistsError
        When ``dst`` exists.
    OSError
        Whatever else the system says.

    Notes
    -----
    Linux: ``renameat2(RENAME_NOREPLACE)``; macOS: ``renameatx_np(RENAME_EXCL)``; Windows: ``os.rename``
    itself refuses. Elsewhere, and on file systems that don't know the flag: a hard link, which refuses to
    replace, and then the old name is dropped; without hard links: a look before the rename, which leaves a
    short window.
    """
    if sys.platform == "win32":
        os.rename(src, dst)  # noqa: PTH104 - names relative to an open folder on other systems
        return
    native = _native()
    if native is not None:
        function, flag = native
        here = -100 if sys.platform == "linux" else -2  # AT_FDCWD
        old = here if src_fd is None else src_fd
        new = here if dst_fd is None else dst_fd
        if function(old, os.fsencode(src), new, os.fsencode(dst), flag) == 0:
            return
        number = ctypes.get_errno()
        if number not in _UNKNOWN:
            raise OSError(number, os.strerror(number), src, None, dst)
    by_link(src, dst, src_fd=src_fd, dst_fd=dst_fd)


def by_link(src: str, dst: str, *, src_fd: int | None = None, dst_fd: int | None = None) -> None:
    """Rename without replacing where no flag for it is known; see :func:`rename_noreplace`."""
    before = os.stat(src, dir_fd=src_fd, follow_symlinks=False)
    if not _is_folder(before.st_mode):
        try:
            os.link(src, dst, src_dir_fd=src_fd, dst_dir_fd=dst_fd, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _UNKNOWN | {errno.EPERM, errno.EMLINK}:
                raise
        else:
            os.unlink(src, dir_fd=src_fd)
            return
    try:
        os.stat(dst, dir_fd=dst_fd, follow_symlinks=False)
    except FileNotFoundError:
        os.rename(src, dst, src_dir_fd=src_fd, dst_dir_fd=dst_fd)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), src, None, dst)


def _is_folder(mode: int) -> bool:
    return (mode & 0o170000) == 0o040000
