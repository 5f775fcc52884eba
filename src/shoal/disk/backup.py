"""Backups: links or copies of what no backup holds yet, and which folders have stayed as they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from shoal.disk.layout import BACKUPS
from shoal.disk.manifest import (
    Group,
    Kept,
    Mode,
    groups_of,
    read_manifest,
    write_manifest,
)
from shoal.disk.records import Record, Step
from shoal.disk.tree import FolderScan, surely_before
from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem

__all__ = ["backed_inodes", "find_backup", "make_backup", "note_after"]

MOST_DEEP = 16
"""A manifest that rests on so many others is written out whole."""


class _Unchanged(NamedTuple):
    """Folders that are as they were after the save before."""

    base: int | None
    folders: tuple[str, ...]
    depth: int


def make_backup(
    fs: FileSystem,
    scan: FolderScan,
    revision: int,
    *,
    mode: Mode,
    hashes: Mapping[str, str],
    tick: Callable[[int], None],
) -> tuple[set[str], int]:
    """Keep the tree of ``scan`` as it is: links or copies first, then the manifest that names them.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    scan : FolderScan
        The tree to keep.
    revision : int
        The save that is about to change it; 0 for a backup ahead of the first.
    mode : {"link", "copy", "none"}
        What to keep of the bytes.
    hashes : mapping of str to str
        SHA-256 of the files whose hashes are known, by path.
    tick : callable
        Told how many more files are kept; may raise to cancel.

    Returns
    -------
    touched : set of str
        Folders whose names must be synced before the backup counts.
    depth : int
        How many earlier manifests the new one rests on.
    """
    home = f"{BACKUPS}/{revision:06d}"
    touched = {BACKUPS}
    _ensure(fs, home, touched)
    unchanged = _unchanged(fs, scan, revision) if mode == "link" else _Unchanged(None, (), 0)
    groups = groups_of(fs, scan, frozenset(unchanged.folders))
    places: dict[str, str] = {}
    if mode != "none":
        places = _keep(fs, groups, f"{home}/tree", mode, touched, tick)
    write_manifest(
        fs,
        revision,
        mode=mode,
        groups=groups,
        places=places,
        hashes=hashes,
        clusters=scan.clusters,
        base=unchanged.base,
        same=unchanged.folders,
        depth=unchanged.depth,
    )
    touched.add(home)
    return touched, unchanged.depth


def _ensure(fs: FileSystem, folder: str, touched: set[str]) -> None:
    if fs.stat(folder) is None:
        fs.mkdir(folder)
        touched.add(folder.rpartition("/")[0])
    touched.add(folder)


# -- what has not changed ---------------------------------------------------------------------------------


def _after_file(revision: int) -> str:
    return f"{BACKUPS}/{revision:06d}/after.json"


def note_after(fs: FileSystem, scan: FolderScan, record: Record | None, *, moved_ns: int, depth: int) -> None:
    """Note what the folders are like after a save, so that the next backup can skip those that stay so.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    scan : FolderScan
        The folder before the save.
    record : Record or None
        The save; None for a backup ahead of the first.
    moved_ns : int
        When the last file had been moved, or the scan begun, nanoseconds since 1970. A folder that has a
        later time, or one too near to tell, is not noted.
    depth : int
        How many manifests the one of this save rests on.
    """
    counts = scan.counts.copy()
    touched: set[str] = set()
    for step in record.steps if record else ():
        for path, change in ((step.src, -1), (step.dst, 1)):
            folder = path.rpartition("/")[0]
            counts[folder] += change
            touched.add(folder)
    for create in record.creates if record else ():
        folder = create.dst.rpartition("/")[0]
        counts[folder] += 1
        touched.add(folder)
    noted: dict[str, tuple[int, int, int]] = {}
    for folder in set(scan.folders) | touched:
        facts = fs.stat(folder) if folder in touched else scan.folders[folder]
        if folder and facts is not None and surely_before(facts.mtime_ns, moved_ns):
            noted[folder] = (facts.inode, facts.mtime_ns, counts[folder])
    path = _after_file(record.revision if record else 0)
    if fs.stat(path) is None:
        # Not synced: a torn note is no note.
        note = {"depth": depth, "folders": noted}
        fs.write_new(path, json.dumps(note).encode("ascii"), sync=False)


def _unchanged(fs: FileSystem, scan: FolderScan, revision: int) -> _Unchanged:
    """Folders whose inode, time and number of files are what the last save left."""
    base = revision - 1
    if base < 0:
        return _Unchanged(None, (), 0)
    try:
        note = json.loads(fs.read(_after_file(base)))
        noted, depth = note["folders"], int(note["depth"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return _Unchanged(None, (), 0)
    if depth >= MOST_DEEP:
        return _Unchanged(None, (), 0)
    counts = scan.counts
    same = [
        folder
        for folder, facts in scan.folders.items()
        if folder in noted and noted[folder] == [facts.inode, facts.mtime_ns, counts[folder]]
    ]
    return _Unchanged(base, tuple(same), depth + 1) if same else _Unchanged(None, (), 0)


# -- links and copies -------------------------------------------------------------------------------------


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
    groups: list[Group],
    tree: str,
    mode: Mode,
    touched: set[str],
    tick: Callable[[int], None],
) -> dict[str, str]:
    """Link or copy what no backup holds; return the places that are not in this backup's own tree."""
    if not groups:
        return {}
    pairs, places = _new_pairs(fs, groups, tree, mode)
    _ensure(fs, tree, touched)
    for folder in dict.fromkeys(dst.rpartition("/")[0] for _, dst in pairs):
        _ensure_path(fs, folder, touched)
    if mode == "copy":
        for src, dst in pairs:
            fs.copy(src, dst)
            tick(1)
    else:
        fs.link_many(pairs, tick)
    return places


