"""What the answers so far teach the judges; read from what is known, so an undo unteaches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.ranking import Ranking
from shoal.review.constraints import Known

__all__ = ["Lessons"]

RECENT = 600
Floats = npt.NDArray[np.float32]


class Lessons:
    """Examples for the judges, with their features kept while the metric stays.

    Parameters
    ----------
    known : Known
        What people did and said.
    likeness : Likeness
        Measures the features.
    ranking : Ranking
        Holds the features of items.
    """

    def __init__(self, known: Known, likeness: Likeness, ranking: Ranking) -> None:
        self._known = known
        self._likeness = likeness
        self._ranking = ranking
        self._seen: dict[object, Floats] = {}

    def forget(self) -> None:
        """Measure everything anew (the metric has changed)."""
        self._seen.clear()

    def teach(self, pairs: Judge, places: Judge) -> None:
        """Fit both judges to what is known now."""
        features, yes = self._pairs()
        pairs.learn(features.astype(np.float64), yes)
        features, yes = self._places()
        places.learn(features.astype(np.float64), yes)

    def _pairs(self) -> tuple[Floats, npt.NDArray[np.bool_]]:
        found: list[Floats] = []
        yes: list[bool] = []
        codes = self._likeness.codes
        for fact in self._known.facts[-RECENT:]:
            if fact not in self._seen:
                self._seen[fact] = self._likeness.between(fact.a, fact.b)
            found.append(self._seen[fact])
            yes.append(fact.kind == "together")
        for a, b in self._known.said("apart")[-RECENT:].tolist():
            key = (a, b)
            if key not in self._seen:
                groups = [np.flatnonzero(codes == codes[row]) for row in (a, b)]
                if codes[a] == codes[b] or min(codes[a], codes[b]) < 0:
                    continue
                self._seen[key] = self._likeness.between(*groups)
            found.append(self._seen[key])
            yes.append(False)
        return np.array(found, np.float32).reshape(-1, 3), np.array(yes, bool)

    def _places(self) -> tuple[Floats, npt.NDArray[np.bool_]]:
        confirmed = np.flatnonzero(self._known.confirmed()[: len(self._likeness.codes)])
        confirmed = confirmed[self._likeness.known[confirmed]]
        if len(confirmed) > RECENT:
            confirmed = confirmed[np.linspace(0, len(confirmed) - 1, RECENT).astype(np.int64)]
        own, other, has = self._ranking.features(confirmed)
        denied = self._denied()
        features = np.concatenate([own, other[has], denied])
        yes = np.zeros(len(features), bool)
        yes[: len(own)] = True
        return features, yes

    def _denied(self) -> Floats:
        """Items of which somebody said that they are not in a cluster."""
        found: list[Floats] = []
        codes, likeness = self._likeness.codes, self._likeness
        confirmed = self._known.confirmed()[: len(codes)]
        for a, b in self._known.said("cannot")[-RECENT:].tolist():
            for row, other in ((a, b), (b, a)):
                if codes[other] >= 0 and codes[row] != codes[other] and confirmed[other] >= confirmed[row]:
                    rows = np.array([row], np.int64)
                    near, share = likeness.votes(rows, confirmed)
                    of = share[0][near[0] == codes[other]].max(initial=0.0)
                    found.append(likeness.items(rows, codes[[other]], np.array([of], np.float32))[0])
        return np.array(found, np.float32).reshape(-1, 3)
