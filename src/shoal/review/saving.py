"""Writing the state to the folders.

The wishes handed to the planner, and what is kept beside the pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from shoal.compute.garbage import no_collection
from shoal.disk.plan import Plan, Wish, make_plan
from shoal.disk.read import FolderScan, scan
from shoal.disk.restore import restore
from shoal.disk.save import SaveRecord, apply_plan, committed
from shoal.errors import NotAllowedError, SaveError, ShoalError
from shoal.review.keeping import remember, stop_preparing
from shoal.review.opening import STATE_FOLDER, store_snapshot
from shoal.review.portable import FORMAT_VERSION, portable_actions
from shoal.review.records import NOISE, NOISE_CODE, TRASH, TRASH_CODE
from shoal.review.restoring import GoTo, difference, state_of_save
from shoal.review.session import Session
from shoal.store.filesystem import FileSystem

__all__ = ["make_changes", "make_report", "plan_save", "restore_session", "save_session", "wishes"]


def folder_names(session: Session) -> dict[int, str]:
    """Folder of each code: its name."""
    named = {record.code: record.name for record in session.state.clusters.values()}
    return {**named, NOISE_CODE: NOISE, TRASH_CODE: TRASH}


def wishes(session: Session) -> list[Wish]:
    """Items that are not in the folder of their cluster, and where they should be."""
    table, state = session.table, session.state
    out: list[Wish] = []
    for code, folder in folder_names(session).items():
        prefix = f"{folder}/"
        rows: list[int] = state.members(code).tolist()
        for row in rows:
            path = table.paths[row]
            if not path.startswith(prefix) and row not in table.missing:
                out.append(Wish(path=path, folder=folder, name=table.names[row]))
    return out


def plan_save(session: Session, root: Path, *, portable: bool = True) -> tuple[Plan, FolderScan]:
    """Plan a save against the folder as it is now."""
    wished = wishes(session)
    found = _look(session, root, wished)
    empty = [r.name for r in session.state.clusters.values() if not session.state.size(r.code)]
    return make_plan(found, wished, portable=portable, keep_dirs=empty), found


def _look(session: Session, root: Path, wished: list[Wish]) -> FolderScan:
    """The folder as it is now: clusters without a changed name as they were, unless a mover was edited."""
    found = scan(root, check="none", before=session.looked)
    with FileSystem(root) as fs:
        for wish, now in zip(wished, fs.stat_many(wish.path for wish in wished), strict=True):
            item = found.by_path.get(wish.path)
            facts = (now.inode, now.size, now.mtime_ns) if now else None
            if item is None or (facts and facts != (item.inode, item.size, item.mtime_ns)):
                found = scan(root, check="none")  # edited in place, which leaves no trace in its folder
                break
    remember(session, found)
    return found


@no_collection()
def save_session(
    session: Session,
    root: Path,
    *,
    backup: Literal["link", "copy", "none"] = "link",
    portable: bool = True,
    base: int | None = None,
    source: str | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    fs: FileSystem | None = None,
) -> SaveRecord:
    """Plan, check and carry out a save, then log it.

    Raises
    ------
    SaveError
        When something is refused or fails: the folder is as it was, the edits are kept, the state is still
        unsaved.
    ConflictError
        When ``base`` is stale, or the folder is being saved by somebody else.
    """
    with session.editing("a save"):
        if session.read_only:
            raise NotAllowedError(
                f"this review is read-only: {session.read_only}", hint="Open the folder again."
            )
        session.catch_up()
        session.require_base(base)
        stop_preparing(root)
        plan, found = plan_save(session, root, portable=portable)
        if not plan.ok:
            first = plan.refusals[0]
            more = f" (and {len(plan.refusals) - 1} more)" if len(plan.refusals) > 1 else ""
            raise SaveError(f"{first.path}: {first.reason}{more}", hint=first.hint)
        moved = {move.src: move.dst for move in plan.moves if move.kind == "item"}
        try:
            done = apply_plan(
                root,
                plan,
                expected=found,
                report=make_report(session, moved),
                changes=make_changes(session, moved),
                backup=backup,
                progress=progress,
                cancel=cancel,
                fs=fs,
            )
        except ShoalError:
            session.looked = None  # whatever it was: the next look is a whole one
            raise
        row_of = {path: row for row, path in enumerate(session.table.paths)}
        session.table.set_paths({row_of[src]: dst for src, dst in moved.items() if src in row_of})
        session.saves_followed = done.revision
        session.note("save", "Saved", source=source, save=done.revision, files=len(moved))
        store_snapshot(session, root / STATE_FOLDER, done.revision)
        return done


def restore_session(session: Session, root: Path, save: int) -> SaveRecord:
    """Bring folders and review back to an earlier save; see :meth:`Review.restore`."""
    with session.editing("a restore"):
        session.catch_up()
        target = state_of_save(session, root / STATE_FOLDER, save)
        changed = bool(difference(session.state, target))
        if changed:
            label = f"Went back to save {save}" if save else "Went back to the beginning"
            session.do(GoTo(target, label))
        if not session.saves_followed:
            return save_session(session, root)  # nothing was ever saved: the folder is as it was first opened
        try:
            done = restore(root, save, report=make_report(session, {}))
        except BaseException:
            if changed:
                session.undo()
            raise
        _paths_after_restore(session, root, save, dict(done.moves))
        session.saves_followed = done.revision
        session.note("save", f"Restored save {save}", save=done.revision, files=len(done.moves))
        store_snapshot(session, root / STATE_FOLDER, done.revision)
        return done


def _paths_after_restore(session: Session, root: Path, save: int, moves: Mapping[str, str]) -> None:
    """Items were moved, or came back from a backup to where they were then."""
    table = session.table
    there = {item.path for item in scan(root, check="none").items}
    then = {path: row for row, path in enumerate(table.ids)}
    for record in committed(root):
        if record.revision <= save:
            moved = dict(record.moves)
            then = {moved.get(path, path): row for path, row in then.items()}
    path_then = {row: path for path, row in then.items()}
    now: dict[int, str] = {}
    for row, path in enumerate(table.paths):
        wanted = moves.get(path, path)
        if wanted not in there and path_then[row] in there:
            wanted = path_then[row]
        if wanted != path:
            now[row] = wanted
    table.set_paths(now)
    table.missing = {row for row, path in enumerate(table.paths) if path not in there}


def make_report(session: Session, moved: Mapping[str, str]) -> dict[str, Any]:
    """``cluster_report.json``: the clusters, their facts and the file names of their items."""
    table, state = session.table, session.state

    def files(code: int) -> list[str]:
        members: list[int] = state.members(code).tolist()
        rows = (row for row in members if row not in table.missing)
        return [moved.get(table.paths[row], table.paths[row]).partition("/")[2] for row in rows]

    clusters = [
        {
            "id": record.id,
            "name": record.name,
            "description": record.description,
            "tags": list(record.tags),
            "reviewed": record.reviewed,
            "size": state.size(record.code),
            "items": files(record.code),
        }
        for record in sorted(state.clusters.values(), key=lambda r: -state.size(r.code))
    ]
    return {
        "type": "cluster_report",
        "version": 1,
        "n_items": len(state),
        "n_clusters": len(clusters),
        "revision": session.revision,
        "clusters": clusters,
        "noise": files(NOISE_CODE),
        "trash": files(TRASH_CODE),
    }


def make_changes(session: Session, moved: Mapping[str, str]) -> dict[str, Any]:
    """``changes_<time>.json``: the edits since the last save, and every file that was moved for them."""
    history = session.history
    since = history.saved_cursor if history.saved_cursor is not None else 0
    return {
        "type": "changes",
        "version": FORMAT_VERSION,
        "revision": session.revision,
        "actions": portable_actions(session, since),
        "moves": [[src, dst] for src, dst in moved.items()],
    }
