"""Proposals to split a cluster: its natural parts, or even ones, with what a person needs to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from shoal.errors import BadInputError, NotAllowedError
from shoal.review.partition import (
    Check,
    Floats,
    Labels,
    compact,
    distances,
    even_parts,
    natural_parts,
    silhouette,
)
from shoal.review.rows import Rows

__all__ = ["MOST_PARTS", "Method", "SplitProposal", "examples", "propose"]

Method = Literal["auto", "natural", "even"]
Way = Literal["natural", "even"]

SAMPLE = 1_200
MOST_PARTS = 6
MOST_EVEN = 5
LEAST_SHARE = 0.03
CLEAR = 0.4
"""Below this silhouette the items are said to look like one."""
TYPICAL_SHARE = 0.85
NATURAL_FIRST = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class SplitProposal:
    """How one cluster could be split. Nothing has changed yet; :meth:`Review.accept_split` does it.

    Parameters
    ----------
    cluster, name : str
        Id and name of the cluster.
    method : {"natural", "even"}
        Along the gaps between its items (condensed tree), or by k-means.
    rows : ndarray of int64
        Its items, ascending.
    labels : mapping of int to ndarray of uint8
        Number of parts → part of each item; part 0 is the largest.
    scores : mapping of int to float
        Number of parts → mean silhouette, −1..1: how clear the parts are.
    suggested : int
        The number of parts that is clearest; 1 when the items look like one.
    """

    cluster: str
    name: str
    method: Way
    rows: Rows
    labels: Mapping[int, Labels]
    scores: Mapping[int, float]
    suggested: int

    @property
    def levels(self) -> list[int]:
        """Numbers of parts that can be had, ascending."""
        return sorted(self.labels)

    def parts(self, k: int | None = None) -> list[Rows]:
        """Row numbers of each of ``k`` parts (the suggested number when left out), the largest first.

        Raises
        ------
        BadInputError
            When it was not proposed in ``k`` parts.
        """
        k = max(2, self.suggested) if k is None else k
        if k not in self.labels:
            raise BadInputError(f"there is no proposal of {k} parts", hint=f"There are {self.levels}.")
        return [self.rows[self.labels[k] == part] for part in range(k)]

    def __repr__(self) -> str:
        sizes = " + ".join(f"{len(part):,}" for part in self.parts()) if self.labels else "no parts"
        clear = "" if self.suggested > 1 else ", but they look like one"
        return f"SplitProposal({self.name!r} by {self.method}: {sizes}{clear}; levels {self.levels})"


def propose(
    points: Floats,
    rows: Rows,
    *,
    cluster: str,
    name: str,
    method: Method = "auto",
    seed: int = 0,
    check: Check = lambda: None,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> SplitProposal:
    """Find the parts of a cluster.

    Parameters
    ----------
    points : ndarray of float32, shape (n, n_dims)
        The items of the cluster, where Euclidean distance means something: unit vectors, or places on the
        map. NaN rows are unknown: they stay with the largest part.
    rows : ndarray of int64, shape (n,)
        Their row numbers.
    method : {"auto", "natural", "even"}
        ``"auto"`` takes the natural parts where they are about as clear as even ones.
    seed : int
        The same seed gives the same parts. Above 1,200 items a sample is cut, and the others follow the
        nearest of it.
    check : callable
        Raises to stop.

    Raises
    ------
    NotAllowedError
        When fewer than four of its items have a vector.
    """
    known = np.flatnonzero(np.isfinite(points[:, 0]))  # what is unknown is so in all dimensions
    if len(known) < 4:
        raise NotAllowedError(
            f"{name!r} has too few items with a vector for a proposal",
            hint="Select items and split them off.",
        )
    progress("looking for parts", 0, 3)
    check()
    space = compact(points if len(known) == len(points) else points[known])
    rng = np.random.default_rng(seed)
    m = min(len(known), SAMPLE)
    picked = np.arange(m) if m == len(known) else np.sort(rng.choice(len(known), m, replace=False))
    sample = space[picked]
    away = distances(sample, sample)
    np.fill_diagonal(away, 0)
    ways: dict[Way, list[Labels]] = {}
    if method in ("auto", "natural"):
        least = max(2 if m < 12 else 3, round(LEAST_SHARE * m))
        ways["natural"] = natural_parts(away, MOST_PARTS, least, check=check)
    progress("looking for parts", 1, 3)
    if method in ("auto", "even") or not ways["natural"]:
        ks = range(2, min(MOST_EVEN, m - 1) + 1)
        ways["even"] = [even_parts(sample, k, seed=seed, check=check) for k in ks]
    progress("looking for parts", 2, 3)
    scored: dict[Way, list[float]] = {
        way: [silhouette(away, labels) for labels in found] for way, found in ways.items() if found
    }
    way: Way = max(scored, key=lambda w: max(scored[w]) + (NATURAL_FIRST if w == "natural" else 0))
    follow = distances(space, sample).argmin(axis=1) if m < len(known) else None
    labels: dict[int, Labels] = {}
    scores: dict[int, float] = {}
    for found, score in zip(ways[way], scored[way], strict=True):
        check()
        part = found if follow is None else found[follow]
        k = int(part.max()) + 1
        if k >= 2 and k not in labels:
            labels[k], scores[k] = _largest_first(part, known, len(rows), k), score
    progress("looking for parts", 3, 3)
    clearest = max(scores, key=lambda k: scores[k])
    suggested = clearest if scores[clearest] >= CLEAR else 1
    return SplitProposal(cluster, name, way, rows, labels, scores, suggested)


def _largest_first(part: Labels, known: Any, n: int, k: int) -> Labels:
    order = np.argsort(-np.bincount(part, minlength=k), kind="stable")
    rank = np.empty(k, np.uint8)
    rank[order] = np.arange(k)
    out = np.zeros(n, np.uint8)
    out[known] = rank[part]
    return out


def examples(points: Floats, count: int = 8) -> list[int]:
    """Places of items that show what a part holds: the most typical one, then the most different of the rest.

    The outermost 15 % are left out: they say least about a part.
    """
    known = np.flatnonzero(np.isfinite(points).all(axis=1))[:20_000]
    if not len(known):
        return list(range(min(count, len(points))))
    space = points[known]
    centre = space.mean(axis=0, keepdims=True)
    from_centre = distances(space, centre)[:, 0]
    order = np.argsort(from_centre, kind="stable")
    order = order[: max(count, int(TYPICAL_SHARE * len(order)))]
    if len(order) > SAMPLE:
        order = order[np.linspace(0, len(order) - 1, SAMPLE).astype(np.int64)]
    chosen = [0]
    nearest = distances(space[order], space[order[:1]])[:, 0]
    while len(chosen) < min(count, len(order)):
        at = int(nearest.argmax())
        if at in chosen:
            at = next(i for i in range(len(order)) if i not in chosen)
        chosen.append(at)
        nearest = np.minimum(nearest, distances(space[order], space[order[at : at + 1]])[:, 0])
    return [int(known[order[i]]) for i in chosen]
