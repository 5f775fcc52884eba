"""Opening a clustered folder: newest snapshot, replay of the log, and a look at what is really there."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from shoal.disk.read import FolderScan, scan
from shoal.disk.save import committed
from shoal.errors import DamagedError
from shoal.review.changes import CellChange, Change
from shoal.review.history import History
from shoal.review.keeping import prepare_ahead, remember
from shoal.review.log import EditLog, LogRecord
from shoal.review.records import RESERVED, ClusterRecord
from shoal.review.session import Session
from shoal.review.snapshot import Snapshot, newest_snapshot, read_table, write_snapshot, write_table
from shoal.review.state import State
from shoal.review.table import ItemTable
from shoal.review.vectors import read_columns

__all__ = ["STATE_FOLDER", "open_session", "replay", "store_snapshot"]

STATE_FOLDER = ".shoal"
REPLAY_LIMIT = 1_000
"""A new snapshot is written when opening had to replay more records than this."""


def open_session(
    root: Path,
    *,
    check: Literal["auto", "all", "none"] = "auto",
    actor: str | None = None,
    keep: bool = True,
) -> tuple[Session, FolderScan]:
    """Open a folder; see :func:`shoal.open_review`.

    With ``keep=False`` a folder that was never opened before is only looked at: edits stay in memory.
    """
    found = scan(root, check=check)
    actor = actor or _user()
    home = root / STATE_FOLDER
    reason = _not_writable(root)
    if reason:
        session = _fresh(found, None, actor)
        session.read_only = reason
        return session, found
    if not keep and newest_snapshot(home / "snapshots") is None:
        return _fresh(found, None, actor), found
    home.mkdir(exist_ok=True)
    log = EditLog(home / "actions.jsonl")
    if newest_snapshot(home / "snapshots") is None:
        if list(log.read_new()):
            raise DamagedError(
                f"{home} has an edit log but no snapshot to start from",
                hint="Put the folder back from a backup.",
            )
        session = _fresh(found, log, actor)
        store_snapshot(session, home, 0)
        remember(session, found)
        prepare_ahead(root, found)
        return session, found
    session = replay(home, log, actor, limit=REPLAY_LIMIT)
    _follow_saves(session, root)
    _reconcile(session, found)
    remember(session, found)
    prepare_ahead(root, found)
    return session, found


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in many containers
        return "you"


def _not_writable(root: Path) -> str | None:
    if os.access(root, os.W_OK | os.X_OK):
        return None
    return f"{root} cannot be written to"


# ------------------------------------------------------------------------------------------------- first time
def _fresh(found: FolderScan, log: EditLog | None, actor: str) -> Session:
    paths = [item.path for item in found.items]
    described = _described(found.report)
    clusters = {
        r.id: r for r in (_record(i, name, described) for i, name in enumerate(_cluster_names(found)))
    }
    code_of = {record.name: record.code for record in clusters.values()} | RESERVED
    codes = np.array([code_of[item.cluster] for item in found.items], np.int32)
    columns = read_columns(found.root / STATE_FOLDER, paths)
    return Session(ItemTable(paths, columns=columns), State(codes, clusters), History(), log, actor=actor)


def _cluster_names(found: FolderScan) -> list[str]:
    return [name for name in found.clusters if name not in RESERVED]


def _record(code: int, name: str, described: Mapping[str, Mapping[str, Any]]) -> ClusterRecord:
    facts = described.get(name, {})
    tags: Any = facts.get("tags", [])
    return ClusterRecord(
        id=f"c{code}",
        code=code,
        name=name,
        color=code,
        description=str(facts.get("description") or ""),
        reviewed=facts.get("reviewed") is True,
        tags=tuple(sorted(map(str, cast("list[Any]", tags)))) if isinstance(tags, list) else (),
    )


def _described(report: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """Name → facts, from a report; what has another shape is passed over."""
    listed: Any = report.get("clusters") if report else None
    if not isinstance(listed, list):
        return {}
    facts = [cast("dict[str, Any]", c) for c in cast("list[Any]", listed) if isinstance(c, dict)]
    return {c["name"]: c for c in facts if isinstance(c.get("name"), str)}


# ------------------------------------------------------------------------------------------------------ again
def replay(home: Path, log: EditLog, actor: str, *, limit: int = REPLAY_LIMIT) -> Session:
    """Fold the log onto the newest snapshot.

    Parameters
    ----------
    home : Path
        ``<root>/.shoal``.
    log : EditLog
        Not read yet.
    actor : str
        Who will edit.
    limit : int
        A new snapshot is written when more records than this had to be folded.

    Raises
    ------
    DamagedError
        When log and snapshots do not belong together, or either is damaged.
    """
    snapshot = newest_snapshot(home / "snapshots")
    if snapshot is None:
        raise DamagedError(f"{home} has no snapshot to start from", hint="Put the folder back from a backup.")
    table = read_table(home / "items.npz").first(len(snapshot.state))
    table.paths = snapshot.paths
    session = Session(table, snapshot.state, History(), log, actor=actor)
    session.saves_followed = snapshot.saves
    belongs = snapshot.seq == 0
    for record in log.read_new():
        if record.seq > snapshot.seq:
            if record.kind == "scan" or not session.state.replay(record.data.get("change", {})):
                session.state.apply(session.follow(record))
        elif record.seq == snapshot.seq:
            belongs = _check_of(record) == snapshot.check
        session.history.take(record)
        session.count_time(record.at)
        record.forget()
    if not belongs:
        raise DamagedError(
            f"the edit log in {home} does not belong to its snapshots",
            hint="Put actions.jsonl back from a backup.",
        )
    session.revision = log.seq
    if log.seq - snapshot.seq > limit:
        store_snapshot(session, home, snapshot.saves)
    return session


def _check_of(record: LogRecord) -> int:
    return int(record.raw[-10:-2], 16)


def _follow_saves(session: Session, root: Path) -> None:
    """Bring the paths up to date, also after a crash between a commit and its line in the log."""
    logged = {e["save"] for e in (r.data for r in session.history.saves)}
    for done in committed(root, after=session.saves_followed):
        row_of = {path: row for row, path in enumerate(session.table.paths)}
        session.table.set_paths({row_of[src]: dst for src, dst in done.moves if src in row_of})
        session.saves_followed = done.revision
        if done.revision not in logged:
            session.note("save", "Saved", save=done.revision, files=len(done.moves))


def _reconcile(session: Session, found: FolderScan) -> None:
    """Take in pictures that are new, mark those that are gone, follow those moved by other means."""
    table, state = session.table, session.state
    row_of = {path: row for row, path in enumerate(table.paths)}
    on_disk = {item.path: item for item in found.items}
    gone = [row for path, row in row_of.items() if path not in on_disk]
    new = [item for item in found.items if item.path not in row_of]
    elsewhere: dict[int, str] = {}
    by_name: dict[str, list[int]] = {}
    for row in gone:
        by_name.setdefault(table.paths[row].rpartition("/")[2], []).append(row)
    for item in new:
        rows = by_name.get(item.name, [])
        if len(rows) == 1 and sum(other.name == item.name for other in new) == 1:
            elsewhere[rows[0]] = item.path
    taken = set(elsewhere.values())
    added = [item for item in new if item.path not in taken]
    clusters = _missing_clusters(session, {item.cluster for item in new})
    table.missing = set(gone) - set(elsewhere)
    if not new:
        return
    known = {r.name: r.code for r in state.clusters.values()} | {r.name: r.code for r in clusters} | RESERVED
    before = {row: known.get(table.paths[row].partition("/")[0]) for row in elsewhere}
    session.take_in(
        [(item.path, known[item.cluster]) for item in added],
        elsewhere,
        Change(clusters={r.id: (None, r) for r in clusters}),
    )
    _adopt(session, {row: known[on_disk[path].cluster] for row, path in elsewhere.items()}, before)


def _missing_clusters(session: Session, folders: set[str]) -> list[ClusterRecord]:
    names = {record.name for record in session.state.clusters.values()}
    code = session.state.next_code
    return [_record(code + i, name, {}) for i, name in enumerate(sorted(folders - names - set(RESERVED)))]


def _adopt(session: Session, now: dict[int, int], before: dict[int, int | None]) -> None:
    """Pictures that somebody moved on disk, and that have no unsaved edit here, move in the review too.

    One edit.
    """
    rows = [row for row, code in sorted(now.items()) if session.state.codes[row] == before[row] != code]
    if not rows:
        return
    index = np.array(rows, np.int64)
    after = np.array([now[row] for row in rows], np.int32)
    session.adopt(Change({"code": CellChange(index, session.state.codes[index].copy(), after)}), len(rows))


def store_snapshot(session: Session, home: Path, saves: int) -> None:
    """Write the item table (when it has grown) and a snapshot of the state."""
    table = session.table
    write_table(home / "items.npz", table)
    check = session.log.check if session.log else 0
    write_snapshot(home / "snapshots", Snapshot(session.revision, check, saves, session.state, table.paths))
