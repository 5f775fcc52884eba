"""Files that are either the old whole or the new whole, also after a power cut."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem

__all__ = ["read_json", "sync_folder", "temporary_name", "write_atomic", "write_json"]


def temporary_name(path: str) -> str:
    """A name beside ``path`` that no other writer chooses, and that counts as shoal's own."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.shoal-{name[:100]}-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def write_atomic(path: str | os.PathLike[str], data: bytes, *, fs: FileSystem | None = None) -> None:
    """Replace the content of a file of shoal's own: temporary file, fsync, rename, fsync of the folder.

    Parameters
    ----------
    path : path
        Relative to the root of ``fs`` when that is given; else any path whose folder exists.
    data : bytes
        The new content, whole.

    Raises
    ------
    OSError
        When the disk refuses; ``path`` is then as it was.
    """
    if fs is None:
        _write_outside(Path(path), data)
        return
    rel = Path(path).as_posix()
    temporary = temporary_name(rel)
    try:
        fs.write_new(temporary, data)
        fs.replace(temporary, rel)
    except OSError:
        if fs.stat(temporary) is not None:
            fs.unlink(temporary)
        raise
    fs.sync_folder(rel.rpartition("/")[0])


def _write_outside(path: Path, data: bytes) -> None:
    temporary = path.with_name(temporary_name(path.name))
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk; does nothing where folders cannot be synced (Windows)."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_json(path: str | os.PathLike[str], value: Any, *, fs: FileSystem | None = None) -> None:
    """:func:`write_atomic` of ``value`` as JSON; lone surrogates of file names survive as escapes."""
    write_atomic(path, json.dumps(value, indent=1).encode("ascii"), fs=fs)


def read_json(path: str | os.PathLike[str], *, fs: FileSystem | None = None) -> Any:
    """Parse a JSON file.

    Raises
    ------
    MissingError
        When it is not there.
    DamagedError
        When it is not JSON; nothing is guessed.
    """
    try:
        data = Path(path).read_bytes() if fs is None else fs.read(Path(path).as_posix())
    except FileNotFoundError as error:
        raise MissingError(f"there is no {str(path)!r}", hint="Check the path.") from error
    try:
        return json.loads(data)
    except ValueError as error:
        raise DamagedError(
            f"{str(path)!r} is not readable JSON: {error}",
            hint="Put it back from a backup, or move it.",
        ) from error
