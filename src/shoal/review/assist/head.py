"""Whose is each item: a classifier fitted to what people confirmed, over several views of the pictures.

Kernel ridge regression (Saunders, Gammerman and Vovk 1998) on one-against-all targets: a Gaussian kernel of
the mean squared distance over the views, each scaled by its median. Its leave-one-out predictions come in
closed form, so choosing the views and stating honest probabilities costs no further fit. Clusters of which
little is confirmed lend some typical members as weak examples; what was refused somewhere and has no place
yet stands for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError
from shoal.review.assist.likeness import Likeness, components_of
from shoal.review.assist.looks import views_of
from shoal.review.rows import Rows

__all__ = ["Choices", "Examples", "Head", "examples_of", "joined_views", "learn_head"]

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]

RIDGE = 0.1
NOBODY = 0.15
TEMPERATURES = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
TOP = 6
MOST_EXAMPLES = 1_500
MOST_CHOSEN = 500
MEDIAN_OF = 400
CHUNK = 4_096
LEAST_EXAMPLES = 12
LEAST_CONFIRMED = 8
TYPICAL = 12
NOBODYS = -1
REFUSED = 0.5
WEAK = 0.1
"""What a member of a cluster that nobody has confirmed counts, of a confirmed one."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What a head is fitted to.

    Parameters
    ----------
    rows : Rows
        Items.
    codes : ndarray of int32, shape (len(rows),)
        The cluster of each.
    sure : ndarray of bool, shape (len(rows),)
        Confirmed by a person; the others are weak examples.
    """

    rows: Rows
    codes: Codes
    sure: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The most probable clusters of every item.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_items, at most 6)
        Codes of the clusters as they were when it was fitted, the most probable first.
    probability : ndarray of float32, same shape
        Of each; what is missing to 1 is other clusters, or none of them.
    examples : Examples
        What it was fitted to.
    accuracy : float
        Share of the confirmed items that it names rightly when each is left out, 0..1.
    views : int
        How many views it uses.
    """

    codes: Codes
    probability: Floats
    examples: Examples
    accuracy: float
    views: int

    def now(self, codes: Codes) -> Codes:
        """Its clusters as they are called now, by where their examples are; shape of ``self.codes``."""
        known = np.unique(self.examples.codes)
        table = np.full(int(known.max()) + 2, NOBODYS, np.int32)  # the last is nobody's
        real = self.examples.codes >= 0
        both = np.stack([self.examples.codes[real], codes[self.examples.rows[real]]])
        pairs, counts = np.unique(both, axis=1, return_counts=True)
        order = np.argsort(counts, kind="stable")  # the last one written is the commonest
        table[pairs[0, order]] = pairs[1, order]
        return table[self.codes]


def examples_of(
    likeness: Likeness,
    codes: Codes,
    confirmed: npt.NDArray[np.bool_],
    nobody: Rows,
    *,
    typical: int = TYPICAL,
    unless: int = LEAST_CONFIRMED,
) -> Examples:
    """Everything confirmed, and typical members of the clusters of which little is.

    Parameters
    ----------
    likeness : Likeness
        Says what is typical.
    codes : ndarray of int32, shape (n_items,)
        Cluster of each item.
    confirmed : ndarray of bool, shape (n_items,)
        Items that people vouch for.
    nobody : Rows
        Items that were refused where they were thought to belong, and are nowhere yet.
    typical : int
        How many members a cluster lends as weak examples.
    unless : int
        A cluster with so many confirmed items lends none.
    """
    sure = np.flatnonzero(confirmed & likeness.known & (codes >= 0))
    counts = np.bincount(codes[sure], minlength=int(codes.max(initial=0)) + 1)
    rows = [sure]
    for code in np.unique(codes[codes >= 0]).tolist():
        if counts[code] < unless:
            members = np.flatnonzero((codes == code) & ~confirmed & likeness.known)
            if not len(members):
                continue
            close = likeness.points[members] @ likeness.points[members].mean(axis=0)
            rows.append(members[np.argsort(-close, kind="stable")[:typical]])
    found = np.concatenate([*rows, nobody])
    return Examples(
        found,
        np.concatenate([codes[found[: len(found) - len(nobody)]], np.full(len(nobody), NOBODYS, np.int32)]),
        np.arange(len(found)) < len(sure),
    )


def joined_views(views: Sequence[Floats], seed: int = 0) -> Floats:
    """Views side by side, so that squared distances are the mean of theirs, each with median one."""
    rng = np.random.default_rng(seed)
    parts: list[Floats] = []
    for view in views:
        some = view[rng.choice(len(view), min(len(view), MEDIAN_OF), replace=False)]
        apart = _apart(some, some)
        apart = apart[apart > 1e-6]
        middle = float(np.median(apart)) if len(apart) else 1.0
        parts.append(view / np.float32((middle * len(views)) ** 0.5))
    return np.concatenate(parts, axis=1)


