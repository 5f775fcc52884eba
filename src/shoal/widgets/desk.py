"""The kernel side of the queue: one desk a review, whichever widget asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import floor, isfinite
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from shoal.errors import BadInputError, ConflictError
from shoal.review.assist.audit import ENOUGH, Audit
from shoal.review.assist.looks import looks_of
from shoal.review.assist.pairs import ItemPairs
from shoal.review.assist.questions import Suggestion
from shoal.review.disputed import Disputed
from shoal.review.review import Review
from shoal.review.sorting import Sorting
from shoal.widgets import asked
from shoal.widgets.codec import visible_text
from shoal.widgets.protocol import queue as wire
from shoal.widgets.protocol import replies

__all__ = ["Desk", "desk_of"]

STOPS = 41
WORST = -1.0
PATIENCE = 0.15
"""Seconds that an answer waits for the model, so that the next question already knows of it."""
MOST_LOOKED_AT = 20_000
MOST = 54
"""Suggestions that are told of an item; all other clusters are found by their names."""


class Desk:
    """Asks and takes answers in five ways: review queue, pairs, assign queue, disputed items, audit.

    Everything is made when it is first asked for: a browser that never opens the queue pays nothing.

    Parameters
    ----------
    review : Review
        What is worked on.
    """

    def __init__(self, review: Review) -> None:
        self._review = review
        self._sorting: Sorting | None = None
        self._audit: Audit | None = None
        self._pairs: ItemPairs | None = None
        self._disputed: Disputed | None = None
        self._learning: threading.Thread | None = None
        self._looked = False
        self.users = 0

    def close(self) -> None:
        """One user less; with the last one, stop following the review."""
        self.users -= 1
        if self.users > 0:
            return
        _AT_WORK.pop(id(self._review), None)
        for part in (self._sorting, self._audit):
            if part is not None:
                part.close()

    def handlers(self) -> dict[str, Callable[..., Any]]:
        """What answers which request."""
        return {
            "ask_queue": self._ask,
            "answer_queue": self._answer,
            "skip_queue": self._skip,
            "set_queue": self._set,
            "get_auto_moves": self._auto_moves,
            "run_auto_move": self._auto_move,
        }

    @property
    def sorting(self) -> Sorting:
        """The assign queue; the review queue is its ``queue``."""
        if self._sorting is None:
            self._sorting = Sorting(self._review)
        return self._sorting

    @property
    def pairs(self) -> ItemPairs:
        """Two items at a time; they are judged as the review queue judges."""
        if self._pairs is None:
            self._pairs = ItemPairs(self.sorting.queue)
        return self._pairs

    @property
    def disputed(self) -> Disputed:
        """The items about which two models disagree."""
        if self._disputed is None:
            self._disputed = Disputed(self._review)
        return self._disputed

    @property
    def audit(self) -> Audit:
        """The random sample, drawn when it is first asked for."""
        if self._audit is None:
            self._audit = Audit(self._review)
        return self._audit

    # ----------------------------------------------------------------------------------------------- traffic
    def _ask(self, payload: wire.AskQueue, *_: Any) -> wire.QueueReply:
        self._review.session.catch_up()
        return self._reply(payload.mode)

    def _answer(self, payload: wire.AnswerQueue, request_id: str, *_: Any) -> wire.QueueReply:
        if payload.mode == "review":
            verdicts = payload.verdicts or ()
            label = self.sorting.queue.answer(
                payload.question,
                verdicts,
                choice=payload.choice,
                name=payload.name,
                sent=payload.sent,
                source=request_id,
            )
            self._learn()
        elif payload.mode == "pairs":
            label = self.pairs.answer(payload.question, payload.verdicts, source=request_id)
            self._learn()
        elif payload.mode == "sort" and payload.sent:
            label = self._sort_page(payload, request_id)
        elif payload.mode == "sort":
            label = self._sort(self._item(payload.question, self.sorting.next()), payload, request_id)
        elif payload.mode == "disputed":
            item = self._item(payload.question, self.disputed.next())
            if payload.choice == "here":
                label = self.disputed.answer(item, True, source=request_id)
            else:
                label = self._sort(item, payload, request_id)
        else:
            label = self._judge(payload, request_id)
        return self._reply(payload.mode, label)

    def _sort_page(self, payload: wire.AnswerQueue, request_id: str) -> str:
        items = self.sorting.page()
        self._item(payload.question, asked.page_id(items))
        if len(payload.sent) != len(items):
            raise BadInputError("one answer an item is wanted", hint="Give a cluster or None for each.")
        places = {item: to for item, to in zip(items, payload.sent, strict=True) if to is not None}
        return self.sorting.assign_many(places, name=payload.name, source=request_id)

    def _sort(self, item: str, payload: wire.AnswerQueue, request_id: str) -> str:
        match payload.choice:
            case "new":
                return self.sorting.new(item, payload.name, source=request_id)
            case "trash":
                return self.sorting.trash(item, source=request_id)
            case None:
                raise BadInputError("this question wants a cluster", hint="Choose one, or put it off.")
            case choice if payload.mode == "disputed":
                return self.disputed.answer(item, choice, source=request_id)
            case choice:
                return self.sorting.assign(item, choice, source=request_id)

    def _judge(self, payload: wire.AnswerQueue, request_id: str) -> str:
        item = self._item(payload.question, self.audit.next())
        if payload.choice is None:
            raise BadInputError("this question wants a cluster", hint="Choose one.")
        self.audit.answer(item, True if payload.choice == "here" else payload.choice, source=request_id)
        return "Noted"

    @staticmethod
    def _item(asked: str, now: str | None) -> str:
        if now is None or visible_text(now) != asked:
            raise ConflictError("that question is no longer asked", hint="Answer the one that is shown now.")
        return now

    def _skip(self, payload: wire.SkipQueue, *_: Any) -> wire.QueueReply:
        if payload.mode == "review":
            self.sorting.queue.skip(payload.question)
        elif payload.mode == "pairs":
            self.pairs.skip(payload.question)
        elif payload.mode == "sort" and self.sorting.paged:
            items = self.sorting.page()
            self._item(payload.question, asked.page_id(items))
            self.sorting.later(*(items[place] for place in payload.places if 0 <= place < len(items)))
        elif payload.mode == "sort":
            self.sorting.later(self._item(payload.question, self.sorting.next()))
        elif payload.mode == "disputed":
            self.disputed.later(self._item(payload.question, self.disputed.next()))
        else:
            raise BadInputError("a sample must not be picked over", hint="Say where the item belongs.")
        return self._reply(payload.mode)

    def _set(self, payload: wire.SetQueue, *_: Any) -> wire.QueueReply:
        if payload.manual_only is not None:
            self.sorting.manual_only = payload.manual_only
        if payload.shuffle is not None:
            self.sorting.shuffle(0 if payload.shuffle else None)
        if payload.paged is not None:
            self.sorting.paged = payload.paged
        if payload.turn:
            self.sorting.turn(payload.turn)
        if payload.again:
            self.sorting.again()
            if self._review.quality is not None:
                self.sorting.queue.again()
            for part in (self._pairs, self._disputed):
                if part is not None:
                    part.again()
        return self._reply(payload.mode)

    def _learn(self) -> None:
        """Learn anew beside the answers, when enough was confirmed; what is soon done is waited for."""
        queue = self.sorting.queue
        busy = self._learning is not None and self._learning.is_alive()
        if not busy and (queue.learning_due or not self._looked):
            self._learning = threading.Thread(target=self._study, name="shoal-learn", daemon=True)
            self._learning.start()
            if self._looked:
                self._learning.join(PATIENCE)

    def _study(self) -> None:
        """Look at the pictures once, in small; then learn from what is confirmed."""
        queue, root = self.sorting.queue, self._review.root
        if not self._looked:
            if root is not None and len(self._review) <= MOST_LOOKED_AT:
                files = [root / path for path in self._review.session.table.paths]
                looks = looks_of(files, stopped=lambda: self.users <= 0)
                if len(looks) == len(queue.likeness.codes) and self.users > 0:
                    queue.use_looks(looks)
            self._looked = True
        if queue.learning_due:
            queue.learn()

    # ------------------------------------------------------------------------------------------- auto-move
    def _auto_moves(self, *_: Any) -> wire.AutoMoveReply:
        steps = [
            wire.AutoMoveStep(
                threshold=floor(10_000 * step.threshold) / 10_000,  # never above what it counts
                count=len(step.rows),
                precision=step.precision if step.held_out else None,
                low=step.low,
                high=step.high,
                held_out=step.held_out,
            )
            for step in self.sorting.auto_moves().steps(STOPS)
        ]
        return wire.AutoMoveReply(steps=steps)

    def _auto_move(self, payload: wire.RunAutoMove, request_id: str, *_: Any) -> replies.DoneReply:
        label = self.sorting.auto_move(max(WORST, min(1.0, payload.threshold)), source=request_id)
        return replies.DoneReply(label=visible_text(label))

    # ----------------------------------------------------------------------------------------------- replies
    def _reply(self, mode: wire.QueueMode, label: str = "") -> wire.QueueReply:
        with self._review.session.reading():
            question = self._question(mode)
            return wire.QueueReply(
                mode=mode, question=question, label=visible_text(label), status=self._status(mode)
            )

    def _question(self, mode: wire.QueueMode) -> wire.QuestionInfo | None:
        if mode in ("review", "pairs"):
            question = self.sorting.queue.next() if mode == "review" else self.pairs.next()
            return None if question is None else asked.described(self._review, question)
        if mode == "sort" and self.sorting.paged:
            return asked.page(self._review, self.sorting)
        item = {"sort": self.sorting, "disputed": self.disputed, "audit": self.audit}[mode].next()
        if item is None:
            return None
        found = () if mode == "sort" and self.sorting.manual_only else self._suggestions(item)
        if mode == "disputed":  # what the two models say comes first
            first = self.disputed.favourites(item)
            found = tuple(sorted(found, key=lambda s: [*first, s.cluster].index(s.cluster)))
        return asked.who(self._review, item, found)

    def _suggestions(self, item: str) -> tuple[Suggestion, ...]:
        found = self.sorting.suggested(item, count=MOST) if self._review.quality is not None else ()
        return found or asked.largest(self._review, MOST)

    def _put_off(self, mode: wire.QueueMode, items: int) -> int:
        if mode == "pairs":
            return self.pairs.later
        if mode == "disputed":
            return self.disputed.put_off
        with_vectors = mode == "review" and self._review.quality is not None
        return items + (len(self.sorting.queue.later) if with_vectors else 0)

    def _status(self, mode: wire.QueueMode) -> wire.QueueStatus:
        figures = self.sorting.figures()
        with_vectors = self._review.quality is not None
        queue = self.sorting.queue if with_vectors and mode in ("review", "pairs") else None
        pairs = self._pairs if mode == "pairs" else None
        metric = queue.metric if queue else None
        audit = self._audit
        looked = len(audit.rows) - len(audit.left) if audit else 0
        disputed = self.disputed if self._review.opinions and with_vectors else None
        first, open_items = self.sorting.place if mode == "sort" else (0, 0)
        learned = ""
        if metric is not None:
            learned = (
                f"compares by what you confirmed: {metric.accuracy:.0%} of held-out items named, "
                f"{metric.plain:.0%} without"
            )
        return wire.QueueStatus(
            answered=pairs.answered if pairs else queue.answered if queue else 0,
            confirmed=int(queue.known.confirmed().sum()) if queue else figures.manual,
            remaining=figures.remaining,
            later=self._put_off(mode, figures.later),
            items=figures.processed + figures.remaining,
            manual=figures.manual,
            auto=figures.auto,
            per_minute=_finite(figures.per_minute),
            minutes_left=_finite(figures.minutes_left),
            manual_only=self.sorting.manual_only,
            shuffled=self.sorting.shuffled,
            paged=self.sorting.paged,
            first=first,
            open=open_items,
            disputed=None if disputed is None else len(disputed.left),
            looked_at=looked,
            sample=len(audit.rows) if audit else 0,
            estimate=str(audit.estimate()) if audit and looked >= min(ENOUGH, len(audit.rows)) else "",
            advice=audit.advice() if audit and (mode == "audit" or looked >= ENOUGH) else "",
            learned=learned,
        )


_AT_WORK: WeakValueDictionary[int, Desk] = WeakValueDictionary()


def desk_of(review: Review) -> Desk:
    """The one desk of a review, for one more user: what it knows is worked out once, and all are asked alike.

    Each user closes it when done.
    """
    desk = _AT_WORK.get(id(review))
    if desk is None:
        desk = _AT_WORK[id(review)] = Desk(review)
    desk.users += 1
    return desk


def _finite(value: float) -> float | None:
    return float(np.round(value, 2)) if isfinite(value) else None
