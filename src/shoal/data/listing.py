"""A folder of pictures as items."""

from __future__ import annotations

import os
from pathlib import Path

from shoal.data.pictures import is_picture
from shoal.data.tables import Items
from shoal.errors import MissingError

__all__ = ["list_pictures"]


def list_pictures(folder: str | os.PathLike[str]) -> Items:
    """List the pictures of a folder and its sub-folders as items, sorted by path, without hidden ones.

    Raises
    ------
    MissingError
        There is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise MissingError(f"{str(root)!r} is no folder", hint="Check the path.")
    found = [path.relative_to(root) for path in root.rglob("*") if is_picture(path) and path.is_file()]
    shown = [path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)]
    return Items(root=root, paths=sorted(shown))
