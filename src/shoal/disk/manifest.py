"""Manifests: the whole tree before each save, written as what is new against the save before."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from shoal.disk.layout import BACKUPS, commit_file, manifest_file
from shoal.disk.records import read_record
from shoal.disk.tree import FolderScan
from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem

__all__ = ["Group", "Kept", "Manifest", "Mode", "groups_of", "read_manifest", "rows_after", "write_manifest"]

Mode = Literal["link", "copy", "none"]
"""How a backup keeps the bytes."""

VERSION = 1


class Kept(NamedTuple):
    """One file of a manifest.

    Parameters
    ----------
    path : str
        Where it was, relative to the root.
    inode, size, mtime_ns : int
        Who it was.
    hash : str or None
        SHA-256 of its bytes, when it was known.
    place : str or None
        Where its link or copy lies; None when there is none (``backup="none"``).
    """

    path: str
    inode: int
    size: int
    mtime_ns: int
    hash: str | None
    place: str | None


class Manifest(NamedTuple):
    """The tree before a save: how its bytes are kept, clusters, files, and how many manifests it rests on."""

    revision: int
    mode: Mode
    clusters: tuple[str, ...]
    rows: tuple[Kept, ...]
    depth: int = 0


class Group(NamedTuple):
    """The files of one folder, column by column."""

    folder: str
    names: list[str]
    inodes: list[int]
    sizes: list[int]
    mtimes_ns: list[int]


def groups_of(fs: FileSystem, scan: FolderScan, without: frozenset[str] = frozenset()) -> list[Group]:
    """Everything that was scanned, by folder; folders in ``without`` are left out."""
    groups: list[Group] = []
    below: dict[str, list[str]] = {}
    for cluster, found in groupby(scan.items, key=attrgetter("cluster")):
        items = list(found)
        for item in items:
            for path in item.companions:
                below.setdefault(path.rpartition("/")[0], []).append(path)
        if cluster not in without:
            columns = ([i.name for i in items], [i.inode for i in items], [i.size for i in items])
            groups.append(Group(cluster, *columns, [i.mtime_ns for i in items]))
    for folder, paths in below.items():
        if folder not in without:
            groups.append(_companions(fs, folder, paths))
    return groups


def _companions(fs: FileSystem, folder: str, paths: Sequence[str]) -> Group:
    group = Group(folder, [], [], [], [])
    for path, found in zip(paths, fs.stat_many(paths), strict=True):
        if found is not None:
            values = (path.rpartition("/")[2], found.inode, found.size, found.mtime_ns)
            for column, value in zip(group[1:], values, strict=True):
                column.append(value)  # pyright: ignore[reportArgumentType] - each column takes its own kind
    return group


def write_manifest(
    fs: FileSystem,
    revision: int,
    *,
    mode: Mode,
    groups: Iterable[Group],
    places: Mapping[str, str],
    hashes: Mapping[str, str],
    clusters: Sequence[str],
    base: int | None = None,
    same: Sequence[str] = (),
    depth: int = 0,
) -> None:
    """Write the tree before save ``revision``.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    revision : int
        The save.
    mode : {"link", "copy", "none"}
        How the bytes are kept.
    groups : iterable of Group
        The files of the folders that are written out.
    places : mapping of str to str
        Where the bytes of a file lie, when that is not this backup's own tree under the path of the file.
    hashes : mapping of str to str
        Known SHA-256, by path.
    clusters : sequence of str
        Every cluster folder.
    base : int, optional
        The save before, after which the folders ``same`` have not changed.
    same : sequence of str
        Folders that are as they were after ``base``.
    depth : int
        How many manifests this one rests on.
    """
    head = {
        "v": VERSION,
        "revision": revision,
        "mode": mode,
        "clusters": list(clusters),
        "base": base,
        "same": list(same),
        "depth": depth,
    }
    lines = [json.dumps(head)]
    for group in groups:
        line: dict[str, Any] = group._asdict()
        if hashes:
            line["sha256"] = [hashes.get(f"{group.folder}/{name}") for name in group.names]
        if mode != "none":
            line["places"] = 0
            if places:
                # 0 stands for this backup's own tree, under the path that the file had.
                line["places"] = [places.get(f"{group.folder}/{name}", 0) for name in group.names]
        lines.append(json.dumps(line, separators=(",", ":")))
    data = ("\n".join(lines) + "\n").encode("ascii")
    data += b'{"sha256": "%s"}\n' % hashlib.sha256(data).hexdigest().encode("ascii")
    path = manifest_file(revision)
    if fs.stat(path) is not None:  # left by a save that was not carried out
        fs.unlink(path)
    # Names and times of neighbours are alike: packed, a hundred thousand rows take a megabyte instead of six.
    fs.write_new(path, gzip.compress(data, compresslevel=1, mtime=0))


def read_manifest(fs: FileSystem, revision: int) -> Manifest:
    """The tree as it was before save ``revision``, whole.

    Raises
    ------
    MissingError
        When there is no such backup.
    DamagedError
        When the manifest, or one that it rests on, cannot be read.
    """
    head, groups = _read(fs, revision)
    rows = [row for group in groups for row in _rows(group, revision)]
    if head["base"] is not None:
        same = set(head["same"])
        rows += [row for row in rows_after(fs, head["base"]) if row.path.rpartition("/")[0] in same]
    return Manifest(head["revision"], head["mode"], tuple(head["clusters"]), tuple(rows), head["depth"])


def read_head(fs: FileSystem, revision: int) -> dict[str, Any]:
    """What a manifest says of itself; errors as in :func:`read_manifest`."""
    return _read(fs, revision)[0]


def _read(fs: FileSystem, revision: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    path = manifest_file(revision)
    try:
        data = gzip.decompress(fs.read(path))
        end = data.rfind(b"\n", 0, -1) + 1
        if json.loads(data[end:])["sha256"] != hashlib.sha256(data[:end]).hexdigest():
            raise ValueError("it fails its checksum")
        head, *groups = [json.loads(line) for line in data[:end].splitlines()]
    except FileNotFoundError as error:
        raise MissingError(f"there is no backup of revision {revision}", hint="See backups().") from error
    except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedError(
            f"the manifest {path!r} is damaged: {error}", hint="The links beside it are still whole."
        ) from error
    if head["v"] > VERSION:
        raise DamagedError(f"the manifest {path!r} was written by a newer shoal", hint="Update shoal.")
    return head, groups


def _rows(group: dict[str, Any], revision: int) -> Iterable[Kept]:
    folder, names = group["folder"], group["names"]
    hashes = group.get("sha256") or [None] * len(names)
    places = group.get("places", [None] * len(names)) or [0] * len(names)
    columns = zip(names, group["inodes"], group["sizes"], group["mtimes_ns"], hashes, places, strict=True)
    for name, inode, size, mtime_ns, digest, place in columns:
        path = f"{folder}/{name}"
        where = f"{BACKUPS}/{revision:06d}/tree/{path}" if place == 0 else place
        yield Kept(path, inode, size, mtime_ns, digest, where)


def rows_after(fs: FileSystem, revision: int) -> list[Kept]:
    """The files after save ``revision``; after "save 0", which is the backup that was made ahead, its own.

    Raises
    ------
    MissingError, DamagedError
        When the record or the manifest of that save cannot be read.
    """
    before = read_manifest(fs, revision).rows
    if revision == 0:
        return list(before)
    record = read_record(fs, commit_file(revision))
    now = {step.src: step.dst for step in record.steps}
    rows = [row._replace(path=now.get(row.path, row.path)) for row in before]
    for create in record.creates:
        found = fs.stat(create.place) if record.backup == "link" else fs.stat(create.dst)
        if found is not None:
            rows.append(Kept(create.dst, found.inode, found.size, found.mtime_ns, None, create.place))
    return rows
