"""The review queue: one stream of questions, the one that brings most for a key first; answers are edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, ConflictError, MissingError, NotAllowedError
from shoal.review.assist.answers import commands_for
from shoal.review.assist.asking import Search
from shoal.review.assist.head import Choices, Head, examples_of, learn_head
from shoal.review.assist.judge import Judge, Scales
from shoal.review.assist.lessons import Lessons
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.metric import LearnedMetric, learn_metric
from shoal.review.assist.mixed import Mixed
from shoal.review.assist.placing import (
    fragment,
    moves,
    places_of,
    questions_about_items,
    suggestions_for,
)
from shoal.review.assist.questions import Question, Suggestion, Verdict, stands
from shoal.review.assist.ranking import Ranking
from shoal.review.changes import CellChange, Change
from shoal.review.constraints import ANSWER, Known
from shoal.review.review import ItemsLike, Review
from shoal.review.session import Event

__all__ = ["ReviewQueue"]

Floats = npt.NDArray[np.float32]

PAIR_OPINION = (-3.0, 9.0, 0.0, 5.0)
PLACE_OPINION = (-1.0, 2.0, 1.0, 6.0)
LEAST_WORTH = 0.0
LARGE = 20_000
PAGES = 5
LEARN_FIRST = 24
LEARN_LEAST = 16
LEARN_GROWTH = 1.1


class ReviewQueue:
    """Asks what helps most, and carries the answers out as ordinary edits.

    Parameters
    ----------
    review : Review
        With vectors, beside the folder or by ``review.use_vectors()``.
    seed : int
        Of samples; the same answers then give the same questions.

    Raises
    ------
    MissingError
        When the review has no vectors.
    """

    def __init__(self, review: Review, *, seed: int = 0) -> None:
        quality = review.quality
        if quality is None or not quality.known.any():
            raise MissingError(
                "this review has no vectors, so nothing can be suggested",
                hint="Give write_clusters() embeddings, or the review use_vectors().",
            )
        self.review = review
        self.known = Known(review)
        self.likeness = Likeness(quality.unit, review.session.state.codes, seed=seed)
        self.pairs, self.places = Judge(PAIR_OPINION), Judge(PLACE_OPINION)
        self.mixed = Mixed(PAIR_OPINION)
        self.scales = Scales()
        self.ranking = Ranking(self.likeness, self._confirmed())
        self.lessons = Lessons(self.known, self.likeness, self.ranking)
        self.later: set[int] = set()
        self.passed: set[tuple[int, int]] = set()
        self.seed = seed
        self.metric: LearnedMetric | None = None
        self.head: Head | None = None
        self.choices = Choices(self.likeness.components, seed=seed)
        self._learn_at = LEARN_FIRST
        self.answered = 0
        self._number = self._turn = 0
        self._found: dict[str, Sequence[Question | None]] = {}
        self._sought: dict[str, int] = {}
        self._answered_kind = ""
        self._current: Question | None = None
        self._stop = review.session.listen(self._on_event)

    def close(self) -> None:
        """Stop following the review."""
        self._stop()
        self.known.close()

    def _confirmed(self) -> npt.NDArray[np.bool_]:
        return self.known.confirmed()[: len(self.likeness.codes)]

    def _on_event(self, event: Event) -> None:
        self._current = None
        before = self._confirmed_rows(event)
        moved = self.likeness.follow(event.change)
        rows = np.union1d(moved, before)
        self.ranking.refresh(self.ranking.touched_by(rows.astype(np.int64)), self._confirmed())

    def _confirmed_rows(self, event: Event) -> npt.NDArray[np.int64]:
        rows = np.array(sorted(event.change.notes.get("pin", {})), np.int64)
        return rows[rows < len(self.likeness.codes)]

    # ------------------------------------------------------------------------------------------------ asking
    def search(self) -> Search:
        """What questions are sought in, as things stand."""
        state = self.review.session.state
        n = len(self.likeness.codes)
        passed = set(self.passed)
        for a, b in self.known.said("unsure").tolist():
            low, high = sorted((int(state.codes[a]), int(state.codes[b])))
            passed.add((low, high))
        return Search(
            state,
            self.likeness,
            self.ranking,
            self.pairs,
            self.places,
            self.mixed.judge,
            self.scales,
            pinned=self.known.pinned()[:n],
            confirmed=self._confirmed(),
            apart=self.known.apart(),
            passed=passed,
            not_in=self.known.not_in(),
            denied={(a, b) for kind in ("cannot", "unsure") for a, b in self.known.said(kind).tolist()},
            later=self.later,
            merged=[
                group
                for fact in self.known.standing()
                if fact.kind == "together"
                for group in (fact.a, fact.b)
            ],
            head=self.head,
            views=self.choices.points[-1],
        )

    def next(self) -> Question | None:
        """The question that is worth most now, the same until something changes; None when all is said."""
        if self._current is None:
            with self.review.session.reading():
                self.lessons.teach(self.pairs, self.places)
                found = self._candidates()
            best = max(found, key=lambda q: q.worth, default=None)
            if best is not None and best.worth > LEAST_WORTH:
                self._number += 1
                self._current = replace(best, id=f"q{self._number}")
        return self._current

    def _candidates(self) -> list[Question]:
        """The best question of each kind.

        In a large review, what was found before and still stands is kept, and only the kind that was answered
        and one other are sought anew in a turn: an answer must not wait for a search through everything.
        """
        search, large = self.search(), len(self.review) > LARGE
        places = cache(lambda: places_of(search))
        seek: dict[str, Callable[[], Sequence[Question | None]]] = {
            "same": lambda: search.same(
                self.mixed.claims(search, self.known.said("must").tolist()),
                moves(search, places()),
                pages=PAGES if large else 1,
            ),
            "items": lambda: questions_about_items(search, places()),
            "fragment": lambda: [fragment(search)],
            "group": lambda: [search.groups()],
        }
        state = self.review.session.state
        wanted = list(seek)
        if len(self.review) > LARGE:
            wanted = [
                kind for kind in seek if not all(stands(q, state) for q in self._found.get(kind, [None]))
            ]
            wanted.sort(key=lambda kind: (kind != self._answered_kind, self._sought.get(kind, 0)))
            wanted = wanted[:2]
        self._turn += 1
        for kind in wanted:
            self._found[kind] = seek[kind]()
            self._sought[kind] = self._turn
        return [q for found in self._found.values() for q in found if q is not None and stands(q, state)]

    # --------------------------------------------------------------------------------------------- learning
    @property
    def learning_due(self) -> bool:
        """Whether enough was confirmed since the last time to learn the metric anew."""
        return int(self._confirmed().sum()) >= self._learn_at

    def learn(self) -> bool:
        """Learn the metric from what is confirmed; compare by it when that helps, and return whether it does.

        May run in a thread of its own: the review is held only while it is read and while the result is put
        in place. Answers given meanwhile are taken over.
        """
        with self.review.session.lock:
            codes, confirmed, base = self.likeness.codes.copy(), self._confirmed().copy(), self.likeness
            refused = self.known.said("cannot").ravel()
        nobody = np.unique(refused[(codes[refused] == -1) & base.known[refused]])
        rows = np.flatnonzero(confirmed & base.known)
        metric = learn_metric(base.components[rows], codes[rows], seed=self.seed)
        plain = metric is None and self.metric is None
        likeness = base if plain else base.by(metric, codes, seed=self.seed)
        ranking = self.ranking if likeness is base else Ranking(likeness, confirmed)
        examples = examples_of(likeness, codes, confirmed, nobody)
        head = learn_head(self.choices.points, examples, seed=self.seed)
        with self.review.session.lock:
            now, sure = self.likeness.codes, self._confirmed()
            moved = np.flatnonzero((now != codes) | (sure != confirmed))
            cells = CellChange(moved, codes[moved], now[moved])
            if likeness is not self.likeness:
                likeness.follow(Change({"code": cells}))
                ranking.refresh(ranking.touched_by(moved), sure)
                self.likeness, self.ranking, self.metric = likeness, ranking, metric
                self.lessons = Lessons(self.known, likeness, ranking)
            if (head is None) != (self.head is None):
                self.scales.forget("move", "check")  # they were another judge's guesses
            self.head = head
            self.mixed.clear()
            self._found.clear()
            self._current = None
            self._learn_at = int(max(len(rows) * LEARN_GROWTH, len(rows) + LEARN_LEAST))
        return metric is not None

    def use_looks(self, looks: Floats) -> None:
        """Learn from how the pictures look too, where that names held-out items better.

        Parameters
        ----------
        looks : ndarray of float32, shape (n_items, LOOK_DIMS)
            As from :func:`~shoal.review.assist.looks.looks_of`; NaN where unknown.
        """
        self.choices.add_looks(looks)

    # --------------------------------------------------------------------------------------------- answering
    def answer(
        self,
        question: Question | str,
        verdicts: Sequence[Verdict] | Verdict | None = (),
        *,
        choice: str | None = None,
        name: str | None = None,
        sent: Sequence[str | None] = (),
        source: str | None = None,
    ) -> str:
        """Carry out an answer as one edit; returns what was done, in words.

        Parameters
        ----------
        question : Question or str
            The present question, or its id.
        verdicts : sequence of (bool or None), bool or None
            One a claim: yes, no, unsure; one for all. Left out: the guesses as they were shown.
        choice : str, optional
            For ``who``: a cluster by id or name, ``"new"``, ``"noise"`` or ``"trash"``.
        name : str, optional
            Of the new cluster.
        sent : sequence of (str or None), optional
            For ``place``: one a claim, the cluster (by id or name) that an item belongs to instead, where the
            person has said so; ``"+1"``, ``"+2"`` and so on begin new clusters.

        Raises
        ------
        ConflictError
            When the question is no longer the present one.
        """
        now = self.next()
        wanted = question if isinstance(question, str) else question.id
        if now is None or now.id != wanted:
            raise ConflictError("that question is no longer asked", hint="Answer the one that is shown now.")
        if now.kind == "who":
            if choice is None:
                raise BadInputError("this question wants a cluster", hint='Give choice="…", or skip().')
            said: tuple[Verdict, ...] = ()
        else:
            said = now.guesses if verdicts == () else now.checked(verdicts)
            if sent and (now.kind != "place" or len(sent) != len(said)):
                raise BadInputError(
                    "only items of a page can be sent", hint="Give a cluster or None a claim."
                )
            elsewhere = sent or [None] * len(said)
            said = tuple(False if where else v for v, where in zip(said, elsewhere, strict=True))
        command = commands_for(self.review, now, said, choice=choice, name=name, sent=sent)
        inside = {claim: self._own(claim.part) for claim in now.claims if claim.features}
        self.mixed.look_again(self.review.session.state, now)
        try:
            label = self.review.session.do(command, note=ANSWER, source=source).label
        except NotAllowedError:
            label = "Nothing changed"
            self._put_off(now)
        for claim, came in zip(now.claims, said, strict=True):
            if came is not None:
                self.scales.note(claim.sort, claim.stated, came)
        if self.head is None:  # a part that is another's was not where it belongs
            for claim, came in zip(now.claims, said, strict=True):
                if claim in inside and came is not None:
                    self.scales.note("check", inside[claim], came)
        self.mixed.hear(now.claims, said)
        if now.kind == "who" and now.cluster is not None:
            self.scales.note("piece", 0.5, choice not in ("new", "noise", "trash"))
        self.answered += 1
        self._done_with(now)
        return label

    def _own(self, part: Sequence[int]) -> float:
        """Mean probability that the items of a part are where they belong, as stated."""
        own, _, _ = self.ranking.features(np.array(part, np.int64))
        return float(self.places.probability(own).mean())

    def skip(self, question: Question | str | None = None) -> None:
        """Later: the question's items, clusters or parts are not asked about until :meth:`again`."""
        now = self.next()
        if now is not None and (question is None or now.id == getattr(question, "id", question)):
            self._put_off(now)
            self._done_with(now)

    def _done_with(self, question: Question) -> None:
        kind = question.kind
        if kind == "who":
            kind = "items" if question.cluster is None else "fragment"
        self._answered_kind = "items" if kind == "place" else kind
        found = self._found.get(self._answered_kind, [])
        self._found[self._answered_kind] = [q for q in found if q is not None and q.claims != question.claims]
        if self._answered_kind != "same":
            self._found.pop(self._answered_kind)
        self._current = None

    def _put_off(self, question: Question) -> None:
        if question.kind == "who" and question.cluster is None:
            self.later.update(question.shown)
        elif question.kind == "who":
            state = self.review.session.state
            codes = [state.code_of(s.cluster) for s in question.suggestions]
            here = state.code_of(str(question.cluster))
            self.passed.update((min(here, code), max(here, code)) for code in codes)
        elif question.kind == "place":
            self.later.update(claim.rows[0] for claim in question.claims)
        elif question.kind == "group":
            self.later.update(row for claim in question.claims for row in claim.part)
        else:
            self.later.update(claim.rows[0] for claim in question.claims if claim.sort == "move")
            for claim in question.claims:
                if claim.sort == "move":
                    continue
                codes = sorted(map(self.review.session.state.code_of, claim.clusters))
                if len(codes) == 1:
                    self.mixed.put_off(codes[0], self.review.session.state.size(codes[0]))
                elif codes:
                    self.passed.add((codes[0], codes[1]))

    def again(self) -> None:
        """Ask about what was put off."""
        self.later.clear()
        self.passed.clear()
        self.mixed.clear()
        self._found.clear()
        self._current = None

    def undo(self) -> str:
        """Take back the last edit."""
        return self.review.undo()

    def suggestions(self, item: ItemsLike, *, count: int = 9) -> tuple[Suggestion, ...]:
        """Clusters that an item might belong to, most probable first."""
        row = int(self.review.rows(item)[0])
        search = self.search()
        return suggestions_for(search, row, count=count, banned=search.not_in.get(row, ()))

    def figures(self) -> dict[str, Any]:
        """Answers given, items confirmed, items put off, what is left."""
        confirmed = self._confirmed()
        n = len(self.review) - self.review.session.state.size(-2)
        return {
            "answered": self.answered,
            "confirmed": int(confirmed.sum()),
            "later": len(self.later),
            "noise": self.review.session.state.size(-1),
            "items": n,
        }
