"""Pairs of items: do these two show the same? The pair whose answer would put most right is asked first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shoal.errors import ConflictError, NotAllowedError
from shoal.review.assist.answers import commands_for
from shoal.review.assist.asking import Search
from shoal.review.assist.questions import Claim, Question, Verdict
from shoal.review.assist.queue import ReviewQueue
from shoal.review.constraints import ANSWER

__all__ = ["ItemPairs"]

CANDIDATES = 400
"""How many of the most promising items are looked at for one that can be asked about."""


class ItemPairs:
    """Asks about two items at a time, and links them by the answer.

    An answer moves nothing: it is a must-link or a cannot-link, which the next clustering keeps. What an
    answer could put right is its chance to contradict the present clusters, times the pairs of items that
    would then be wrong now: for an item and its nearest neighbour in the cluster that it may belong to
    instead, those with both clusters; for an item that may not belong where it is, those with its own.

    Parameters
    ----------
    queue : ReviewQueue
        Whose judgement is used: it has learned from all other answers.
    """

    def __init__(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._review = queue.review
        self._passed: set[tuple[int, int]] = set()
        self._current: Question | None = None
        self._made_at = -1
        self._number = 0
        self.answered = 0

    def next(self) -> Question | None:
        """The pair that is worth most now, the same until something changes; None when all is said."""
        if self._current is None or self._made_at != self._review.revision:
            with self._review.session.reading():
                found = self._best(self._queue.search())
                self._made_at = self._review.revision
            self._current = found
        return self._current

    def answer(
        self, question: Question | str, same: Sequence[Verdict] | Verdict, *, source: str | None = None
    ) -> str:
        """Say yes, no, or (None) that nobody can tell; returns what was done, in words.

        Raises
        ------
        ConflictError
            When the question is no longer the present one.
        """
        now = self.next()
        if now is None or now.id != (question if isinstance(question, str) else question.id):
            raise ConflictError("that question is no longer asked", hint="Answer the one that is shown now.")
        try:
            label = self._review.session.do(
                commands_for(self._review, now, now.checked(same)), note=ANSWER, source=source
            ).label
        except NotAllowedError:
            label = "Nothing changed"
            self._passed.add(_pair(now))
        self.answered += 1
        self._current = None
        return label

    def skip(self, question: Question | str | None = None) -> None:
        """Later: the pair is not asked about until :meth:`again`."""
        now = self.next()
        wanted = getattr(question, "id", question)
        if now is not None and wanted in (None, now.id):
            self._passed.add(_pair(now))
            self._current = None

    def again(self) -> None:
        """Ask about what was put off."""
        self._passed.clear()
        self._current = None

    @property
    def later(self) -> int:
        """How many pairs were put off."""
        return len(self._passed)

    # ------------------------------------------------------------------------------------------------ seeking
    def _best(self, search: Search) -> Question | None:
        value, across, surprise = _values(search)
        said = self._said(search)
        most = min(CANDIDATES, len(value))
        rows = np.argpartition(-value, most - 1)[:most] if most else np.empty(0, np.int64)
        for row in rows[np.lexsort((rows, -value[rows]))].tolist():
            if value[row] <= 0:
                break
            code = int(search.ranking.other[row] if across[row] else search.likeness.codes[row])
            partner = _partner(search, row, code)
            if partner is None or self._known(search, said, row, partner, code):
                continue
            same = float(surprise[row] if across[row] else 1 - surprise[row])
            codes = {int(search.likeness.codes[row]), int(search.likeness.codes[partner])}
            claim = Claim(
                rows=(row,),
                beside=(partner,),
                guess=same >= 0.5,
                probability=same,
                clusters=tuple(search.state.id_of(code) for code in sorted(codes) if code >= 0),
                sort="pair",
                stated=same,
            )
            self._number += 1
            return Question(f"p{self._number}", "pair", (claim,), gain=float(value[row]))
        return None

    def _said(self, search: Search) -> dict[int, set[int]]:
        """Row → codes of the clusters of which it was compared with an item."""
        codes, out = search.likeness.codes, dict[int, set[int]]()
        for kind in ("must", "cannot", "unsure"):
            for a, b in self._queue.known.said(kind).tolist():
                out.setdefault(a, set()).add(int(codes[b]))
                out.setdefault(b, set()).add(int(codes[a]))
        return out

    def _known(self, search: Search, said: dict[int, set[int]], row: int, partner: int, code: int) -> bool:
        pair = (min(row, partner), max(row, partner))
        pinned = bool(search.pinned[row] and search.pinned[partner])
        return pinned or pair in self._passed or code in said.get(row, ())


def _values(search: Search) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """For each item: pairs of items put right, as expected; if it is about another cluster; the chance."""
    own, other = (p.astype(np.float64) for p in search.ranking.probabilities(search.places))
    codes, target = search.likeness.codes, search.ranking.other
    size = np.bincount(
        codes[codes >= 0], minlength=1 + max(int(codes.max(initial=0)), int(target.max(initial=0)))
    )
    here = np.where(codes >= 0, size[np.maximum(codes, 0)], 0)
    there = np.where(target >= 0, size[np.maximum(target, 0)], 0)
    leave = np.where(target >= 0, other / np.maximum(own + other, 1e-9), 0.0)
    doubt = np.where(codes >= 0, 1 - own, 0.0)
    gain_there, gain_here = leave * (here + there), doubt * np.maximum(here - 1, 0)
    across = gain_there >= gain_here
    asked = search.likeness.known & (codes > -2)
    value = np.where(asked, np.where(across, gain_there, gain_here), 0.0)
    return value, across, np.where(across, leave, doubt)


def _partner(search: Search, row: int, code: int) -> int | None:
    """The item of a cluster to compare with: the nearest neighbour in it, one that is vouched for first."""
    near = [j for j in search.likeness.near[row].tolist() if j >= 0 and search.likeness.codes[j] == code]
    if near:
        return next((j for j in near if search.confirmed[j]), near[0])
    return next((j for j in search.exemplars(code) if j != row), None)


def _pair(question: Question) -> tuple[int, int]:
    a, b = question.claims[0].rows[0], question.claims[0].beside[0]
    return min(a, b), max(a, b)
