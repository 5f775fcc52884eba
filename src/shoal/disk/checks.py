"""The checks before a save: that the folder is still what was planned against, and can be changed."""

from __future__ import annotations

from collections.abc import Iterable

from shoal.disk.layout import last_revision
from shoal.disk.plan import Move, Plan
from shoal.disk.records import Step
from shoal.disk.tree import FolderScan
from shoal.errors import ConflictError, SaveError
from shoal.store.filesystem import OWN, FileSystem, Stat

__all__ = ["check_before", "touched_folders"]

_LOOK_AGAIN = "Open the folder again, look at the plan, and save."
_SLACK_BYTES = 4 << 20


def touched_folders(moves: Iterable[Move]) -> set[str]:
    """Folders whose names change."""
    return {path.rpartition("/")[0] for move in moves for path in (move.src, move.dst)}


def check_before(fs: FileSystem, plan: Plan, expected: FolderScan) -> list[Step]:
    """Compare the disk with what was planned against, and name every file by its inode.

    Returns
    -------
    list of Step
        One for each move of the plan.

    Raises
    ------
    ConflictError
        When another save came in between.
    SaveError
        When a file or folder has changed, cannot be written to, or lies on another disk. Nothing was done.
    """
    _check_revision(fs, plan, expected)
    _check_folders(fs, plan, expected)
    _check_space(fs, plan)
    found = fs.stat_many(move.src for move in plan.moves)
    return [_step(facts, move, expected) for facts, move in zip(found, plan.moves, strict=True)]


def _check_revision(fs: FileSystem, plan: Plan, expected: FolderScan) -> None:
    now = last_revision(fs)
    if now != expected.revision or plan.revision != expected.revision:
        raise ConflictError(
            f"{fs.root!r} has been saved by somebody else: it is at revision {now}, not {plan.revision}",
            hint=_LOOK_AGAIN,
        )


def _check_folders(fs: FileSystem, plan: Plan, expected: FolderScan) -> None:
    root = fs.stat("")
    if root is None or root.kind != "folder":
        raise SaveError(f"{fs.root!r} is gone", hint="Put it back, then save again.")
    new = set(plan.make_dirs)
    leaving = {move.src for move in plan.moves}
    arriving: dict[str, list[str]] = {}
    for move in plan.moves:
        arriving.setdefault(move.dst.rpartition("/")[0], []).append(move.dst)
    for folder in sorted((touched_folders(plan.moves) | set(plan.remove_dirs) | {"", OWN}) - new):
        found = fs.stat(folder)
        was = expected.folders.get(folder)
        if found is None or found.kind != "folder" or (was is not None and was.inode != found.inode):
            raise SaveError(f"the folder {folder!r} has been replaced or removed", hint=_LOOK_AGAIN)
        if found.device != root.device:
            raise SaveError(
                f"{folder!r} is on another disk than {fs.root!r}", hint="Leave its items where they are."
            )
        if not fs.writable(folder):
            raise SaveError(
                f"{folder or fs.root!r} cannot be written to", hint="Mend its rights, then save again."
            )
        if was is not None and was.mtime_ns != found.mtime_ns:
            _check_arrivals(fs, folder, arriving.get(folder, []), leaving)
    for folder in plan.make_dirs:
        if fs.stat(folder) is not None:
            raise SaveError(f"{folder!r} has appeared since the folder was read", hint=_LOOK_AGAIN)


def _check_arrivals(fs: FileSystem, folder: str, arriving: list[str], leaving: set[str]) -> None:
    """The folder has changed since it was read: its names must still be free."""
    there = {f"{folder}/{entry.name}" for entry in fs.entries(folder)} if arriving else set[str]()
    for path in arriving:
        if path in there and path not in leaving:
            raise SaveError(f"a file has appeared at {path!r} since the folder was read", hint=_LOOK_AGAIN)


def _check_space(fs: FileSystem, plan: Plan) -> None:
    free, need = fs.free_bytes(), plan.extra_bytes + _SLACK_BYTES
    if free is not None and free < need:
        raise SaveError(
            f"{fs.root!r} has {free:,} bytes free, and the save needs about {need:,}",
            hint="Make room, or save with backup='link'.",
        )


def _step(found: Stat | None, move: Move, expected: FolderScan) -> Step:
    if found is None or found.kind not in ("file", "link"):
        raise SaveError(f"{move.src!r} has been removed since the folder was read", hint=_LOOK_AGAIN)
    was = expected.by_path.get(move.src)
    facts = found.inode, found.size, found.mtime_ns
    if was is not None and facts != (was.inode, was.size, was.mtime_ns):
        raise SaveError(f"{move.src!r} has been changed since the folder was read", hint=_LOOK_AGAIN)
    return Step(move.src, move.dst, *facts)
