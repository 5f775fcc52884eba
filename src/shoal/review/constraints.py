"""What is known of the items: from what people did, from what they said, and from film.

Nothing is stored twice. What people *did* is read from the history in force, so an undo takes the knowledge
back with the edit; what they *said* (pins, links) are notes of the state; what a film tells lies in
``.shoal/constraints.csv``. Edits that a machine decided (``note: "auto"``) say nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from shoal.data.constraints import CONSTRAINTS_NAME, Constraints
from shoal.review import rows as rowsets
from shoal.review.changes import Change
from shoal.review.commands.constraints import read_link
from shoal.review.history import Entry
from shoal.review.records import NOISE_CODE, TRASH_CODE
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.session import Event

__all__ = ["ANSWER", "MACHINES", "Fact", "Known", "Links"]

Codes = npt.NDArray[np.int32]
Links = npt.NDArray[np.int64]
"""Pairs of rows, shape (m, 2)."""

MACHINES = frozenset({"auto", "disk"})
"""Actors and notes of edits that no person decided."""

ANSWER = "answer"
"""Note of an answer of the queue: it pins what it says, not everything that it moves."""

_SAMPLE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """What an edit said of two groups of items: their clusters are one, or are two.

    Parameters
    ----------
    kind : {"together", "apart"}
        A merge says together; a split, and a move from one cluster to another, say apart.
    a, b : Rows
        Up to 64 rows of each group, evenly from those it had then. A group is where most of its rows are.
    """

    kind: Literal["together", "apart"]
    a: Rows
    b: Rows

    def holds(self, codes: Codes) -> bool:
        """Whether a partition agrees. Two groups in noise are neither one nor two: that agrees with both."""
        a, b = most_in(codes, self.a), most_in(codes, self.b)
        return a == b if self.kind == "together" else a != b or a < 0


@dataclass(slots=True)
class _Step:
    """What one edit of the history taught, and how to forget it."""

    rows: Rows = field(default_factory=lambda: rowsets.EMPTY)
    before: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    n_facts: int = 0


class Known:
    """Pins, links and facts about groups, kept up to date while the review is edited.

    Parameters
    ----------
    review : Review
        Read now and followed from here on, until :meth:`close`.
    film : Constraints, optional
        What the film tells; read from beside the folder when left out.
    """

    def __init__(self, review: Review, *, film: Constraints | None = None) -> None:
        self._review = review
        self.facts: list[Fact] = []
        self.placed: npt.NDArray[np.bool_] = np.zeros(len(review), bool)
        self._steps: list[_Step] = []
        self._film = film
        self._film_pairs: tuple[int, Links, Links] | None = None
        self._said: tuple[int, dict[str, Links]] | None = None
        self._rebuild()
        if len(review):  # the table's index of ids, made at its first use: no answer shall wait for it
            review.session.table.row(review.session.table.ids[0])
        self._stop = review.session.listen(self._on_event)

    def close(self) -> None:
        """Stop following."""
        self._stop()

    # ------------------------------------------------------------------------------------- what people did
    def _rebuild(self) -> None:
        session = self._review.session
        entries = session.history.entries[: session.history.cursor]
        self.facts.clear()
        self._steps.clear()
        self.placed = np.zeros(len(self._review), bool)
        codes, learnt = session.state.codes.copy(), list[tuple[Rows, npt.NDArray[np.bool_], list[Fact]]]()
        for entry in reversed(entries):
            change = entry.change
            learnt.append(_lessons(change, _decided_by(entry), codes))
            cells = change.cells.get("code")
            if cells is not None:
                codes[cells.rows] = cells.before
        for rows, values, facts in reversed(learnt):
            self._learn(rows, values, facts)

    def _learn(self, rows: Rows, values: npt.NDArray[np.bool_], facts: list[Fact]) -> None:
        self._steps.append(_Step(rows, self.placed[rows], len(facts)))
        self.placed[rows] = values
        self.facts.extend(facts)

    def _forget(self) -> None:
        step = self._steps.pop()
        self.placed[step.rows] = step.before
        del self.facts[len(self.facts) - step.n_facts :]

    def _on_event(self, event: Event) -> None:
        history = self._review.session.history
        if event.action in ("checkpoint", "save"):
            return
        if len(self.placed) < len(self._review):
            self.placed = np.concatenate([self.placed, np.zeros(len(self._review) - len(self.placed), bool)])
        if event.action in ("do", "redo") and len(self._steps) == history.cursor - 1:
            entry = history.entries[history.cursor - 1]
            self._learn(*_lessons(entry.change, _decided_by(entry), self._review.session.state.codes))
        elif event.action in ("undo", "jump") and history.cursor <= len(self._steps):
            while len(self._steps) > history.cursor:
                self._forget()
        else:
            self._rebuild()

    # ---------------------------------------------------------------------------------------- what is so now
    def pinned(self) -> npt.NDArray[np.bool_]:
        """Items that nothing automatic may move, shape (n_items,).

        Those that a person put where they are, those pinned by an answer, and all of reviewed clusters.
        """
        state = self._review.session.state
        out = self.placed.copy()
        if state.notes["pin"]:
            out[list(state.notes["pin"])] = True
        reviewed = [r.code for r in state.clusters.values() if r.reviewed]
        if reviewed:
            out |= np.isin(state.codes, reviewed)
        out[state.codes == TRASH_CODE] = True
        return out

    def confirmed(self) -> npt.NDArray[np.bool_]:
        """Pinned items that are in a cluster: the labelled examples, shape (n_items,)."""
        return self.pinned() & (self._review.session.state.codes >= 0)

    def said(self, kind: str) -> Links:
        """Pairs of which people said so: must, cannot, apart or unsure; shape (m, 2)."""
        revision = self._review.revision
        if self._said is None or self._said[0] != revision:
            table, found = self._review.session.table, dict[str, list[tuple[int, int]]]()
            for row, links in self._review.session.state.notes["links"].items():
                for said, other in map(read_link, links):
                    found.setdefault(said, []).append((row, table.row(other)))
            self._said = revision, {said: np.array(pairs, np.int64) for said, pairs in found.items()}
        return self._said[1].get(kind, np.empty((0, 2), np.int64))

    def film(self) -> tuple[Links, Links]:
        """Must-link and cannot-link pairs that the film tells, each shape (m, 2)."""
        n = len(self._review)
        if self._film_pairs is None or self._film_pairs[0] != n:
            table = self._film if self._film is not None else _read_film(self._review)
            ids = self._review.session.table.ids
            self._film_pairs = (n, table.pairs(ids, "must"), table.pairs(ids, "cannot"))
        return self._film_pairs[1], self._film_pairs[2]

    def not_in(self) -> dict[int, set[int]]:
        """Row → codes of the clusters that it does not belong to, or of which nobody could tell."""
        codes, out = self._review.session.state.codes, dict[int, set[int]]()
        for kind in ("cannot", "unsure"):
            for a, b in self.said(kind).tolist():
                for row, other in ((a, b), (b, a)):
                    if codes[other] >= 0:
                        out.setdefault(row, set()).add(int(codes[other]))
        return out

    def standing(self) -> list[Fact]:
        """Facts about groups that the present state agrees with; later edits have overruled the others."""
        codes = self._review.session.state.codes
        return [fact for fact in self.facts if fact.holds(codes)]

    def apart(self) -> Counter[tuple[int, int]]:
        """Pairs of cluster codes (smaller first) known to be two: how often people did or said so."""
        codes = self._review.session.state.codes
        out: Counter[tuple[int, int]] = Counter()
        for fact in self.facts:
            if fact.kind == "apart":
                out[_pair(most_in(codes, fact.a), most_in(codes, fact.b))] += 1
        sure = self.confirmed()
        for kind in ("apart", "cannot"):
            for a, b in self.said(kind).tolist():
                # of items that nobody vouches for, one may only be in the wrong place
                if kind == "apart" or (sure[a] and sure[b]):
                    out[_pair(int(codes[a]), int(codes[b]))] += 1
        return Counter({pair: n for pair, n in out.items() if pair[0] != pair[1] and pair[0] >= 0})


def most_in(codes: Codes, rows: Rows) -> int:
    """The cluster that holds most of ``rows`` (lowest code first); −1 when noise or trash does."""
    found, counts = np.unique(codes[rows], return_counts=True)
    return max(NOISE_CODE, int(found[np.argmax(counts)]))


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _decided_by(entry: Entry) -> str:
    """``"hand"``, ``"answer"`` or ``"auto"``."""
    note = entry.record.data.get("note")
    return (
        "auto" if entry.record.actor in MACHINES or note in MACHINES else ANSWER if note == ANSWER else "hand"
    )


def _sample(rows: Rows) -> Rows:
    return rows if len(rows) <= _SAMPLE else rows[np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.int64)]


def _lessons(change: Change, by: str, after: Codes) -> tuple[Rows, npt.NDArray[np.bool_], list[Fact]]:
    """Rows whose being placed by hand changes, to what, and the facts; ``after``: codes after the edit."""
    cells = change.cells.get("code")
    if cells is None:
        return rowsets.EMPTY, np.empty(0, bool), []
    gone = {old.code for old, new in change.clusters.values() if old is not None and new is None}
    whole = np.isin(cells.before, list(gone))
    values = np.full(len(cells.rows), by == "hand")
    values[cells.after == TRASH_CODE] = False
    # a merge carries its items along: what was placed by hand stays so, the rest is not looked at one by one
    kept = whole & (cells.after >= 0)
    values[whole & (cells.after < 0)] = False
    rows, values = cells.rows[~kept], values[~kept]
    facts = [] if by == "auto" else list(_facts(change, gone, after))
    return rows, values, [f for f in facts if by == "hand" or f.kind == "together"]


def _facts(change: Change, gone: set[int], after: Codes) -> Iterator[Fact]:
    for old, new, rows in change.cells["code"].groups():
        if new < 0 or old < 0:
            continue
        others = np.setdiff1d(_sample(np.flatnonzero(after == (new if old in gone else old))), rows)
        if old in gone:
            if len(others):
                yield Fact("together", _sample(rows), others)
        elif len(others):
            yield Fact("apart", _sample(rows), others)


def _read_film(review: Review) -> Constraints:
    if review.root is None:
        return Constraints()
    path = review.root / ".shoal" / CONSTRAINTS_NAME
    return Constraints.read(path) if path.exists() else Constraints()
