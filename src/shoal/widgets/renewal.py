"""Clustering again, for a view: worked out beside its other requests, looked at, then taken or let go."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from shoal.compute.cancel import CancelToken
from shoal.errors import ConflictError
from shoal.review.recluster import Difference, Reclustering, recluster
from shoal.review.review import Review
from shoal.widgets.codec import Buffers, visible_text
from shoal.widgets.mailbox import Mailbox
from shoal.widgets.protocol import FRAME_BYTES, replies
from shoal.widgets.protocol import recluster as wire
from shoal.widgets.protocol.events import Progress

__all__ = ["Renewal", "spread"]

TASK = "recluster"
EXAMPLES = 8
BESIDE = 4
MOST_MOVES = 200
ROOM = FRAME_BYTES // 2


class Renewal:
    """Answers what clustering again would change, and carries it out when told to.

    Parameters
    ----------
    review : Review
        What is clustered again.
    mail : Mailbox
        Takes the replies, which come from a thread.
    """

    def __init__(self, review: Review, mail: Mailbox) -> None:
        self._review = review
        self._mail = mail
        self._token = CancelToken()
        self._proposal: tuple[str, Reclustering] | None = None
        self._thread: threading.Thread | None = None

    def handlers(self) -> dict[str, Callable[..., replies.Message | None]]:
        """By kind of request."""
        return {"get_reclustering": self._get, "accept_reclustering": self._accept}

    def cancel(self, task: str) -> None:
        """Stop working it out."""
        if task == TASK:
            self._token.cancel()

    def _get(self, _payload: wire.GetReclustering, request_id: str, *_: Any) -> None:
        self._token.cancel()  # a newer question ends an older one
        self._token = token = CancelToken()
        self._thread = threading.Thread(
            target=self._work, args=(request_id, token), name="shoal-recluster", daemon=True
        )
        self._thread.start()

    def _work(self, request_id: str, token: CancelToken) -> None:
        said = ["", 0, 1]

        def tell(what: str, done: int, total: int) -> None:
            token.check()
            said[:] = [what, done, total]
            self._mail.tell(Progress(task=TASK, what=what, done=done, total=total), [], request_id)

        out = Buffers()
        try:
            found = recluster(self._review, progress=tell)
            token.check()
            with self._review.session.reading():
                reply = self._reply(found, out)
        except Exception as error:  # noqa: BLE001 - every request gets its reply, and the error is in it
            if said[1] != said[2]:  # the bar goes
                self._mail.tell(Progress(task=TASK, what=str(said[0]), done=1, total=1), [], request_id)
            self._mail.fail(request_id, error)
            return
        self._proposal = (reply.proposal, found)
        self._mail.reply(request_id, reply, out.parts)

    def _reply(self, found: Reclustering, out: Buffers) -> wire.ReclusteringReply:
        moves = found.differences()
        listed: list[wire.Regrouped] = []
        for move in moves[:MOST_MOVES]:
            if out.size + min(4 * len(move.rows), len(self._review) // 8 + 1) > ROOM:
                break
            listed.append(self._move(move, out))
        sizes = found.sizes()
        touched = {id_ for move in moves for id_ in (move.source_id, move.target_id)}
        clusters = self._review.session.state.clusters
        return wire.ReclusteringReply(
            proposal=uuid.uuid4().hex,
            moved=len(found.rows),
            kept=found.n_kept,
            pinned_touched=found.pinned_touched,
            same=len(set(clusters) - touched),
            clusters=[
                wire.ResizedCluster(
                    cluster=size.id or None,
                    name=visible_text(size.name),
                    before=size.before,
                    after=size.after,
                )
                for size in sizes[:MOST_MOVES]
            ],
            moves=listed,
            more=len(moves) - len(listed),
        )

    def _move(self, move: Difference, out: Buffers) -> wire.Regrouped:
        state = self._review.session.state
        there = state.members(state.code_of(move.target_id)) if move.target_id else move.rows[:0]
        return wire.Regrouped(
            source=move.source_id,
            source_name=visible_text(move.source),
            target=move.target_id or None,
            target_name=visible_text(move.target),
            items=out.items(move.rows, len(self._review)),
            examples=spread(move.rows, EXAMPLES),
            beside=spread(there, BESIDE),
        )

    def _accept(self, payload: wire.AcceptReclustering, request_id: str, *_: Any) -> replies.DoneReply:
        if self._proposal is None or self._proposal[0] != payload.proposal:
            raise ConflictError("that proposal is no longer there", hint="Cluster again, and look again.")
        label = self._proposal[1].accept(source=request_id)
        self._proposal = None
        return replies.DoneReply(label=visible_text(label))


def spread(rows: Any, count: int) -> list[int]:
    """At most ``count`` of the rows, evenly spread."""
    if len(rows) <= count:
        return rows.tolist()
    return rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)].tolist()
