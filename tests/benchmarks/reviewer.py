"""A simulated reviewer: answers from labels, sees what is shown, counts keys and clicks of real commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.review import commands as cmd
from shoal.review.assist.questions import Question, Verdict
from shoal.review.assist.queue import ReviewQueue
from shoal.review.history import History
from shoal.review.log import EditLog
from shoal.review.naming import free_name
from shoal.review.records import ClusterRecord
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.state import State
from shoal.review.table import ItemTable

GOAL = 0.99
DIGITS = 9
BEGIN_FROM = 3
FIND = 4
"""Keys to name a cluster that no digit stands for: open the list, two letters, Enter."""


def pair_scores(codes: npt.NDArray[np.integer], truth: npt.NDArray[np.integer]) -> tuple[float, float, float]:
    """Pairwise F1, precision and recall; each item of noise is a cluster of its own."""
    own = codes.astype(np.int64).copy()
    lost = np.flatnonzero(own < 0)
    own[lost] = own.max(initial=0) + 1 + np.arange(len(lost))

    def pairs(values: npt.NDArray[np.int64]) -> float:
        counts = np.unique(values, return_counts=True)[1].astype(np.float64)
        return float((counts * (counts - 1) / 2).sum())

    both = pairs(own * (int(truth.max()) + 1) + truth)
    precision, recall = both / max(1.0, pairs(own)), both / max(1.0, pairs(truth.astype(np.int64)))
    return 2 * precision * recall / max(1e-12, precision + recall), precision, recall


def make_review(
    vectors: npt.NDArray[np.float32], labels: npt.NDArray[np.integer], *, log: Path | None = None
) -> Review:
    """A review without a folder: automatic clusters as a person finds them; ``log`` keeps the edits."""
    n, k = len(labels), int(labels.max()) + 1
    records = {f"c{i}": ClusterRecord(f"c{i}", i, f"character_{i}", color=i) for i in range(k)}
    table = ItemTable([f"item/{i:06d}.png" for i in range(n)])
    state = State(labels.astype(np.int32).copy(), records)
    session = Session(table, state, History(), None if log is None else EditLog(log))
    review = Review(session, None)
    review.use_vectors(vectors)
    return review


@dataclass
class Reviewer:
    """A person who knows who is who, when it is shown.

    Parameters
    ----------
    review : Review
        What is put right, by its own commands only.
    truth : ndarray of int, shape (n_items,)
        Who is seen in each picture. Looked up only for rows that are on the screen.
    looks : ndarray of float32, optional
        How the pictures look in small: the queue reads it from their files where there are any.
    """

    review: Review
    truth: npt.NDArray[np.integer]
    looks: npt.NDArray[np.float32] | None = None
    gestures: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """Where the items are."""
        return self.review.session.state.codes

    def score(self) -> float:
        """Pairwise F1: not seen by the person, only by who holds the watch."""
        return pair_scores(self.codes, self.truth)[0]

    def done(self) -> bool:
        """Whether the goal is reached."""
        return self.score() >= GOAL

    def spend(self, kind: str, keys: int) -> None:
        """Count keys and clicks."""
        self.gestures += keys
        self.kinds[kind] += keys

    def who(self, rows: Iterable[int]) -> int:
        """Whom most of the shown pictures show; −1 of nothing."""
        counts = Counter(int(self.truth[row]) for row in rows)
        return max(counts, key=lambda who: (counts[who], -who)) if counts else -1

    # ------------------------------------------------------------------------------------------- by browsing
    def by_browsing(self, *, careful: bool) -> int:
        """Correct cluster after cluster, the largest first; returns the gestures.

        Parameters
        ----------
        careful : bool
            Join all clusters of one character at once, by the covers in the side bar, and select all wrong
            pictures of one target before moving them, neighbours in the grid by Shift. Otherwise two clusters
            are joined at a time, and pictures are moved one by one.
        """
        while not self.done():
            before = self.gestures
            self._join(careful)
            for cluster in self._by_size():
                if self.done():
                    break
                if cluster == "noise" or cluster in self.review.session.state.clusters:
                    self.spend("open", 1)
                    self._clean(cluster, careful)
            if self.gestures == before:
                break
        return self.gestures

    def _by_size(self) -> list[str]:
        state = self.review.session.state
        return [r.id for r in sorted(state.clusters.values(), key=lambda r: -state.size(r.code))] + ["noise"]

    def _rows(self, cluster: str) -> list[int]:
        state = self.review.session.state
        return state.members(state.code_of(cluster)).tolist()

    def _join(self, careful: bool) -> None:
        of: dict[int, list[str]] = {}
        for cluster in self._by_size()[:-1]:
            of.setdefault(self.who(self._rows(cluster)), []).append(cluster)
        for clusters in of.values():
            if len(clusters) < 2 or self.done():
                continue
            if careful:
                self.spend("join", len(clusters) + 2)  # each clicked, G, Enter
                self._merge(clusters)
                continue
            for other in clusters[1:]:
                self.spend("join", 4)
                self._merge([clusters[0], other])
                if self.done():
                    break

    def _merge(self, clusters: list[str]) -> None:
        name = self.review.session.state.clusters[clusters[0]].name
        self.review.session.do(cmd.MergeClusters(clusters, name, clusters[0]))

    def _clean(self, cluster: str, careful: bool) -> None:
        rows = self._rows(cluster)
        mine = -1 if cluster == "noise" else self.who(rows)
        wrong: dict[int, list[int]] = {}
        for place, row in enumerate(rows):
            if int(self.truth[row]) != mine:
                wrong.setdefault(int(self.truth[row]), []).append(place)
        for who, places in wrong.items():
            moves = [places] if careful else [[place] for place in places]
            for together in moves:
                if self.done():
                    return
                self.spend("select", clicks_for(together) if careful else 1)
                self._send(np.array([rows[place] for place in together], np.int64), who)

    def _send(self, rows: npt.NDArray[np.int64], who: int) -> None:
        listed = self._by_size()[:-1]
        target = next((c for c in listed if self.who(self._rows(c)) == who), None)
        if target is None:
            self.spend("new", 2)  # S, Enter
            self.review.session.do(cmd.SplitCluster(rows, free_name(self.review.session.state)))
            return
        self.spend("move", 2 if listed.index(target) < DIGITS else FIND)
        self.review.session.do(cmd.MoveItems(rows, target))

    # ------------------------------------------------------------------------------------------- by the queue
    def by_queue(self, *, most: int = 100_000) -> int:
        """Answer the queue until the goal is reached; returns the gestures."""
        queue = ReviewQueue(self.review)
        if self.looks is not None:
            queue.use_looks(self.looks)
        while not self.done() and self.gestures < most:
            if queue.learning_due:
                queue.learn()
            question = queue.next()
            if question is None:
                break
            self.reply(queue, question)
        queue.close()
        return self.gestures

    def reply(self, queue: ReviewQueue, question: Question) -> None:
        """Answer one question from what it shows."""
        if question.kind == "who":
            self._reply_who(queue, question)
            return
        verdicts = self.verdicts(question)
        if question.kind == "place":
            keys, sent = self.sendings(question, verdicts)
            self.spend("place", keys)
            queue.answer(question, verdicts, sent=sent)
            return
        self.spend(question.kind, keys_for(question, verdicts))
        queue.answer(question, verdicts)

    def sendings(self, question: Question, verdicts: Sequence[Verdict]) -> tuple[int, list[str | None]]:
        """Keys and clicks of an answer to a page of items, and where to send what does not belong.

        An exception that a digit stands for is pointed at and sent by that digit, a run of them by the first,
        and the last with Shift. Of others three or more begin a cluster, and fewer are clicked away. Enter
        takes the page.
        """
        sent: list[str | None] = [None] * len(verdicts)
        if all(verdicts):
            return 1, sent
        of = {self.who(found.rows): found.cluster for found in reversed(question.suggestions[:DIGITS])}
        wrong: dict[int, list[int]] = {}
        for place, said in enumerate(verdicts):
            if not said:
                wrong.setdefault(self.who(question.claims[place].rows), []).append(place)
        refused, keys = list[int](), 1
        for who, places in wrong.items():
            known = who in of
            if not known and len(places) < BEGIN_FROM:
                refused += places
                continue
            keys += clicks_for(places) + (0 if known else 1)
            for place in places:
                sent[place] = of[who] if known else f"+{who}"
        refused.sort()
        keys += clicks_for(refused) if refused else 0
        right = [place for place, said in enumerate(verdicts) if said]
        turned = 2 + clicks_for(right) if right else 1  # X and the others, or N
        if turned + sum(where is not None for where in sent) < keys:
            return turned, [None] * len(verdicts)  # what is not sent comes again
        return keys, sent

    def verdicts(self, question: Question) -> list[Verdict]:
        """Yes or no for each claim, from the pictures that are shown for it."""
        here = self.who(question.shown)
        if question.kind == "group":
            return [len({int(self.truth[row]) for row in claim.rows}) == 1 for claim in question.claims]
        return [
            self.who(claim.rows) == (self.who(claim.beside) if claim.beside else here)
            for claim in question.claims
        ]

    def _reply_who(self, queue: ReviewQueue, question: Question) -> None:
        who = self.who(question.shown)
        for suggestion in question.suggestions:
            if self.who(suggestion.rows) == who:
                self.spend("who", 1)
                queue.answer(question, choice=suggestion.cluster)
                return
        search = queue.search()
        for record in list(self.review.session.state.clusters.values()):
            if record.id == question.cluster:
                continue
            if self.who(search.exemplars(record.code, 3)) == who:  # its cover in the side bar
                self.spend("find", FIND)
                queue.answer(question, choice=record.id)
                return
        self.spend("new", 1)
        queue.answer(question, choice="new")


def clicks_for(places: Sequence[int]) -> int:
    """Clicks or keys for pictures of a grid: one each, and two for a run of neighbours, by Shift."""
    runs = np.split(np.array(places), np.flatnonzero(np.diff(places) != 1) + 1)
    return sum(min(2, len(run)) for run in runs)


def keys_for(question: Question, verdicts: Sequence[Verdict]) -> int:
    """Keys and clicks of an answer.

    One key says yes or no to all. Otherwise one for each guess that is turned round, and Enter; or X to turn
    them all round first.
    """
    if len(set(verdicts)) == 1:
        return 1
    turned = sum(said != guess for said, guess in zip(verdicts, question.guesses, strict=True))
    return min(1 + turned, 2 + len(verdicts) - turned)
