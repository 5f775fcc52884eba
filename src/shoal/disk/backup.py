"""Backups: a manifest of the tree before each save, and links or copies of what no backup holds yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from shoal.disk.layout import BACKUPS, manifest_file
from shoal.disk.records import Record, Step
from shoal.disk.tree import FolderScan
from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem

__all__ = ["Kept", "Manifest", "Mode", "backed_inodes", "find_backup", "make_backup", "read_manifest"]

Mode = Literal["link", "copy", "none"]
"""How a backup keeps the bytes."""

VERSION = 1
FEW = 64


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


def make_backup(
    fs: FileSystem,
    scan: FolderScan,
    revision: int,
    *,
    mode: Mode,
    hashes: Mapping[str, str],
    tick: Callable[[int], None],
) -> set[str]:
    """Keep the tree of ``scan`` as it is: links or copies first, then the manifest that names them.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    scan : FolderScan
        The tree to keep.
    revision : int
        The save that is about to change it.
    mode : {"link", "copy", "none"}
        What to keep of the bytes.
    hashes : mapping of str to str
        SHA-256 of the files whose hashes are known, by path.
    tick : callable
        Told how many more files are kept; may raise to cancel.

    Returns
    -------
    set of str
        Folders whose names must be synced before the backup counts.
    """
    home = f"{BACKUPS}/{revision:06d}"
    touched = {BACKUPS}
    _ensure(fs, home, touched)
    rows = _rows(fs, scan, hashes)
    places: dict[str, str] = {}
    if mode != "none":
        places = _keep(fs, rows, f"{home}/tree", mode, touched, tick)
    _write_manifest(fs, revision, mode, rows, places, scan.clusters)
    touched.add(home)
    return touched


def _ensure(fs: FileSystem, folder: str, touched: set[str]) -> None:
    if fs.stat(folder) is None:
        fs.mkdir(folder)
        touched.add(folder.rpartition("/")[0])
    touched.add(folder)


def _rows(fs: FileSystem, scan: FolderScan, hashes: Mapping[str, str]) -> dict[str, list[Kept]]:
    """Everything that was scanned, by folder."""
    rows: dict[str, list[Kept]] = {cluster: [] for cluster in scan.clusters}
    get = hashes.get
    for item in scan.items:
        path = item.path
        rows[item.cluster].append(Kept(path, item.inode, item.size, item.mtime_ns, get(path), None))
        for companion in item.companions:
            found = fs.stat(companion)
            if found is not None:
                kept = Kept(companion, found.inode, found.size, found.mtime_ns, get(companion), None)
                rows.setdefault(companion.rpartition("/")[0], []).append(kept)
    return rows


def backed_inodes(fs: FileSystem) -> dict[int, str]:
    """Inode → place of every link in the backups. A walk over names; nothing is opened."""
    found: dict[int, str] = {}
    todo = [f"{BACKUPS}/{e.name}/tree" for e in fs.entries(BACKUPS) if e.kind == "folder"]
    while todo:
        folder = todo.pop()
        for entry in fs.entries(folder):
            path = f"{folder}/{entry.name}"
            if entry.kind == "folder":
                todo.append(path)
            else:
                found[entry.inode] = path
    return found


def _keep(
    fs: FileSystem,
    rows: Mapping[str, list[Kept]],
    tree: str,
    mode: Mode,
    touched: set[str],
    tick: Callable[[int], None],
) -> dict[str, str]:
    """Link or copy what no backup holds; return the place of each path."""
    known = _known(fs, mode)
    _ensure(fs, tree, touched)
    places: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    linked: dict[int, str] = {}
    for folder, kept in rows.items():
        fresh = False
        for row in kept:
            place = known(row) or (linked.get(row.inode) if mode == "link" else None)
            if place is None:
                place = linked[row.inode] = f"{tree}/{row.path}"
                pairs.append((row.path, place))
                fresh = True
            places[row.path] = place
        if fresh:
            _ensure_path(fs, f"{tree}/{folder}", touched)
    if mode == "link":
        _link(fs, pairs, tick)
    else:
        for src, dst in pairs:
            fs.copy(src, dst)
            tick(1)
    return places


def _known(fs: FileSystem, mode: Mode) -> Callable[[Kept], str | None]:
    if mode == "link":
        by_inode = backed_inodes(fs)
        return lambda row: by_inode.get(row.inode)
    by_facts: dict[tuple[int, int, int], str] = {}
    for entry in fs.entries(BACKUPS):
        try:
            manifest = read_manifest(fs, int(entry.name)) if entry.name.isdigit() else None
        except (MissingError, DamagedError):
            continue  # a backup that was not finished keeps nothing for others
        if manifest is not None and manifest.mode == "copy":
            by_facts |= {(r.inode, r.size, r.mtime_ns): r.place for r in manifest.rows if r.place}
    return lambda row: by_facts.get((row.inode, row.size, row.mtime_ns))


def _ensure_path(fs: FileSystem, folder: str, touched: set[str]) -> None:
    parts = folder.split("/")
    for end in range(4, len(parts) + 1):  # .shoal/backups/<revision>/tree is there
        _ensure(fs, "/".join(parts[:end]), touched)


def _link(fs: FileSystem, pairs: list[tuple[str, str]], tick: Callable[[int], None]) -> None:
    if len(pairs) >= FEW:
        fs.link_many(pairs, tick)
        return
    for src, dst in pairs:
        fs.link(src, dst)
    tick(len(pairs))


# -- the manifest -----------------------------------------------------------------------------------------


class Manifest(NamedTuple):
    """The tree before a save: mode of its backup, cluster folders, and its files."""

    revision: int
    mode: Mode
    clusters: tuple[str, ...]
    rows: tuple[Kept, ...]


def _write_manifest(
    fs: FileSystem,
    revision: int,
    mode: Mode,
    rows: Mapping[str, list[Kept]],
    places: Mapping[str, str],
    clusters: Iterable[str],
) -> None:
    home = f"{BACKUPS}/{revision:06d}/tree/"
    lines = [json.dumps({"v": VERSION, "revision": revision, "mode": mode, "clusters": list(clusters)})]
    for folder, kept in rows.items():
        if not kept:
            continue
        line: dict[str, Any] = {
            "folder": folder,
            "names": [row.path.rpartition("/")[2] for row in kept],
            "inodes": [row.inode for row in kept],
            "sizes": [row.size for row in kept],
            "mtimes_ns": [row.mtime_ns for row in kept],
        }
        if any(row.hash for row in kept):
            line["sha256"] = [row.hash for row in kept]
        if mode != "none":
            # 0 stands for the place in this backup's own tree, under the path the file had.
            line["places"] = [0 if (p := places[r.path]) == home + r.path else p for r in kept]
            if not any(line["places"]):
                line["places"] = 0
        lines.append(json.dumps(line, separators=(",", ":")))
    data = ("\n".join(lines) + "\n").encode("ascii")
    data += b'{"sha256": "%s"}\n' % hashlib.sha256(data).hexdigest().encode("ascii")
    path = manifest_file(revision)
    if fs.stat(path) is not None:  # left by a save that was not carried out
        fs.unlink(path)
    fs.write_new(path, data)


def read_manifest(fs: FileSystem, revision: int) -> Manifest:
    """The tree as it was before save ``revision``.

    Raises
    ------
    MissingError
        When there is no such backup.
    DamagedError
        When the manifest cannot be read.
    """
    path = manifest_file(revision)
    try:
        data = fs.read(path)
        end = data.rfind(b"\n", 0, -1) + 1
        if json.loads(data[end:])["sha256"] != hashlib.sha256(data[:end]).hexdigest():
            raise ValueError("it fails its checksum")
        head, *groups = [json.loads(line) for line in data[:end].splitlines()]
        rows = tuple(row for group in groups for row in _manifest_rows(group, revision))
        return Manifest(head["revision"], head["mode"], tuple(head["clusters"]), rows)
    except FileNotFoundError as error:
        raise MissingError(f"there is no backup of revision {revision}", hint="See backups().") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(
            f"the manifest {path!r} is damaged: {error}", hint="The links beside it are still whole."
        ) from error


def _manifest_rows(group: dict[str, Any], revision: int) -> Iterable[Kept]:
    folder, names = group["folder"], group["names"]
    hashes = group.get("sha256") or [None] * len(names)
    places = group.get("places", [None] * len(names)) or [0] * len(names)
    columns = zip(names, group["inodes"], group["sizes"], group["mtimes_ns"], hashes, places, strict=True)
    for name, inode, size, mtime_ns, digest, place in columns:
        path = f"{folder}/{name}"
        where = f"{BACKUPS}/{revision:06d}/tree/{path}" if place == 0 else place
        yield Kept(path, inode, size, mtime_ns, digest, where)


def find_backup(fs: FileSystem, record: Record, step: Step) -> str | None:
    """Where the backup of a save keeps a file, or None when it does not."""
    try:
        rows = read_manifest(fs, record.revision).rows
    except (MissingError, DamagedError):
        return backed_inodes(fs).get(step.inode)
    place = next((row.place for row in rows if row.path == step.src), None)
    return place if place is not None and fs.stat(place) is not None else None
