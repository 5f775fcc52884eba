"""Look back: which backups there are, what the tree of a save was, whether its bytes are still the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from shoal.disk.layout import BACKUPS, commit_file, last_revision, manifest_file
from shoal.disk.manifest import Kept, Mode, read_manifest, rows_after
from shoal.disk.records import committed_records, read_record
from shoal.errors import MissingError
from shoal.store.filesystem import OWN, FileSystem

__all__ = ["BackupInfo", "Tree", "Verification", "backups", "tree_after", "verify", "walk_inodes"]

_HASHES = f"{BACKUPS}/hashes.jsonl"


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """One state that can be brought back.

    Parameters
    ----------
    revision : int
        0 is the folder before its first save, r ≥ 1 the folder after save r.
    at : str
        When that save was done (UTC, ISO 8601); empty for revision 0.
    files : int
        Files that the save moved.
    mode : str
        How the bytes are kept: ``"link"``, ``"copy"``, ``"none"``.
    restores : int or None
        The revision that this save itself brought back.
    """

    revision: int
    at: str
    files: int
    mode: str
    restores: int | None = None


class Tree(NamedTuple):
    """Everything that a revision consists of."""

    revision: int
    mode: Mode
    clusters: tuple[str, ...]
    rows: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """How the bytes of a revision compare with its manifest.

    Parameters
    ----------
    revision : int
        What was verified.
    files : int
        Files of the revision.
    matched : int
        Files whose bytes have the hash that is known of them.
    hashed : int
        Files without a known hash whose size and time are as they were: hashed now, for the next time.
    changed, missing : tuple of str
        Paths whose bytes are others now, and paths whose bytes are neither in the backup nor in the folder.
    """

    revision: int
    files: int
    matched: int
    hashed: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every byte is as it was."""
        return not self.changed and not self.missing


def backups(root: str | os.PathLike[str], *, fs: FileSystem | None = None) -> list[BackupInfo]:
    """States of the folder that ``restore`` can bring back, oldest first; empty before the first save."""
    disk = fs if fs is not None else FileSystem(root)
    try:
        found: list[BackupInfo] = []
        for record in committed_records(disk):
            if disk.stat(manifest_file(record.revision)) is None:
                continue
            if not found:
                found.append(BackupInfo(record.revision - 1, "", 0, record.backup))
            found.append(
                BackupInfo(record.revision, record.at, len(record.steps), record.backup, record.restores)
            )
        return found
    finally:
        if fs is None:
            disk.close()


def tree_after(fs: FileSystem, revision: int) -> Tree:
    """The tree after save ``revision``; 0 is the tree before the first save.

    Raises
    ------
    MissingError
        When there is no such save, or its manifest is gone.
    DamagedError
        When its record or manifest is damaged.
    """
    last = last_revision(fs)
    if not 0 <= revision <= last or last == 0:
        known = f"1 to {last}, and 0 for the beginning" if last else "none yet"
        raise MissingError(f"there is no revision {revision}", hint=f"Saves of this folder: {known}.")
    # The beginning, or the oldest state that is left after somebody has removed the backups before it.
    oldest = fs.stat(manifest_file(revision)) is None and fs.stat(manifest_file(revision + 1)) is not None
    if revision == 0 or oldest:
        before = read_manifest(fs, revision + 1)
        return Tree(revision, before.mode, before.clusters, before.rows)
    record = read_record(fs, commit_file(revision))
    return Tree(revision, record.backup, record.cluster_folders, tuple(rows_after(fs, revision)))


def verify(
    root: str | os.PathLike[str],
    revision: int | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    fs: FileSystem | None = None,
) -> Verification:
    """Compare the bytes of a revision with the hashes of its manifest.

    Parameters
    ----------
    root : path
        The clustered folder.
    revision : int, optional
        The newest when left out; 0 is the folder before its first save.
    progress : callable, optional
        Called as ``progress(done, total, "verify")``.
    fs : FileSystem, optional
        The disk.

    Returns
    -------
    Verification
        Files are read from the backup where it has them, else from the folder. Hashes that were not known are
        computed and kept, so that the next call can compare.

    Raises
    ------
    MissingError
        When there is no such revision.
    DamagedError
        When its record or manifest is damaged.
    """
    disk = fs if fs is not None else FileSystem(root)
    try:
        tree = tree_after(disk, last_revision(disk) if revision is None else revision)
        return _verify(disk, tree, progress)
    finally:
        if fs is None:
            disk.close()


def _verify(fs: FileSystem, tree: Tree, progress: Callable[[int, int, str], None] | None) -> Verification:
    known = _known_hashes(fs)
    now = {inode: path for path, inode in walk_inodes(fs).items()}
    matched = 0
    changed: list[str] = []
    missing: list[str] = []
    new: list[bytes] = []
    for done, row in enumerate(tree.rows, 1):
        facts = row.inode, row.size, row.mtime_ns
        digest, same = _digest(fs, row, now.get(row.inode))
        expected = row.hash or known.get(facts)
        if digest is None:
            missing.append(row.path)
        elif digest == expected:
            matched += 1
        elif expected is not None or not same:
            changed.append(row.path)
        else:
            new.append(json.dumps([*facts, digest]).encode("ascii") + b"\n")
        if progress is not None:
            progress(done, len(tree.rows), "verify")
    if new:
        fs.append(_HASHES, b"".join(new))
    return Verification(tree.revision, len(tree.rows), matched, len(new), tuple(changed), tuple(missing))


def walk_inodes(fs: FileSystem) -> dict[str, int]:
    """Path → inode of every file below the clusters."""
    there: dict[str, int] = {}
    todo = [e.name for e in fs.entries("") if e.kind == "folder" and e.name != OWN]
    while todo:
        folder = todo.pop()
        for entry in fs.entries(folder):
            path = f"{folder}/{entry.name}"
            if entry.kind == "folder":
                todo.append(path)
            else:
                there[path] = entry.inode
    return there


def _known_hashes(fs: FileSystem) -> dict[tuple[int, int, int], str]:
    if fs.stat(_HASHES) is None:
        return {}
    known: dict[tuple[int, int, int], str] = {}
    for line in fs.read(_HASHES).splitlines():
        try:
            inode, size, mtime_ns, digest = json.loads(line)
        except ValueError:
            continue  # torn by a crash; the hash is computed again
        known[inode, size, mtime_ns] = digest
    return known


def _digest(fs: FileSystem, row: Kept, now: str | None) -> tuple[str | None, bool]:
    """SHA-256 of a file and whether size and time are as recorded; None when it is nowhere."""
    for path in (row.place, now):
        found = fs.stat(path) if path is not None else None
        if path is None or found is None or found.kind not in ("file", "link"):
            continue
        same = (found.size, found.mtime_ns) == (row.size, row.mtime_ns)
        if found.kind == "link":
            return hashlib.sha256(os.fsencode(fs.link_target(path))).hexdigest(), same
        return fs.sha256(path), same
    return None, False
