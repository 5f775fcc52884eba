"""The record of a save: written as its intent before the first rename, kept as its commit after the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from shoal.disk.layout import COMMITS, commit_file, last_revision, revisions
from shoal.errors import DamagedError
from shoal.store.filesystem import FileSystem

__all__ = [
    "Create",
    "Record",
    "SaveRecord",
    "Step",
    "committed_records",
    "decode",
    "encode",
    "in_order",
    "read_record",
]

VERSION = 1
_HEAD = b"shoal-save"


class Step(NamedTuple):
    """One file that changes its path in a save, and who it is: inode, bytes, nanoseconds since 1970."""

    src: str
    dst: str
    inode: int
    size: int
    mtime_ns: int


class Create(NamedTuple):
    """One file that a restore brings back from a backup: where it is kept, and where it should be."""

    place: str
    dst: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that recovery needs to know of one save."""

    revision: int
    id: str
    at: str
    steps: tuple[Step, ...]
    make_dirs: tuple[str, ...]
    remove_dirs: tuple[str, ...]
    backup: Literal["link", "copy", "none"]
    changes_file: str
    cluster_folders: tuple[str, ...]
    creates: tuple[Create, ...] = ()
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """A save that is done.

    Parameters
    ----------
    revision : int
        From 1, one more with every save of the folder.
    at : str
        UTC, ISO 8601. Order goes by ``revision``: clocks can go back.
    moves : tuple of (str, str)
        From and to of every file, sidecars included.
    backup : str or None
        Folder of its backup, relative to the root.
    changes_file : str
        Name of its change log in the root.
    cluster_folders : tuple of str
        The cluster folders afterwards.
    restores : int or None
        The revision whose tree it brought back, when it is a restore.
    warnings : tuple of str
        What did not work although the pictures are saved, for example a report that could not be written.
    """

    revision: int
    at: str
    moves: tuple[tuple[str, str], ...]
    backup: str | None
    changes_file: str
    cluster_folders: tuple[str, ...]
    restores: int | None = None
    warnings: tuple[str, ...] = ()


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps as a record keeps them, by folders: their numbers name the places where files wait."""
    return tuple(sorted(steps, key=lambda step: (step.src.rpartition("/")[0], step.dst.rpartition("/")[0])))


def encode(record: Record) -> bytes:
    """Bytes of a record: twice the same, each with its checksum, so that one flipped bit is survived.

    The steps must be :func:`in_order`.
    """
    groups: dict[tuple[str, str], tuple[list[Any], ...]] = {}
    for src, dst, *facts in record.steps:
        src_folder, _, old = src.rpartition("/")
        dst_folder, _, new = dst.rpartition("/")
        key = src_folder, dst_folder
        columns = groups.get(key)
        if columns is None:
            columns = groups[key] = ([], [], [], [], [])
        # Column by column; a new name is 0 where it is the old one.
        for column, value in zip(columns, (old, 0 if new == old else new, *facts), strict=True):
            column.append(value)
    content = {
        "v": VERSION,
        "revision": record.revision,
        "id": record.id,
        "at": record.at,
        "backup": record.backup,
        "changes_file": record.changes_file,
        "restores": record.restores,
        "make_dirs": record.make_dirs,
        "remove_dirs": record.remove_dirs,
        "cluster_folders": record.cluster_folders,
        "creates": record.creates,
        "moves": [[src, dst, *columns] for (src, dst), columns in groups.items()],
    }
    body = json.dumps(content, separators=(",", ":")).encode("ascii")
    head = b"%s %d %s\n" % (_HEAD, len(body), hashlib.sha256(body).hexdigest().encode())
    return (head + body + b"\n") * 2


def _unpack(group: list[Any]) -> list[Step]:
    src, dst, old, new, *columns = group
    return [
        Step(f"{src}/{a}", f"{dst}/{a if b == 0 else b}", inode, size, mtime)
        for a, b, inode, size, mtime in zip(old, new, *columns, strict=True)
    ]


def decode(data: bytes, name: str) -> Record:
    """Read a record back from whichever of its two copies is whole.

    Raises
    ------
    DamagedError
        When neither is, or when it was written by a newer shoal.
    """
    body = _whole_copy(data)
    if body is None:
        raise DamagedError(
            f"{name!r} fails its checksum", hint="Nothing was guessed; put it back from a backup."
        )
    value = json.loads(body)
    if value["v"] > VERSION:
        raise DamagedError(
            f"{name!r} was written by a newer shoal", hint="Update shoal to work on this folder."
        )
    return Record(
        revision=value["revision"],
        id=value["id"],
        at=value["at"],
        steps=tuple(step for group in value["moves"] for step in _unpack(group)),
        make_dirs=tuple(value["make_dirs"]),
        remove_dirs=tuple(value["remove_dirs"]),
        backup=value["backup"],
        changes_file=value["changes_file"],
        cluster_folders=tuple(value["cluster_folders"]),
        creates=tuple(Create(*row) for row in value["creates"]),
        restores=value["restores"],
    )


def _whole_copy(data: bytes) -> bytes | None:
    start = data.find(_HEAD)
    while start >= 0:
        line, _, rest = data[start:].partition(b"\n")
        fields = line.split(b" ")
        if len(fields) == 3 and fields[1].isdigit():
            body = rest[: int(fields[1])]
            if hashlib.sha256(body).hexdigest().encode() == fields[2]:
                return body
        start = data.find(_HEAD, start + 1)
    return None


def read_record(fs: FileSystem, path: str) -> Record:
    """Read the record at ``path``; DamagedError as in :func:`decode`."""
    return decode(fs.read(path), path)


def as_save_record(record: Record, warnings: tuple[str, ...] = ()) -> SaveRecord:
    """What callers are told of a record."""
    return SaveRecord(
        revision=record.revision,
        at=record.at,
        moves=tuple((step.src, step.dst) for step in record.steps),
        backup=None if record.backup == "none" else f".shoal/backups/{record.revision:06d}",
        changes_file=record.changes_file,
        cluster_folders=record.cluster_folders,
        restores=record.restores,
        warnings=warnings,
    )


def committed_records(fs: FileSystem, after: int = 0) -> list[Record]:
    """Records of the saves that are done, from revision ``after + 1`` on.

    Raises
    ------
    DamagedError
        When one of them is damaged or missing.
    """
    if last_revision(fs) <= after:
        return []
    found = [r for r in revisions(fs, COMMITS) if r > after]
    if found != list(range(after + 1, after + 1 + len(found))):
        raise DamagedError(
            f"the record of a save after revision {after} is missing",
            hint="Put .shoal/commits back from a backup.",
        )
    return [read_record(fs, commit_file(r)) for r in found]