class Choices:
    """What a head may compare items by: the embedding, or the embedding and the looks of the pictures.

    Parameters
    ----------
    components : ndarray of float32, shape (n_items, n_dims)
        Of the embedding, as from :func:`~shoal.review.assist.likeness.components_of`.
    seed : int
        Of samples.
    """

    def __init__(self, components: Floats, *, seed: int = 0) -> None:
        self._components, self._seed = components, seed
        self.points: tuple[Floats, ...] = (joined_views([components], seed),)

    def add_looks(self, looks: Floats) -> None:
        """Let the head choose looks too; shape (n_items, LOOK_DIMS), NaN where unknown.

        Raises
        ------
        BadInputError
            When there is not one an item.
        """
        n = len(self._components)
        if len(looks) != n:
            raise BadInputError(f"{len(looks):,} looks for {n:,} items", hint="Give one row an item.")
        views = [components_of(view, seed=self._seed) for view in views_of(looks)]
        self.points = (self.points[0], joined_views([self._components, *views], self._seed))


def learn_head(choices: Sequence[Floats], examples: Examples, *, seed: int = 0) -> Head | None:
    """Fit a head with the views that name held-out items best.

    Parameters
    ----------
    choices : sequence of ndarray of float32, shape (n_items, any)
        What to compare the items by, as from :func:`joined_views`; the plainest first, which wins a tie.
    examples : Examples
        Confirmed items, and weak ones.
    seed : int
        Of the sample, where there are very many.

    Returns
    -------
    Head or None
        None when less than twelve items are confirmed, or all in one cluster.
    """
    sure = examples.rows[examples.sure]
    names = np.unique(examples.codes)
    if len(sure) < LEAST_EXAMPLES or len(names) < 2:
        return None
    rng = np.random.default_rng(seed)
    best, number = choices[0], 0
    if len(choices) > 1:
        losses = [_Fit(points, _some(examples, MOST_CHOSEN, rng)).loss for points in choices]
        number = int(np.argmin(losses))
        best = choices[number]
    fit = _Fit(best, _some(examples, MOST_EXAMPLES, rng))
    n, top = len(best), min(TOP, len(names))
    codes, probability = np.empty((n, top), np.int32), np.empty((n, top), np.float32)
    doubtful = np.full(n, -1, np.int64)
    rows, doubts = fit.doubts()
    doubtful[rows] = np.arange(len(rows))
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        found = fit.probability(best[part])
        some = doubtful[part] >= 0
        found[some] = doubts[doubtful[part][some]]
        order = np.argsort(-found, axis=1, kind="stable")[:, :top]
        codes[part] = fit.names[order]
        probability[part] = np.take_along_axis(found, order, 1)
    return Head(codes, probability, examples, fit.accuracy, number + 1)


class _Fit:
    """One fit: its leave-one-out loss and accuracy, and what it says of other items."""

    def __init__(self, points: Floats, examples: Examples) -> None:
        self.names, at = np.unique(examples.codes, return_inverse=True)
        k, m = len(self.names), len(at)
        self._known = points[examples.rows]
        target = np.full((m, k), -1.0 / k)
        target[np.arange(m), at] += 1
        kernel = np.exp(-_apart(self._known, self._known)).astype(np.float64)
        counts = np.where(examples.sure, 1.0, np.where(examples.codes == NOBODYS, REFUSED, WEAK))
        kernel[np.arange(m), np.arange(m)] += RIDGE / counts
        inverse = np.linalg.inv(kernel)
        self._weights = inverse @ target
        left_out = target - self._weights / np.diag(inverse)[:, None]
        sure = examples.sure
        self._doubtful = examples.rows[~sure], left_out[~sure]
        left_out, own = left_out[sure], at[sure]
        row = np.arange(len(own))
        self.accuracy = float((left_out.argmax(axis=1) == own).mean())
        losses = [
            -float(np.log(np.maximum(_shares(left_out, t)[row, own], 1e-9)).mean()) for t in TEMPERATURES
        ]
        self.loss = min(losses)
        self._temperature = TEMPERATURES[int(np.argmin(losses))]

    def doubts(self) -> tuple[Rows, Floats]:
        """The examples that nobody vouches for, and what is said of each without itself."""
        rows, scores = self._doubtful
        return rows, _shares(scores, self._temperature).astype(np.float32)

    def probability(self, points: Floats) -> Floats:
        """Of each cluster in ``names``, shape (len(points), k)."""
        found = np.exp(-_apart(points, self._known)) @ self._weights.astype(np.float32)
        return _shares(found, self._temperature).astype(np.float32)


def _shares(scores: npt.NDArray[np.floating], temperature: float) -> npt.NDArray[np.floating]:
    """Softmax with one more choice, nobody of them, at a fixed low score."""
    top = np.maximum(scores.max(axis=1, keepdims=True), NOBODY)
    raised = np.exp(temperature * (scores - top))
    return raised / (raised.sum(axis=1, keepdims=True) + np.exp(temperature * (NOBODY - top)))


def _apart(a: Floats, b: Floats) -> Floats:
    """Squared distances, shape (len(a), len(b))."""
    found = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(found, 0)


def _some(examples: Examples, most: int, rng: np.random.Generator) -> Examples:
    if len(examples.rows) <= most:
        return examples
    chosen = np.sort(rng.choice(len(examples.rows), most, replace=False))
    return Examples(examples.rows[chosen], examples.codes[chosen], examples.sure[chosen])
