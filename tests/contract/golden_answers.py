"""Golden replies of the queue, of clustering again and of playback."""

from __future__ import annotations

import numpy as np

from shoal.widgets.codec import Buffers
from shoal.widgets.protocol import playback, queue
from shoal.widgets.protocol import recluster as again


def queue_reply() -> queue.QueueReply:
    """A question with a claim and a suggestion, and every figure."""
    status = dict.fromkeys(queue.QueueStatus.model_fields, 3)
    status |= {"per_minute": 12.5, "minutes_left": None, "manual_only": False, "shuffled": True}
    status |= {"paged": True, "disputed": None}
    status |= {"estimate": "precision 98 %", "advice": "Go on.", "learned": ""}
    claim = queue.ClaimInfo(
        rows=[1, 40],
        beside=[3],
        guess=True,
        probability=0.75,
        size=12,
        sort="merge",
        names=["liz <b>·</b>", "fox"],
        reason="liz by face, fox by clothes",
    )
    found = queue.SuggestionInfo(cluster="c1", name="liz", similarity=0.5, votes=0.25, rows=[4], size=6)
    question = queue.QuestionInfo(
        id="q3",
        kind="same",
        claims=[claim],
        suggestions=[found],
        cluster=None,
        name=None,
        shown=[7],
        label="noise/7 ü.png",
    )
    return queue.QueueReply(
        mode="review", question=question, label="Same: 1 pair", status=queue.QueueStatus(**status)
    )


def reclustering_reply(b: Buffers, rows: list[int], n_items: int) -> again.ReclusteringReply:
    """Some noise becomes a new cluster."""
    move = again.Regrouped(
        source="noise",
        source_name="noise",
        target=None,
        target_name="character_9 ü",
        items=b.items(np.array(rows, np.int64), n_items),
        examples=[0, 8],
        beside=[],
    )
    return again.ReclusteringReply(
        proposal="5e1f",
        moved=len(rows),
        kept=211,
        pinned_touched=0,
        same=4,
        clusters=[again.ResizedCluster(cluster=None, name="character_9 ü", before=0, after=len(rows))],
        moves=[move],
        more=0,
    )


def past_reply(b: Buffers, rows: list[int], n_items: int) -> playback.PastReply:
    """A point of the history, and the move that led there."""
    return playback.PastReply(
        cursor=2,
        label="Moved 3 to liz",
        at="2026-11-21T09:30:00Z",
        actor="you",
        note="auto",
        checkpoint=None,
        saved=True,
        clusters=[playback.PastCluster(id="c1", code=1, name="liz", color=3, size=6, cover=5, changed=True)],
        n_noise=4,
        n_trash=0,
        moves=[
            playback.PastMove(source_name="noise", target_name="liz", target="c1", count=3, examples=[1, 40])
        ],
        touched=b.items(np.array(rows, np.int64), n_items),
        codes=b.array(np.array([1, 1, -1], np.int32)),
    )