def _new_pairs(
    fs: FileSystem, groups: list[Group], tree: str, mode: Mode
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    kept = backed_inodes(fs)
    by_inode = kept if mode == "link" else {}
    by_facts = _copied(fs) if mode == "copy" else {}
    taken = set(kept.values())
    pairs: list[tuple[str, str]] = []
    places: dict[str, str] = {}
    for group in groups:
        paths = [f"{group.folder}/{name}" for name in group.names]
        if not taken:
            pairs += [(path, f"{tree}/{path}") for path in paths]
            continue
        for path, *facts in zip(paths, group.inodes, group.sizes, group.mtimes_ns, strict=True):
            place = by_inode.get(facts[0]) or by_facts.get((facts[0], facts[1], facts[2]))
            if place is None:
                place = f"{tree}/{path}"
                while place in taken:  # kept by a save that was not carried out, when another file was here
                    place += "~"
                pairs.append((path, place))
            if place != f"{tree}/{path}":
                places[path] = place
    return pairs, places


def _copied(fs: FileSystem) -> dict[tuple[int, int, int], str]:
    """(inode, size, time) → place of every copy in the backups."""
    found: dict[tuple[int, int, int], str] = {}
    for entry in fs.entries(BACKUPS):
        try:
            manifest = read_manifest(fs, int(entry.name)) if entry.name.isdigit() else None
        except (MissingError, DamagedError):
            continue  # a backup that was not finished keeps nothing for others
        if manifest is not None and manifest.mode == "copy":
            found |= {(r.inode, r.size, r.mtime_ns): r.place for r in manifest.rows if r.place}
    return found


def _ensure_path(fs: FileSystem, folder: str, touched: set[str]) -> None:
    parts = folder.split("/")
    for end in range(5, len(parts) + 1):  # .shoal/backups/<revision>/tree is there
        _ensure(fs, "/".join(parts[:end]), touched)


def find_backup(fs: FileSystem, record: Record, step: Step) -> str | None:
    """Where the backup of a save keeps a file, or None when it does not."""
    try:
        rows: Iterable[Kept] = read_manifest(fs, record.revision).rows
    except (MissingError, DamagedError):
        return backed_inodes(fs).get(step.inode)
    place = next((row.place for row in rows if row.path == step.src), None)
    return place if place is not None and fs.stat(place) is not None else None
