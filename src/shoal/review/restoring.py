"""Going back to an earlier save: its state is folded from the log, and the way there is one ordinary edit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shoal.errors import DamagedError, MissingError
from shoal.review.changes import DENSE, CellChange, Change
from shoal.review.commands.base import Command, Verdict
from shoal.review.log import read_log
from shoal.review.records import TRASH_CODE, ClusterRecord
from shoal.review.session import Session
from shoal.review.snapshot import newest_snapshot
from shoal.review.state import State

__all__ = ["GoTo", "difference", "state_at", "state_of_save"]


def state_at(session: Session, home: Path, seq: int) -> State:
    """The state after log record ``seq``, folded from the newest snapshot before it.

    Parameters
    ----------
    session : Session
        Whose log is read.
    home : Path
        ``<root>/.shoal``.
    seq : int
        0 is the state in which the folder was first opened.

    Raises
    ------
    DamagedError
        When log and snapshots do not reach back that far.
    """
    snapshot = newest_snapshot(home / "snapshots", at_most=seq)
    if snapshot is None or session.log is None:
        raise DamagedError(f"no snapshot reaches back to record {seq}", hint="Restore .shoal from a backup.")
    state = snapshot.state
    for record, _, _ in read_log(session.log.path.read_bytes()):
        if snapshot.seq < record.seq <= seq:
            data = record.data
            added = data.get("added", [])
            if added:
                state.append_items(np.array([code for _, code in added], np.int32))
            state.apply(Change.from_json(data.get("change", {})))
    return state


def state_of_save(session: Session, home: Path, save: int) -> State:
    """The state that save number ``save`` wrote; 0 is the folder as it was first opened.

    Raises
    ------
    MissingError
        When there is no such save.
    """
    if save == 0:
        return state_at(session, home, 0)
    by_number = {record.data["save"]: record.seq for record in session.history.saves}
    if save not in by_number:
        known = ", ".join(map(str, [0, *by_number])) or "none"
        raise MissingError(f"there is no save {save}", hint=f"There are: {known}.")
    return state_at(session, home, by_number[save])


def difference(state: State, target: State) -> Change:
    """The change from ``state`` to ``target``.

    Items that ``target`` does not know stay where they are; those whose cluster it does not have go to noise.
    """
    n = len(target)
    wanted = {name: state.column(name).copy() for name in DENSE}
    for name in DENSE:
        wanted[name][:n] = target.column(name)
    codes, homes = wanted["code"], wanted["home"]
    living = np.array([r.code for r in target.clusters.values()] + [-1, TRASH_CODE], np.int32)
    codes[~np.isin(codes, living)] = -1
    homes[codes != TRASH_CODE] = state.home[codes != TRASH_CODE]
    cells: dict[str, CellChange] = {}
    for name in DENSE:
        rows = np.flatnonzero(state.column(name) != wanted[name])
        if len(rows):
            cells[name] = CellChange(rows, state.column(name)[rows].copy(), wanted[name][rows])
    clusters: dict[str, tuple[ClusterRecord | None, ClusterRecord | None]] = {}
    for cluster_id in {**state.clusters, **target.clusters}:
        old, new = state.clusters.get(cluster_id), target.clusters.get(cluster_id)
        if old != new:
            clusters[cluster_id] = (old, new)
    notes: dict[str, dict[int, tuple[Any, Any]]] = {}
    for name, column in state.notes.items():
        other = target.notes[name]
        changed = {row: (column.get(row), other.get(row)) for row in {**column, **other}}
        notes[name] = {row: pair for row, pair in changed.items() if pair[0] != pair[1]}
    return Change(cells, clusters, {name: cells for name, cells in notes.items() if cells})


@dataclass(frozen=True, slots=True, eq=False)
class GoTo(Command):
    """Make the review what another state is, as one edit that can be undone."""

    target: State
    label: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        return Verdict(difference(state, self.target), self.label)
