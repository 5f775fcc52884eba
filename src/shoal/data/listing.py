"""A folder of pictures as items."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.data.pictures import PICTURE_SUFFIXES
from shoal.data.tables import Items
from shoal.errors import MissingError

__all__ = ["file_marks", "list_pictures", "scan_pictures"]


def _as_marks(numbers: list[int]) -> npt.NDArray[np.int64]:
    """Four numbers a file, one after the other, as a table of four columns."""
    try:
        return np.array(numbers, dtype=np.int64).reshape(-1, 4)
    except OverflowError:
        # inode and device numbers of some file systems need all 64 bits; int64 holds them wrapped
        wrapped = [number - (1 << 64) if number >= 1 << 63 else number for number in numbers]
        return np.array(wrapped, dtype=np.int64).reshape(-1, 4)


@contextmanager
def _listing(path: str) -> Generator[Iterable[os.DirEntry[str]]]:
    """List a folder through its descriptor where the system can: names are then looked up within it."""
    if os.scandir not in os.supports_fd:
        with os.scandir(path) as listing:
            yield listing
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        with os.scandir(folder) as listing:
            yield listing
    finally:
        os.close(folder)


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
    # Written for folders of a million files: every call in here costs as much as listing half of one. All
    # numbers go into one list: 100,000 results of stat would keep the garbage collector busy.
    found: list[str] = []
    numbers: list[int] = []
    open_folders = [(os.fspath(root), "")]
    while open_folders:
        path, prefix = open_folders.pop()
        with _listing(path) as listing:
            for entry in listing:
                name = entry.name
                suffix = name[name.rfind(".") :]
                if (suffix in PICTURE_SUFFIXES or suffix.lower() in PICTURE_SUFFIXES) and entry.is_file():
                    if name[0] != ".":
                        found.append(prefix + name)
                        stat = entry.stat()
                        numbers += (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
                elif name[0] != "." and entry.is_dir(follow_symlinks=False):
                    open_folders.append((f"{path}/{name}", f"{prefix}{name}/"))
    order = sorted(range(len(found)), key=found.__getitem__)
    return Items(root=root, paths=[found[i] for i in order]), _as_marks(numbers)[order]


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
    numbers: list[int] = []
    gone: dict[int, str] = {}
    for row, path in enumerate(items.paths):
        try:
            stat = os.stat(f"{root}/{path}")  # noqa: PTH116 - 100,000 of them
            numbers += (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        except OSError as error:
            numbers += (0, 0, 0, 0)
            gone[row] = f"{str(items.file(row))!r} cannot be opened: {error.strerror or error}"
    return _as_marks(numbers), gone


def list_pictures(folder: str | os.PathLike[str]) -> Items:
    """List the pictures of a folder and its sub-folders as items, sorted by path, without hidden ones.

    Linked files are listed, linked folders are not entered.

    Raises
    ------
    MissingError
        There is no such folder.
    """
    return scan_pictures(folder)[0]
