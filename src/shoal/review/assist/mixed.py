"""Clusters that look mixed: what each could lose, found a few clusters a turn, and a judge of such parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from shoal.review.assist.asking import Search
from shoal.review.assist.judge import Judge
from shoal.review.assist.questions import Claim, Question, Verdict
from shoal.review.state import State

__all__ = ["Mixed"]

LARGE = 20_000
SPLIT_WORK = 50_000
SAMPLE = 240
REGROWN = 1.2
SETTLED = 8
NAMED = 0.5
RECENT = 300


class Mixed:
    """Splits found so far, kept while their clusters stay about as large.

    Parameters
    ----------
    opinion : tuple of float
        Of a judge of two groups: that of parts starts from the same, and learns from answers about parts
        only. Parts of one cluster are chosen to look different, so that their features tell less than those
        of two clusters; how large a part is tells more.
    """

    def __init__(self, opinion: tuple[float, ...]) -> None:
        self.judge = Judge((*opinion, 0.0))
        self._found: dict[int, tuple[int, list[Claim]]] = {}
        self._heard: deque[tuple[tuple[float, ...], bool]] = deque(maxlen=RECENT)

    def claims(self, search: Search, one: Iterable[tuple[int, int]]) -> list[Claim]:
        """Splits worth asking about; a few clusters a turn are looked at, the largest first.

        Parameters
        ----------
        search : Search
            Where to look.
        one : iterable of (int, int)
            Pairs of items known to be the same.
        """
        state, likeness = search.state, search.likeness
        sizes = {int(code): state.size(int(code)) for code in likeness.clusters()}
        seen = {code: self._found[code] for code in sizes if code in self._found}
        # where enough is confirmed, or named by the head, what is wrong is found one by one
        left = ~_settled(search, max(sizes, default=0) + 1)
        self._found = {
            code: (n, claims)
            for code, (n, claims) in seen.items()
            if left[code] and n / REGROWN <= sizes[code] <= n * REGROWN
        }
        stale = [code for code, n in sizes.items() if n > 3 and left[code] and code not in self._found]
        one, work = list(one), 0
        for code in sorted(stale, key=lambda c: (-sizes[c], c)):
            work += min(sizes[code], SAMPLE) ** 2
            self._found[code] = (sizes[code], search.parts(code, one))
            if work > (SPLIT_WORK if len(likeness.codes) <= LARGE else 0):
                break
        return [claim for _, claims in self._found.values() for claim in claims]

    def hear(self, claims: Sequence[Claim], said: Sequence[Verdict]) -> None:
        """Learn from answers about parts."""
        told = [(c.features, v) for c, v in zip(claims, said, strict=False) if c.features and v is not None]
        if not told:
            return
        self._heard.extend(told)
        features, same = zip(*self._heard, strict=True)
        self.judge.learn(np.array(features), np.array(same, bool))

    def look_again(self, state: State, question: Question) -> None:
        """Clusters of whose parts something was said are looked at anew."""
        for claim in question.claims:
            if claim.part and claim.clusters:
                self._found.pop(state.code_of(claim.clusters[0]), None)

    def put_off(self, code: int, size: int) -> None:
        """Do not ask about a cluster until it has another size."""
        self._found[code] = (size, [])

    def clear(self) -> None:
        """Look at everything anew."""
        self._found.clear()


def _settled(search: Search, top: int) -> npt.NDArray[np.bool_]:
    """Clusters of which enough is confirmed, or of whose items the head names most, by code."""
    codes, head = search.likeness.codes, search.head
    top = max(top, int(codes.max(initial=0)) + 1)
    if head is None:
        return np.zeros(top, bool)
    sure = np.bincount(codes[search.confirmed & (codes >= 0)], minlength=top) >= SETTLED
    first = head.now(codes)[:, 0]
    named = (first >= 0) & (head.probability[:, 0] >= NAMED) & sure[np.clip(first, 0, top - 1)]
    inside = codes >= 0
    share = np.bincount(codes[inside], named[inside], minlength=top)
    return sure | (share > NAMED * np.bincount(codes[inside], minlength=top))
