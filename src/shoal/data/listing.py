"""A folder of pictures as items."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.data.pictures import PICTURE_SUFFIXES
from shoal.data.tables import Items
from shoal.errors import MissingError

__all__ = ["file_marks", "list_pictures", "scan_pictures"]

_LOW = (1 << 63) - 1


def _signed(number: int) -> int:
    # inode and device numbers of some file systems need all 64 bits; a table of int64 holds them wrapped
    return number if number <= _LOW else number - (1 << 64)


def _mark(stat: os.stat_result) -> tuple[int, int, int, int]:
    return (_signed(stat.st_dev), _signed(stat.st_ino), stat.st_size, stat.st_mtime_ns)


def scan_pictures(folder: str | os.PathLike[str]) -> tuple[Items, npt.NDArray[np.int64]]:
    """List the pictures of a folder as items, with what the file system says of each, in one pass.

    Returns
    -------
    items : Items
        As `list_pictures` gives them.
    marks : ndarray of int64, shape (n, 4)
        As `file_marks` gives them.

    Raises
    ------
    MissingError
        There is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise MissingError(f"{str(root)!r} is no folder", hint="Check the path.")
    found: dict[str, tuple[int, int, int, int]] = {}
    open_folders = [(os.fspath(root), "")]
    while open_folders:
        path, prefix = open_folders.pop()
        with os.scandir(path) as listing:
            for entry in listing:
                name = entry.name
                if name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    open_folders.append((entry.path, f"{prefix}{name}/"))
                elif os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES and entry.is_file():  # noqa: PTH122 - 100,000 of them
                    found[prefix + name] = _mark(entry.stat())
    paths = sorted(found)
    marks = np.array([found[path] for path in paths], dtype=np.int64).reshape(len(paths), 4)
    return Items(root=root, paths=paths), marks


def file_marks(items: Items) -> tuple[npt.NDArray[np.int64], dict[int, str]]:
    """What the file system says of each item's file: what changes when the content does.

    Returns
    -------
    marks : ndarray of int64, shape (n, 4)
        Device, inode, size and modification time in nanoseconds; zeros where there is no file.
    gone : dict of int to str
        Row → why its file cannot be looked at.
    """
    root = os.fspath(items.root)
    marks: list[tuple[int, int, int, int]] = []
    gone: dict[int, str] = {}
    for row, path in enumerate(items.paths):
        try:
            marks.append(_mark(os.stat(f"{root}/{path}")))  # noqa: PTH116 - 100,000 of them
        except OSError as error:
            marks.append((0, 0, 0, 0))
            gone[row] = f"{str(items.file(row))!r} cannot be opened: {error.strerror or error}"
    return np.array(marks, dtype=np.int64).reshape(len(marks), 4), gone


def list_pictures(folder: str | os.PathLike[str]) -> Items:
    """List the pictures of a folder and its sub-folders as items, sorted by path, without hidden ones.

    Linked files are listed, linked folders are not entered.

    Raises
    ------
    MissingError
        There is no such folder.
    """
    return scan_pictures(folder)[0]
