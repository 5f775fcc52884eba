"""Bring back the tree of any save. A restore is itself a save: planned, journaled, undone by another one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

from shoal.disk.checks import check_before
from shoal.disk.finish import REPORT
from shoal.disk.layout import BACKUPS
from shoal.disk.manifest import Kept
from shoal.disk.names import with_suffix
from shoal.disk.plan import Move, Plan, Refusal
from shoal.disk.read import scan
from shoal.disk.records import Create, SaveRecord
from shoal.disk.save import Save, new_record, open_folder, text_of
from shoal.disk.tree import FolderScan
from shoal.disk.verify import Tree, tree_after, walk_inodes
from shoal.errors import DamagedError, SaveError
from shoal.store.atomic import read_json
from shoal.store.filesystem import FileSystem

__all__ = ["plan_restore", "restore"]


def restore(
    root: str | os.PathLike[str],
    revision: int,
    *,
    report: Mapping[str, Any] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    fs: FileSystem | None = None,
) -> SaveRecord:
    """Bring every file of an earlier state back to its place and name, byte for byte.

    Parameters
    ----------
    root : path
        The clustered folder.
    revision : int
        0 for the folder before its first save, r for the folder after save r; see ``backups``.
    report : mapping, optional
        Content of ``cluster_report.json``; the one of that time when left out.
    progress, cancel : callable, optional
        As for ``apply_plan``.
    fs : FileSystem, optional
        The disk.

    Returns
    -------
    SaveRecord
        A new revision; restoring the one before it undoes the restore.

    Raises
    ------
    MissingError
        When there is no such revision.
    SaveError
        When a file of it is gone and no backup has it, or something failed: the folder is as it was.

    Notes
    -----
    Files that have come since stay; one that lies in the way gets a name beside it. Pictures that were edited
    in place come back only from ``backup="copy"``; the edited ones go to ``trash/`` then.
    """
    with open_folder(root, fs) as disk:
        found = scan(disk.root, check="none", fs=disk)
        tree = tree_after(disk, revision)
        plan, creates, mode = plan_restore(disk, found, tree)
        if not plan.ok:
            raise SaveError(
                f"{plan.refusals[0].path!r}: {plan.refusals[0].reason}", hint=plan.refusals[0].hint
            )
        steps = check_before(disk, plan, found)
        record = new_record(disk, plan, steps, mode, creates=creates, restores=revision)
        changes = {"type": "restore", "restores": revision, "moves": [[m.src, m.dst] for m in plan.moves]}
        content = dict(report) if report is not None else _report_of(disk, revision, found)
        return Save(disk, record, found, {}, progress, cancel).run(text_of(content), text_of(changes))


def _report_of(fs: FileSystem, revision: int, found: FolderScan) -> dict[str, Any]:
    """The report as it was: the next save kept it before it wrote its own."""
    kept = f"{BACKUPS}/{revision + 1:06d}/{REPORT}"
    if fs.stat(kept) is not None:
        try:
            return dict(read_json(kept, fs=fs))
        except (DamagedError, TypeError, ValueError):
            pass  # it was no report of ours; the present one is as good
    return dict(found.report or {})


def plan_restore(
    fs: FileSystem, found: FolderScan, tree: Tree
) -> tuple[Plan, tuple[Create, ...], Literal["link", "copy", "none"]]:
    """Plan how the folder becomes the tree of an earlier state; writes nothing.

    Returns
    -------
    plan : Plan
        The moves, and the folders to make and to remove.
    creates : tuple of Create
        Files that are brought back from the backup.
    mode : {"link", "copy", "none"}
        How the backup of that state was made; the restore keeps its own in the same way.
    """
    there = walk_inodes(fs)
    names_of: dict[int, list[str]] = {}
    for path, inode in there.items():
        names_of.setdefault(inode, []).append(path)
    wanted = {row.path: row for row in tree.rows}
    moves: dict[str, Move] = {}
    creates: list[Create] = []
    refusals: list[Refusal] = []
    taken = set(there) | set(wanted)
    for path, row in wanted.items():
        at = path if there.get(path) == row.inode else _elsewhere(row, names_of, wanted, moves)
        if at is not None and tree.mode == "copy" and _edited(fs, at, row):
            moves[at] = Move(
                at, _beside(f"trash/{row.path.rpartition('/')[2]}", taken), "item", "edited since"
            )
            at = None
        if at is None:
            if row.place is None or fs.stat(row.place) is None:
                refusals.append(
                    Refusal(path, "it is gone, and no backup has it", "Put the file back by hand.")
                )
                continue
            creates.append(Create(row.place, path))
        elif at != path:
            moves[at] = Move(at, path, "item")
    for path in wanted:
        if path in there and path not in moves and there[path] != wanted[path].inode:
            moves[path] = Move(path, _beside(path, taken), "item", "it lies where an earlier file comes back")
    made, removed = _folders(found, tree, there, moves, wanted)
    plan = Plan(
        moves=tuple(moves.values()),
        make_dirs=made,
        remove_dirs=removed,
        refusals=tuple(refusals),
        clusters=tuple(sorted((set(found.clusters) | set(tree.clusters)) - set(removed))),
        revision=found.revision,
    )
    return plan, tuple(creates), tree.mode


def _elsewhere(
    row: Kept, names_of: Mapping[int, list[str]], wanted: Mapping[str, Kept], moves: Mapping[str, Move]
) -> str | None:
    """A present path of the file that no other wish needs."""
    for path in names_of.get(row.inode, ()):
        other = wanted.get(path)
        if path not in moves and (other is None or other.inode != row.inode):
            return path
    return None


def _edited(fs: FileSystem, path: str, row: Kept) -> bool:
    found = fs.stat(path)
    return found is not None and (found.size, found.mtime_ns) != (row.size, row.mtime_ns)


def _beside(path: str, taken: set[str]) -> str:
    folder, _, name = path.rpartition("/")
    free, number = path, 1
    while free in taken:
        number += 1
        free = f"{folder}/{with_suffix(name, f'__{number}')}"
    taken.add(free)
    return free


def _folders(
    found: FolderScan,
    tree: Tree,
    there: Mapping[str, int],
    moves: Mapping[str, Move],
    wanted: Mapping[str, Kept],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folders to make, parents first, and cluster folders to remove, children first."""
    after = (set(there) - set(moves)) | {move.dst for move in moves.values()} | set(wanted)
    used = {path.rpartition("/")[0] for path in after} | set(tree.clusters)
    used |= {folder.partition("/")[0] for folder in used}
    make = sorted(used - set(found.folders) - {p.rpartition("/")[0] for p in there}, key=_depth)
    gone = [f for f in found.folders if f and f not in used]
    left = {path.rpartition("/")[0] for path in moves}
    gone = [
        f for f in gone if not found.taken.get(f) and ("/" not in f or f in left or f.split("/")[0] in gone)
    ]
    return tuple(make), tuple(sorted(gone, key=_depth, reverse=True))


def _depth(folder: str) -> tuple[int, str]:
    return folder.count("/"), folder
