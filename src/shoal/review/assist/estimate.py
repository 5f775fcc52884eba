"""How right is it: pairwise precision, recall and purity with intervals, from a random sample.

A sample of items gives a sample of pairs. What is wrong (pairs of one cluster that are two people, pairs of
one person in two clusters) is a sum over rare items, so the odds of wrong pairs to right ones get a gamma
interval as rates of rare events do. Its shape is the number of wrong items, or less where they cluster: then
the number that the jackknife's variance of the log odds amounts to. Half a wrong item is added (Jeffreys),
so that a sample without any does not claim perfection. Quantiles by Wilson and Hilferty (1931); the share of
the population that was looked at narrows the interval. How often it covers the truth is measured in
``docs/benchmarks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError

__all__ = ["Estimate", "Interval", "estimate"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF = 0.5
QUANTILE = 1.92
"""In standard deviations; 1.96 would cover somewhat more than 95 % of simulated reviews."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its 95 % interval, 0..1."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if isnan(self.value):
            return "not known yet"
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How right a clustering is, from a random sample.

    Parameters
    ----------
    precision : Interval
        Of two items in one cluster: the share that really are the same.
    recall : Interval
        Of two items that are the same: the share that are in one cluster.
    f1 : Interval
        Harmonic mean of the two; its ends are those of their ends, so it is wide rather than narrow.
    purity : Interval
        Share of the items of clusters that are of whom most of their cluster is.
    looked_at : int
        Size of the sample.
    wrong : int
        How many of them were not in the cluster they belong to.
    """

    precision: Interval
    recall: Interval
    f1: Interval
    purity: Interval
    looked_at: int
    wrong: int

    def __str__(self) -> str:
        return (
            f"pairwise precision {self.precision}, recall {self.recall}, purity {self.purity}; "
            f"{self.looked_at} items looked at, {self.wrong} in the wrong place"
        )

    def reached(self, goal: float) -> bool:
        """Whether even the low end of F1 is at ``goal`` (0..1): time to stop."""
        return self.f1.low >= goal


def estimate(found: Sequence[int], belongs: Sequence[int], n_items: int) -> Estimate:
    """Estimate pairwise precision, recall and purity.

    Parameters
    ----------
    found : sequence of int, length m
        Cluster of each item of a random sample (uniform, without replacement), as it was found; −1 noise.
    belongs : sequence of int, length m
        Cluster that it belongs to; a number that no cluster has stands for somebody without a cluster.
    n_items : int
        Items that the sample was drawn from.

    Raises
    ------
    BadInputError
        When nothing was looked at.
    """
    there = np.asarray(belongs, np.int64)
    here = np.asarray(found, np.int64).copy()
    if not len(here) or len(here) != len(there):
        raise BadInputError(
            "there is nothing to estimate from", hint="Look at some items of the sample first."
        )
    wrong = int((here != there).sum())
    lost = here < 0
    here[lost] = max(int(here.max()), int(there.max())) + 1 + np.arange(int(lost.sum()))
    left = max(1e-3, 1 - len(here) / max(n_items, len(here)))
    cell = np.unique(np.stack([here, there]), axis=1, return_inverse=True)[1].ravel()
    precision = _share(cell, here, _minority(here, there), left)
    recall = _share(cell, there, _minority(there, here), left)
    low, high = _f1(precision.low, recall.low), _f1(precision.high, recall.high)
    f1 = Interval(_f1(precision.value, recall.value), low, high)
    inside = ~lost
    # an item that is the only one looked at in its cluster says nothing of who most of that cluster is
    purity = _rate(*_minority(here[inside], there[inside]), left)
    return Estimate(precision, recall, f1, purity, len(here), wrong)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(1e-12, precision + recall)


def _pairs(key: Ints) -> tuple[float, Floats]:
    """Pairs of equal keys, and how many of them each item is in."""
    _, at, counts = np.unique(key, return_inverse=True, return_counts=True)
    return float((counts * (counts - 1) / 2).sum()), (counts - 1)[at].astype(np.float64)


def _minority(key: Ints, sub: Ints) -> tuple[int, int]:
    """Items not of the commonest ``sub`` of their ``key``, and items that have company in their key."""
    names, at = np.unique(key, return_inverse=True)
    subs, of = np.unique(sub, return_inverse=True)
    table = np.zeros((len(names), len(subs)), np.int64)
    np.add.at(table, (at, of), 1)
    if not table.size:
        return 0, 0
    sums = table.sum(axis=1)
    return int((sums - table.max(axis=1)).sum()), int(sums[sums > 1].sum())


def _share(cell: Ints, whole: Ints, minority: tuple[int, int], left: float) -> Interval:
    """Share of the pairs of ``whole`` that are also pairs of ``cell``."""
    right, right_of = _pairs(cell)
    pairs, pairs_of = _pairs(whole)
    if right <= 0 or pairs <= 0:
        return Interval(float("nan"), 0.0, 1.0)
    wrong, wrong_of = pairs - right, pairs_of - right_of
    k, company = minority
    odds = (wrong + HALF * left * 2 * pairs / max(1, company)) / right
    shape = k + HALF
    if k > 1:
        shape = min(shape, 1 / max(1e-9, _variance(wrong, wrong_of, right, right_of)) + HALF)
    return _interval(1 - wrong / pairs, shape / left, odds, none=k == 0)


def _variance(wrong: float, wrong_of: Floats, right: float, right_of: Floats) -> float:
    """Jackknife variance of the log odds of wrong pairs to right ones."""
    some = (wrong - wrong_of > 0) & (right - right_of > 0)
    if not some.any():
        return 1.0
    logs = np.full(len(wrong_of), np.log(wrong / right))
    logs[some] = np.log((wrong - wrong_of[some]) / (right - right_of[some]))
    m = len(logs)
    return float((m - 1) / m * ((logs - logs[some].mean()) ** 2).sum())


def _rate(k: int, n: int, left: float) -> Interval:
    """Share of ``n`` items that are not among the ``k`` wrong ones."""
    if not n:
        return Interval(float("nan"), 0.0, 1.0)
    odds = (k + HALF * left) / max(HALF, n - k)
    return _interval(1 - k / n, (k + HALF) / left, odds, none=k == 0)


def _interval(value: float, shape: float, odds: float, *, none: bool) -> Interval:
    """The central 95 % of a share whose odds of wrong to right are gamma distributed around ``odds``."""

    def share(z: float) -> float:
        return 1 / (1 + odds * max(0.0, 1 - 1 / (9 * shape) + z / (3 * shape**0.5)) ** 3)

    return Interval(value, min(value, share(QUANTILE)), 1.0 if none else max(value, share(-QUANTILE)))
