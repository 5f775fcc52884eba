"""A small judge of yes and no that starts from an opinion and learns from answers."""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np
import numpy.typing as npt

__all__ = ["Judge", "Scales"]

Floats = npt.NDArray[np.float64]
ROUNDS = 12
DOUBT = {"merge": (0.3, 0.3), "split": (0.3, 0.3), "piece": (1.5, 0.1)}
"""How far the record may go from what is stated (intercept, slope): little where a judge learns as well."""
PLAIN_DOUBT = (0.7, 0.7)
LEAST = 1e-5


class Judge:
    """Logistic regression with a Gaussian prior around a first opinion.

    Parameters
    ----------
    opinion : sequence of float, length n_features + 1
        Weights to begin with, the constant first.
    doubt : float or sequence of float
        Standard deviation of the prior on each weight: how soon answers overrule the opinion.
    """

    def __init__(self, opinion: npt.ArrayLike, *, doubt: npt.ArrayLike = 2.0) -> None:
        self.opinion: Floats = np.asarray(opinion, np.float64)
        self.weights = self.opinion.copy()
        self.doubt: Floats = np.broadcast_to(np.asarray(doubt, np.float64), self.opinion.shape)

    def learn(self, features: Floats, yes: npt.NDArray[np.bool_], weight: Floats | None = None) -> None:
        """Fit to all answers so far; the opinion stays where there are none.

        The most probable weights are found by Newton steps (iteratively reweighted least squares).

        Parameters
        ----------
        features : ndarray of float, shape (n, n_features)
        yes : ndarray of bool, shape (n,)
        weight : ndarray of float, shape (n,), optional
            How much each answer counts.
        """
        weights = self.opinion.copy()
        if len(features):
            x = np.column_stack([np.ones(len(features)), features])
            much = np.ones(len(x)) if weight is None else weight
            prior = np.diag(1 / self.doubt**2)
            for _ in range(ROUNDS):
                p = _sigmoid(x @ weights)
                slope = x.T @ (much * (yes - p)) - prior @ (weights - self.opinion)
                bend = (x * (much * p * (1 - p))[:, None]).T @ x + prior
                step = np.linalg.solve(bend, slope)
                weights = weights + step * min(1.0, 4.0 / max(1e-9, float(np.abs(step).max())))
                if float(np.abs(step).max()) < 1e-4:
                    break
        self.weights = weights

    def probability(self, features: npt.NDArray[np.floating]) -> Floats:
        """Probability of yes, shape of ``features`` without its last axis."""
        return _sigmoid(self.weights[0] + features @ self.weights[1:])


class Scales:
    """Sets probabilities of several kinds right, by how the answers so far came out.

    Platt's scaling (1999) with a prior at "as stated": logit of the real probability = a + b · logit of the
    stated one, for each kind by itself, from the last answers.
    """

    def __init__(self, *, recent: int = 150) -> None:
        self._seen: dict[str, deque[tuple[float, bool]]] = defaultdict(lambda: deque(maxlen=recent))
        self._judges: dict[str, Judge] = {}

    def note(self, kind: str, stated: float, came: bool) -> None:
        """One answer: ``stated`` was the probability before scaling."""
        self._seen[kind].append((_logit(np.array(stated)).item(), came))
        self._judges.pop(kind, None)

    def forget(self, *kinds: str) -> None:
        """Take guesses of these kinds as stated again: somebody else states them from now on."""
        for kind in kinds:
            self._seen.pop(kind, None)
            self._judges.pop(kind, None)

    def real(self, kind: str, stated: npt.ArrayLike) -> Floats:
        """The probabilities to go by, of the shape of ``stated``."""
        values = np.asarray(stated, np.float64)
        if kind not in self._seen:
            return values
        if kind not in self._judges:
            judge = Judge((0.0, 1.0), doubt=DOUBT.get(kind, PLAIN_DOUBT))
            seen = self._seen[kind]
            judge.learn(np.array([[x] for x, _ in seen]), np.array([came for _, came in seen]))
            self._judges[kind] = judge
        return self._judges[kind].probability(_logit(values, LEAST)[..., None])


def _logit(p: Floats, least: float = 0.001) -> Floats:
    inside = np.clip(p, least, 1 - least)
    return np.log(inside / (1 - inside))


def _sigmoid(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40, 40)))
