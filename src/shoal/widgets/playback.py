"""The history played back: how the review was after each edit, while it stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shoal.errors import NotAllowedError
from shoal.review.changes import Change, reverse
from shoal.review.commands import name_of
from shoal.review.history import Entry
from shoal.review.records import NOISE_CODE, TRASH_CODE, ClusterRecord
from shoal.review.review import Review
from shoal.review.rows import EMPTY
from shoal.review.state import State
from shoal.widgets.codec import Buffer, Buffers, visible_text
from shoal.widgets.protocol import FRAME_BYTES, replies
from shoal.widgets.protocol import playback as wire
from shoal.widgets.renewal import spread

__all__ = ["Playback"]

EXAMPLES = 8
MOST_CLUSTERS = 500
MOST_MOVES = 40


class Playback:
    """Answers how the review was at any point of its history.

    A copy of the state is kept and walked from point to point, one edit after the other: a step costs as
    much as the edit touched, and one pass over the items for the message.

    Parameters
    ----------
    review : Review
        Whose history. It is only read.
    """

    def __init__(self, review: Review) -> None:
        self._review = review
        self._state: State | None = None
        self._cursor = 0
        self._revision = -1

    def handlers(self) -> dict[str, Callable[..., replies.Message | None]]:
        """By kind of request."""
        return {"get_past": self._get}

    def _get(
        self,
        payload: wire.GetPast,
        _id: str,
        _base: int | None,
        _buffers: Sequence[Buffer],
        out: Buffers,
    ) -> wire.PastReply:
        entries = self._review.session.history.entries
        if payload.cursor > len(entries):
            raise NotAllowedError(
                f"the history has no point {payload.cursor}", hint=f"It goes from 0 to {len(entries)}."
            )
        entry = entries[payload.cursor - 1] if payload.cursor else None
        change = entry.change if entry else Change()
        before = self._at(payload.cursor - 1) if entry else self._at(0)
        moves = self._sources(before, change)
        state = self._at(payload.cursor)
        return self._reply(payload.cursor, entry, change, state, moves, out)

    def _at(self, cursor: int) -> State:
        """The kept state, walked to a point."""
        history, session = self._review.session.history, self._review.session
        if self._state is None or self._revision != session.revision:
            self._state, self._cursor = session.state.copy(), history.cursor
            self._revision = session.revision
        while self._cursor < cursor:
            self._state.apply(history.entries[self._cursor].change)
            self._cursor += 1
        while self._cursor > cursor:
            self._state.apply(reverse(history.entries[self._cursor - 1].change))
            self._cursor -= 1
        return self._state

    @staticmethod
    def _sources(before: State, change: Change) -> list[tuple[str, int, Any]]:
        cells = change.cells.get("code")
        found = [] if cells is None else cells.groups()
        return [(name_of(before, before.id_of(old)), new, rows) for old, new, rows in found]

    def _reply(
        self,
        cursor: int,
        entry: Entry | None,
        change: Change,
        state: State,
        moves: list[tuple[str, int, Any]],
        out: Buffers,
    ) -> wire.PastReply:
        touched = change.touched if entry else EMPTY
        items = out.items(touched, len(state))
        codes = out.packed(state.codes)
        if out.size > FRAME_BYTES:
            codes = None
            out.parts[items.buffer + 1 :] = []
        by_size = sorted(state.clusters.values(), key=lambda r: (-state.size(r.code), r.code))
        codes_touched = {code for _, code, _ in moves} | self._left(change)
        return wire.PastReply(
            cursor=cursor,
            label=visible_text(entry.record.label) if entry else "",
            at=entry.record.at if entry else "",
            actor=visible_text(entry.record.actor) if entry else "",
            note=str(entry.record.data.get("note") or "") if entry else "",
            checkpoint=entry.checkpoint if entry else self._review.session.history.start_name,
            saved=entry.saved if entry else False,
            clusters=[
                self._cluster(state, record, record.code in codes_touched or record.id in change.clusters)
                for record in by_size[:MOST_CLUSTERS]
            ],
            n_noise=state.size(NOISE_CODE),
            n_trash=state.size(TRASH_CODE),
            moves=[self._move(state, *move) for move in sorted(moves, key=lambda m: -len(m[2]))[:MOST_MOVES]],
            touched=items,
            codes=codes,
        )

    @staticmethod
    def _left(change: Change) -> set[int]:
        """Codes of the clusters that items left."""
        cells = change.cells.get("code")
        return set() if cells is None else {old for old, _, _ in cells.groups()}

    @staticmethod
    def _cluster(state: State, record: ClusterRecord, changed: bool) -> wire.PastCluster:
        members = state.members(record.code)
        cover = record.cover
        if cover is None and len(members):
            cover = int(members[len(members) // 2])
        return wire.PastCluster(
            id=record.id,
            code=record.code,
            name=visible_text(record.name),
            color=record.color,
            size=len(members),
            cover=cover,
            changed=changed,
        )

    @staticmethod
    def _move(state: State, source: str, code: int, rows: Any) -> wire.PastMove:
        there = code < 0 or state.has_code(code)
        return wire.PastMove(
            source_name=visible_text(source),
            target_name=visible_text(name_of(state, state.id_of(code))) if there else "",
            target=state.id_of(code) if there else None,
            count=len(rows),
            examples=spread(rows, EXAMPLES),
        )
