"""Edits as data for another folder: items by id and clusters by name, where the log has rows and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, cast

from shoal.review.changes import Change, reverse
from shoal.review.history import Entry
from shoal.review.records import RESERVED, ClusterRecord
from shoal.review.session import Session
from shoal.review.table import ItemTable

__all__ = ["FORMAT_VERSION", "portable_actions", "portable_change"]

FORMAT_VERSION = 1
"""Of the files of changes."""

Names = dict[int, str]
"""Code → name of the clusters at one point of the history."""


def portable_actions(session: Session, since: int) -> list[dict[str, Any]]:
    """The edits that lead from point ``since`` of the history to the present one, in order.

    Parameters
    ----------
    session : Session
        Whose history is read.
    since : int
        A point of the history (edits in force). When it lies ahead of the present one, the edits between
        were undone, and are given reversed.

    Returns
    -------
    list of dict
        ``{seq, label, actor, timestamp, undone, change}``; for ``change`` see :func:`portable_change`.
    """
    history = session.history
    low, high = sorted((since, history.cursor))
    entries = history.entries[low:high]
    names = _names_now(session)
    out: list[dict[str, Any]] = []
    if history.cursor < since:
        for entry in entries:
            change, before = entry.change, dict(names)
            _advance(names, change)
            out.append(_action(entry, portable_change(reverse(change), session.table, names, before), True))
    else:
        for entry in reversed(entries):
            change, after = entry.change, dict(names)
            _advance(names, reverse(change))
            out.append(_action(entry, portable_change(change, session.table, names, after), False))
    return out[::-1]


def _names_now(session: Session) -> Names:
    named = {record.code: record.name for record in session.state.clusters.values()}
    return named | {code: name for name, code in RESERVED.items()}


def _advance(names: Names, change: Change) -> None:
    for _, new in change.clusters.values():
        if new is not None:  # a cluster that is gone keeps its last name: codes are never reused
            names[new.code] = new.name


def _action(entry: Entry, change: dict[str, Any], undone: bool) -> dict[str, Any]:
    record = entry.record
    return {
        "seq": record.seq,
        "label": f"Undid: {record.label}" if undone else record.label,
        "actor": record.actor,
        "timestamp": record.at,
        "undone": undone,
        "change": change,
    }


def portable_change(
    change: Change, table: ItemTable, before: Mapping[int, str], after: Mapping[int, str]
) -> dict[str, Any]:
    """One change with names for codes and ids for rows.

    Parameters
    ----------
    change : Change
        What one edit did.
    table : ItemTable
        The items, for their ids.
    before, after : mapping of int to str
        Code → name of a cluster before and after the change.

    Returns
    -------
    dict
        ``{items: [{from, to, ids}], clusters: {added, updated: [[from, to]], removed}, notes: {tags: [[id,
        from, to]], …}}``; parts that are empty are left out.
    """
    out: dict[str, Any] = {}
    moved = change.cells.get("code")
    if moved is not None and len(moved.rows):
        out["items"] = [
            {"from": before[a], "to": after[b], "ids": [table.ids[row] for row in rows.tolist()]}
            for a, b, rows in moved.groups()
        ]
    clusters = _clusters(change, table)
    if clusters:
        out["clusters"] = clusters
    notes = {
        name: [[table.ids[row], _plain(old), _plain(new)] for row, (old, new) in sorted(cells.items())]
        for name, cells in change.notes.items()
        if cells
    }
    if notes:
        out["notes"] = notes
    return out


def _clusters(change: Change, table: ItemTable) -> dict[str, list[Any]]:
    parts: dict[str, list[Any]] = {"added": [], "updated": [], "removed": []}
    for _, (old, new) in sorted(change.clusters.items()):
        if old is None and new is not None:
            parts["added"].append(_facts(new, table))
        elif old is not None and new is None:
            parts["removed"].append(_facts(old, table))
        elif old is not None and new is not None:
            parts["updated"].append([_facts(old, table), _facts(new, table)])
    return {name: found for name, found in parts.items() if found}


def _facts(record: ClusterRecord, table: ItemTable) -> dict[str, Any]:
    facts = asdict(replace(record, tags=()))
    for own in ("id", "code"):  # they mean nothing in another folder
        del facts[own]
    cover = None if record.cover is None else table.ids[record.cover]
    return {**facts, "tags": list(record.tags), "cover": cover}


def _plain(value: Any) -> Any:
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
