"""Finding the questions that are worth most: pure search over likeness and ranking, no edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from shoal.review.assist.head import Head
from shoal.review.assist.judge import Judge, Scales
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.parting import kept_together, parts_of, root_of
from shoal.review.assist.questions import Claim, Question
from shoal.review.assist.ranking import Ranking
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = ["EXEMPLARS", "PAGE_PAIRS", "SUGGESTIONS", "SURE", "Search"]

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

PAGE_PAIRS = 9
EXEMPLARS = 6
SUGGESTIONS = 24
LEAST_PROBABILITY = 0.04
ASK_AGAIN = 0.02
NOISE_SAMPLE = 160
GROUP_SHOWN = 8
TYPICAL_PART = 3.0
"""Logarithm to base two of the size that tells nothing about whether a part is another."""
SURE = 0.5


@dataclass(slots=True)
class Search:
    """Everything a search for questions looks at.

    Parameters
    ----------
    state : State
        The review's.
    likeness, ranking : Likeness, Ranking
        Up to date with it.
    pairs, places, splits : Judge
        Of two groups, of an item and a cluster, and of two parts of one cluster.
    scales : Scales
        How often guesses of each sort come true.
    pinned, confirmed : ndarray of bool, shape (n_items,)
        Items that are not asked about; items that people vouch for.
    apart : mapping of (int, int) to int
        Pairs of cluster codes known to be two, smaller first, and how often that was said.
    passed : set of (int, int)
        Pairs that were put off.
    not_in : mapping of int to set of int
        Row → codes of clusters that it is known not to belong to.
    denied : set of (int, int)
        Pairs of rows, smaller first, known to be two, or not known to be one.
    later : set of int
        Rows that were put off.
    merged : list of Rows
        Groups of items that a person has joined with others.
    head : Head, optional
        Says whose each item is, once enough is confirmed.
    views : ndarray of float32, shape (n_items, any), optional
        What pictures are alike by, for the order of a page; those of ``likeness`` otherwise.
    """

    state: State
    likeness: Likeness
    ranking: Ranking
    pairs: Judge
    places: Judge
    splits: Judge
    scales: Scales
    pinned: Mask
    confirmed: Mask
    apart: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    passed: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    not_in: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    denied: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    later: set[int] = field(default_factory=set[int])
    merged: list[Rows] = field(default_factory=list[Rows])
    head: Head | None = None
    views: Floats | None = None

    # ------------------------------------------------------------------------------------- clusters and parts
    def same(
        self, splits: Iterable[Claim], moves: Iterable[tuple[float, Claim]] = (), *, pages: int = 1
    ) -> list[Question]:
        """Pages of up to nine pairs that do not follow from each other.

        Clusters that may be one; parts of a cluster that may be two, from :meth:`parts`; items and the
        clusters that they may belong to, with what each is worth.
        """
        listed = [(self._value(claim), claim) for claim in splits] + self._near(pages * PAGE_PAIRS)
        listed += moves
        listed.sort(key=_density, reverse=True)
        found: list[Question] = []
        while listed and len(found) < pages:
            claims, worth, cost, rest = list[Claim](), 0.0, 1.0, list[tuple[float, Claim]]()
            for value, claim in listed:
                doubt = min(claim.probability, 1 - claim.probability)
                poor = bool(claims) and (worth + value) / (cost + doubt) < worth / cost * 0.5
                if len(claims) == PAGE_PAIRS or poor:
                    rest.append((value, claim))
                elif value > 0:
                    worth, cost = worth + value, cost + doubt
                    claims.append(claim)
            if not claims:
                break
            claims.sort(key=lambda claim: -claim.probability)
            found.append(Question("", "same", tuple(claims), gain=worth, cost=cost))
            listed = rest
        return found

    def _near(self, most: int) -> list[tuple[float, Claim]]:
        """Pairs of clusters with their expected gain, highest first, as a forest."""
        codes = self.likeness.clusters()
        if len(codes) < 2:
            return []
        stated = self.pairs.probability(self.likeness.pairs(codes))
        probability = self.scales.real("merge", stated)
        sizes = np.array([self.state.size(int(c)) for c in codes], np.float64)
        at = {int(code): place for place, code in enumerate(codes)}
        for (a, b), times in [*self.apart.items(), *((pair, 0) for pair in self.passed)]:
            if a in at and b in at:
                # people err, and what stood for a cluster then may be elsewhere now: ask again, but late
                factor = 0.0 if (a, b) in self.passed else ASK_AGAIN**times
                probability[at[a], at[b]] *= factor
                probability[at[b], at[a]] *= factor
        gain = np.triu(probability * sizes[:, None] * sizes[None, :], 1)
        gain[probability < LEAST_PROBABILITY] = 0
        first = min(40 * most, gain.size)
        order = np.argpartition(-gain, first - 1, axis=None)[:first]
        order = order[np.argsort(-gain.ravel()[order], kind="stable")]
        joined = list(range(len(codes)))
        found: list[tuple[float, Claim]] = []
        for a, b in zip(*np.unravel_index(order, gain.shape), strict=True):
            one, other = root_of(joined, int(a)), root_of(joined, int(b))
            if gain[a, b] <= 0 or len(found) == most:
                break
            if one != other:
                joined[one] = other
                p = float(probability[a, b])
                claim = self._merge_claim(int(codes[a]), int(codes[b]), p, float(stated[a, b]))
                found.append((float(gain[a, b]), claim))
        return found

    def _value(self, claim: Claim) -> float:
        whole = self.state.size(self.state.code_of(claim.clusters[0]))
        return (1 - claim.probability) * claim.size * (whole - claim.size)

    def _merge_claim(self, a: int, b: int, probability: float, stated: float) -> Claim:
        if self.state.size(a) < self.state.size(b):
            a, b = b, a
        return Claim(
            rows=self.exemplars(b),
            beside=self.exemplars(a),
            guess=probability >= SURE,
            probability=probability,
            clusters=(self.state.id_of(a), self.state.id_of(b)),
            size=self.state.size(b),
            sort="merge",
            stated=stated,
        )

    def parts(self, code: int, one: Iterable[tuple[int, int]] = ()) -> list[Claim]:
        """What a cluster that looks mixed could lose; empty when it looks like one.

        Parameters
        ----------
        code : int
            The cluster.
        one : iterable of (int, int)
            Pairs of items known to be the same: parts with such a pair across stay together.
        """
        members = self.state.members(code)
        found = [part for part, _ in parts_of(self.likeness, members, self.pairs, most=PAGE_PAIRS + 1)]
        found = kept_together(found, one, self.confirmed)
        if len(found) < 2:
            return []
        first = tuple(self.likeness.exemplars(found[0], EXEMPLARS))
        claims: list[Claim] = []
        for part in found[1:]:
            if any(np.isin(group, part).mean() > SURE for group in self.merged):
                continue  # a person has put it here
            features = split_features(self.likeness, found[0], part)
            stated = float(self.splits.probability(features))
            p = float(self.scales.real("split", stated))
            claims.append(
                Claim(
                    rows=tuple(self.likeness.exemplars(part, EXEMPLARS)),
                    beside=first,
                    guess=p >= SURE,
                    probability=p,
                    clusters=(self.state.id_of(code),),
                    part=tuple(part.tolist()),
                    size=len(part),
                    sort="split",
                    stated=stated,
                    features=tuple(features.tolist()),
                )
            )
        return claims

    def exemplars(self, code: int, count: int = EXEMPLARS) -> tuple[int, ...]:
        """Pictures to show for a cluster."""
        return tuple(self.likeness.exemplars(self.state.members(code), count, self.confirmed))

    @property
    def asked(self) -> dict[int, int]:
        """Cluster code → of how many others it is known, or was put off, to be another."""
        out: dict[int, int] = {}
        for pair in {*self.apart, *self.passed}:
            for code in pair:
                out[code] = out.get(code, 0) + 1
        return out

    # ------------------------------------------------------------------------------------------------ noise
    def groups(self) -> Question | None:
        """Groups of noise that look like one each and like no cluster there is."""
        rows = np.flatnonzero((self.likeness.codes == -1) & self.likeness.known & ~self.pinned)
        rows = rows[[row not in self.later for row in rows.tolist()]]
        if len(rows) < 2:
            return None
        if len(rows) > NOISE_SAMPLE:
            rows = rows[np.linspace(0, len(rows) - 1, NOISE_SAMPLE).astype(np.int64)]
        parts = parts_of(self.likeness, rows, self.pairs, least=1, most=len(rows), sample=NOISE_SAMPLE)
        found = [(part, sure) for part, sure in parts if len(part) > 1 and not self._denied(part)][
            :PAGE_PAIRS
        ]
        if not found:
            return None
        mean = float(np.mean([self.state.size(r.code) for r in self.state.clusters.values()] or [1.0]))
        claims = [
            Claim(
                rows=tuple(self.likeness.exemplars(part, GROUP_SHOWN)),
                guess=float(self.scales.real("group", sure)) >= SURE,
                probability=float(self.scales.real("group", sure)),
                part=tuple(part.tolist()),
                size=len(part),
                sort="group",
                stated=sure,
            )
            for part, sure in found
        ]
        gain = sum(c.probability * c.size * max(c.size / 2, mean / 2) for c in claims)
        cost = 1.0 + sum(min(c.probability, 1 - c.probability) for c in claims)
        return Question("", "group", tuple(claims), gain=gain, cost=cost)

    def _denied(self, rows: Rows) -> bool:
        inside = set(rows.tolist())
        return any(a in inside and b in inside for a, b in self.denied)


def split_features(likeness: Likeness, rest: Rows, part: Rows) -> npt.NDArray[np.float64]:
    """Features of a part and the rest, shape (4,): as of any two groups, and the size of the part."""
    return np.append(likeness.between(rest, part).astype(np.float64), np.log2(len(part)) - TYPICAL_PART)


def _density(found: tuple[float, Claim]) -> float:
    value, claim = found
    return value / (1 / PAGE_PAIRS + min(claim.probability, 1 - claim.probability))
