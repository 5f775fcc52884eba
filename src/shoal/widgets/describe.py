"""The review in the words of the protocol: clusters, history, changes, items, plans."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from shoal.disk.plan import Plan
from shoal.review.changes import Change
from shoal.review.history import Entry
from shoal.review.records import NOISE, NOISE_CODE, TRASH, TRASH_CODE, ClusterRecord
from shoal.review.review import Review
from shoal.review.session import Event
from shoal.widgets.codec import Buffers, visible_text
from shoal.widgets.columns import Columns
from shoal.widgets.protocol.base import ClusterInfo, HistoryState, ItemSet
from shoal.widgets.protocol.events import Changed, ItemsMoved
from shoal.widgets.protocol.replies import HistoryEntry, ItemInfo, PlanReply, PlanRow, Refusal
from shoal.widgets.sidecars import sidecar_facts

__all__ = ["changed", "cluster_info", "clusters", "history_entry", "history_state", "item_info", "plan_reply"]

MAX_FILES = 2_000
MAX_SENTENCES = 50
SAMPLE = 4
EDITS = 4
LOOK_BACK = 200


def cluster_info(review: Review, columns: Columns, record: ClusterRecord) -> ClusterInfo:
    """One cluster for the views."""
    quality = columns.quality
    return ClusterInfo(
        id=record.id,
        code=record.code,
        kind="cluster",
        name=visible_text(record.name),
        description=record.description,
        size=review.session.state.size(record.code),
        color=record.color,
        cover=record.cover,
        reviewed=record.reviewed,
        tags=list(record.tags),
        cohesion=quality.cohesion(record.code) if quality else None,
        mixed=quality.mixed(review.session.state, record.code) if quality else None,
    )


def _fixed(review: Review, kind: str, code: int) -> ClusterInfo:
    name = "Noise / Unclassified" if kind == NOISE else "Trash"
    return ClusterInfo(
        id=kind,
        code=code,
        kind="noise" if kind == NOISE else "trash",
        name=name,
        description="",
        size=review.session.state.size(code),
        color=0,
        cover=None,
        reviewed=False,
        tags=[],
        cohesion=None,
    )


def _noise_and_trash(review: Review) -> list[ClusterInfo]:
    return [_fixed(review, NOISE, NOISE_CODE), _fixed(review, TRASH, TRASH_CODE)]


def clusters(review: Review, columns: Columns) -> list[ClusterInfo]:
    """All clusters, noise and trash included."""
    own = [cluster_info(review, columns, record) for record in review.session.state.clusters.values()]
    return own + _noise_and_trash(review)


def history_state(review: Review) -> HistoryState:
    """Where the history stands."""
    history = review.session.history
    return HistoryState(
        cursor=history.cursor,
        length=len(history),
        undo_label=history.undo_label,
        redo_label=history.redo_label,
        unsaved=history.unsaved,
    )


def _touched_clusters(review: Review, change: Change) -> tuple[list[ClusterRecord], list[str]]:
    state = review.session.state
    ids: dict[str, None] = dict.fromkeys(change.clusters)
    for name, cells in change.cells.items():
        if name == "code":
            for before, after, _ in cells.groups():
                ids.update(dict.fromkeys(state.id_of(c) for c in (before, after) if state.has_code(c)))
    here = [state.clusters[i] for i in ids if i in state.clusters]
    return here, [i for i in ids if i not in state.clusters]


def changed(review: Review, columns: Columns, event: Event, stale: list[str], buffers: Buffers) -> Changed:
    """What an event of the review means for the views."""
    n = len(review)
    by_target: dict[int, ItemSet] = {}
    cells = event.change.cells.get("code")
    moved: list[ItemsMoved] = []
    if cells is not None:
        targets = sorted(set(cells.after.tolist()))
        by_target = {code: buffers.items(cells.rows[cells.after == code], n) for code in targets}
        moved = [ItemsMoved(to=code, items=items) for code, items in by_target.items()]
    here, removed = _touched_clusters(review, event.change)
    infos = [cluster_info(review, columns, record) for record in here]
    if cells is not None:
        infos += _noise_and_trash(review)
    return Changed(
        from_revision=event.from_revision,
        action=event.action,
        label=visible_text(event.label),
        actor=event.actor,
        moved=moved,
        clusters=infos,
        removed=removed,
        stale_columns=stale,
        history=history_state(review),
    )


def history_entry(index: int, entry: Entry) -> HistoryEntry:
    """One edit of the history; ``index`` is the cursor after it."""
    rows = entry.change.touched
    step = max(1, len(rows) // SAMPLE)
    return HistoryEntry(
        index=index,
        label=visible_text(entry.record.label),
        at=entry.record.at,
        actor=entry.record.actor,
        items=len(rows),
        sample=rows[::step][:SAMPLE].tolist(),
        checkpoint=entry.checkpoint,
        saved=entry.saved,
    )


def _edits_of(review: Review, row: int) -> list[str]:
    """What was done to an item, newest first."""
    history = review.session.history
    said: list[str] = []
    for entry in reversed(history.entries[max(0, history.cursor - LOOK_BACK) : history.cursor]):
        touched = entry.change.touched
        at = int(np.searchsorted(touched, row))
        if at < len(touched) and int(touched[at]) == row:
            said.append(entry.record.label)
        if len(said) == EDITS:
            break
    return said


def item_info(review: Review, columns: Columns, row: int, *, whole: bool = False) -> ItemInfo:
    """Facts about one item; ``whole`` adds where it comes from and what lies beside it, which costs more."""
    table, notes = review.session.table, review.session.state.notes
    facts = columns.facts(row)
    if whole:
        if table.ids[row] != table.paths[row]:
            facts["First seen as"] = visible_text(table.ids[row])
        for title, value in (sidecar_facts(review.root, table.paths[row]) if review.root else {}).items():
            facts[title] = visible_text(value)
        edits = _edits_of(review, row)
        if edits:
            facts["Edits"] = visible_text("; ".join(edits))
    if row in table.missing:
        facts["File"] = "gone from the folder"
    return ItemInfo(
        row=row,
        id=visible_text(table.ids[row]),
        path=visible_text(table.paths[row]),
        tags=list(notes["tags"].get(row, ())),
        caption=notes["caption"].get(row, ""),
        facts=facts,
    )


def _sentences(plan: Plan) -> Iterable[str]:
    for move in plan.moves:
        if move.reason and move.kind == "item":
            yield visible_text(f"{move.src} becomes {move.dst}: {move.reason}")


def plan_reply(plan: Plan) -> PlanReply:
    """A plan for the save dialog."""
    sentences = list(_sentences(plan))
    return PlanReply(
        rows=[
            PlanRow(
                what=row.what,
                source=visible_text(row.source),
                target=visible_text(row.target),
                files=row.files,
                sidecars=row.sidecars,
            )
            for row in plan.rows
        ],
        renamed=sentences[:MAX_SENTENCES],
        n_renamed=len(sentences),
        refusals=[
            Refusal(path=visible_text(r.path), reason=visible_text(r.reason), hint=r.hint)
            for r in plan.refusals[:MAX_FILES]
        ],
        notes=[visible_text(note) for note in plan.notes],
        n_files=len(plan.moves),
        extra_bytes=plan.extra_bytes,
        files=[(visible_text(m.src), visible_text(m.dst)) for m in plan.moves[:MAX_FILES]],
    )
