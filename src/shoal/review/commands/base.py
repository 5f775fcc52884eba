"""What all commands share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review.changes import CellChange, Change
from shoal.review.records import RESERVED, TRASH_CODE, ClusterRecord
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = [
    "ClusterPairs",
    "Command",
    "Verdict",
    "cells_to",
    "checked_rows",
    "cluster_record",
    "covers_lost",
    "name_of",
    "plural",
]

ClusterPairs = dict[str, tuple[ClusterRecord | None, ClusterRecord | None]]
"""Cluster id → (from, to), as in a change."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a command comes to: the change, a label for people, and the cluster it made or left."""

    change: Change
    label: str
    cluster: str | None = None


class Command(ABC):
    """Base of the commands. ``prepare`` is pure: it reads the state and returns what would happen."""

    __slots__ = ()

    @abstractmethod
    def prepare(self, state: State) -> Verdict:
        """Check the command against the state.

        Raises
        ------
        ShoalError
            When it cannot be carried out; nothing has changed then.
        """


def plural(n: int, noun: str = "item") -> str:
    """``"1 item"``, ``"3 items"``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def name_of(state: State, cluster_id: str) -> str:
    """Name to show for an id."""
    return cluster_id if cluster_id in RESERVED else cluster_record(state, cluster_id).name


def cluster_record(state: State, cluster_id: str) -> ClusterRecord:
    """The record of a cluster that may be edited: not noise, not trash."""
    if cluster_id in RESERVED:
        raise NotAllowedError(
            f"{cluster_id!r} is a fixed place",
            hint="It cannot be renamed, merged away, deleted or described.",
        )
    state.code_of(cluster_id)
    return state.clusters[cluster_id]


def checked_rows(state: State, items: Rows) -> Rows:
    """``items``, when there are any and the state has them all."""
    if not len(items):
        raise BadInputError("no items are selected", hint="Select some items first.")
    if int(items[0]) < 0 or int(items[-1]) >= len(state):
        raise MissingError("an item is not in this review", hint="Reload the view.")
    return items


def cells_to(state: State, items: Rows, code: int) -> dict[str, CellChange]:
    """Cells for moving ``items`` to ``code``; those already there are left out."""
    before = state.codes[items]
    rows = items[before != code]
    before = before[before != code]
    cells = {"code": CellChange(rows, before, np.full(len(rows), code, np.int32))}
    if code == TRASH_CODE:
        homes = state.home[rows]
        kept = homes != before
        if kept.any():
            cells["home"] = CellChange(rows[kept], homes[kept], before[kept])
    return cells


def covers_lost(state: State, moved: CellChange) -> ClusterPairs:
    """Clusters whose chosen cover leaves them lose it."""
    gone: ClusterPairs = {}
    for code, _, rows in moved.groups():
        if code < 0:
            continue
        record = state.clusters[state.id_of(code)]
        if record.cover is not None and _holds(rows, record.cover):
            gone[record.id] = (record, replace(record, cover=None))
    return gone


def _holds(rows: Rows, row: int) -> bool:
    place = int(np.searchsorted(rows, row))
    return place < len(rows) and int(rows[place]) == row
