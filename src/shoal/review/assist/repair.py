"""Makes a new partition keep everything that people and the film have said.

Constrained assignment and repair, no tricks with distances: the present state already satisfies what people
did, since every edit was carried out when it was made. So whatever a new partition breaks can be put back
to how it is now, and the repair always ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.review.assist.likeness import Likeness
from shoal.review.assist.matching import match
from shoal.review.constraints import Fact, Known, Links, most_in
from shoal.review.rows import Rows

__all__ = ["Kept", "broken", "repaired"]

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a partition has to keep, as of now.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_items,)
        The present state.
    pinned : ndarray of bool, shape (n_items,)
        Items that stay where they are.
    facts : list of Fact
        About groups of items.
    must, cannot : ndarray of int64, shape (m, 2)
        Pairs of items. Those that contradict two pins are left out: pins are stronger.
    """

    codes: Codes
    pinned: Mask
    facts: list[Fact]
    must: Links
    cannot: Links

    @classmethod
    def of(cls, known: Known, codes: Codes) -> Kept:
        """Everything that is known now."""
        n = len(codes)
        pinned = known.pinned()[:n]
        film_must, film_cannot = known.film()
        must = np.concatenate([known.said("must"), film_must])
        cannot = np.concatenate([known.said("cannot"), known.said("apart"), film_cannot])
        fixed = pinned[must].all(axis=1) & (codes[must[:, 0]] != codes[must[:, 1]])
        tied = pinned[cannot].all(axis=1) & (codes[cannot[:, 0]] == codes[cannot[:, 1]])
        return cls(codes.copy(), pinned, known.standing(), must[~fixed], cannot[~tied])


def broken(kept: Kept, codes: Codes) -> list[str]:
    """What ``codes`` does not keep, in words; empty when all is kept."""
    out = [f"item {row} is pinned" for row in np.flatnonzero(kept.pinned & (codes != kept.codes)).tolist()]
    out += [
        f"groups of items {fact.a[0]} and {fact.b[0]} are {fact.kind}"
        for fact in kept.facts
        if not fact.holds(codes)
    ]
    must, cannot = kept.must, kept.cannot
    apart = must[codes[must[:, 0]] != codes[must[:, 1]]]
    out += [f"items {a} and {b} are one" for a, b in apart.tolist()]
    one = cannot[(codes[cannot[:, 0]] == codes[cannot[:, 1]]) & (codes[cannot[:, 0]] >= 0)]
    out += [f"items {a} and {b} are two" for a, b in one.tolist()]
    return out


def repaired(kept: Kept, labels: npt.NDArray[np.integer], likeness: Likeness, next_code: int) -> Codes:
    """The partition ``labels`` in the codes of the review, changed as little as keeping everything takes.

    Parameters
    ----------
    kept : Kept
        What must hold.
    labels : ndarray of int, shape (n_items,)
        New groups; negative for noise. Trash stays trash, whatever it says.
    likeness : Likeness
        Decides between clusters that claim one group.
    next_code : int
        Groups that continue no cluster get codes from here on.

    Returns
    -------
    ndarray of int32, shape (n_items,)
    """
    codes = _named(kept, labels, next_code)
    codes = _shared(kept, codes, labels, likeness)
    codes[kept.pinned] = kept.codes[kept.pinned]
    parts = _components(kept.must)
    for _ in range(4):
        _together(kept, codes, parts)
        _facts(kept, codes)
        _apart(kept, codes, parts)
        codes[kept.pinned] = kept.codes[kept.pinned]
        if not broken(kept, codes):
            return codes
    return _undone(kept, codes)


def _named(kept: Kept, labels: npt.NDArray[np.integer], next_code: int) -> Codes:
    found = match(kept.codes, labels, kept.pinned)
    codes = np.full(len(labels), -1, np.int32)
    for group in np.unique(labels[labels >= 0]).tolist():
        if group not in found:
            found[group] = next_code
            next_code += 1
        codes[labels == group] = found[group]
    codes[kept.codes == -2] = -2
    return codes


def _shared(kept: Kept, codes: Codes, labels: npt.NDArray[np.integer], likeness: Likeness) -> Codes:
    """A group with pinned items of several clusters: its other items go to the pinned ones most like them."""
    out = codes.copy()
    for group in np.unique(labels[kept.pinned & (labels >= 0)]).tolist():
        rows = np.flatnonzero(labels == group)
        seeds = rows[kept.pinned[rows] & (kept.codes[rows] >= 0)]
        claims = np.unique(kept.codes[seeds])
        if len(claims) < 2:
            continue
        free = rows[~kept.pinned[rows]]
        sims = likeness.points[free] @ likeness.points[seeds].T
        best = np.stack([sims[:, kept.codes[seeds] == code].max(axis=1) for code in claims.tolist()], axis=1)
        if len(free):
            out[free] = claims[best.argmax(axis=1)]
    return out


def _components(must: Links) -> list[Rows]:
    """Groups of items that must be together, with two items or more."""
    root = {int(row): int(row) for row in np.unique(must)}

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for a, b in must.tolist():
        root[find(a)] = find(b)
    parts: dict[int, list[int]] = {}
    for row in root:
        parts.setdefault(find(row), []).append(row)
    return [np.array(sorted(part), np.int64) for part in parts.values()]


def _together(kept: Kept, codes: Codes, parts: list[Rows]) -> None:
    for part in parts:
        sure = part[kept.pinned[part]]
        if len(sure):
            codes[part] = kept.codes[sure[0]]
        elif len(np.unique(codes[part])) > 1:
            values, counts = np.unique(codes[part], return_counts=True)
            inside = values >= 0
            codes[part] = values[inside][np.argmax(counts[inside])] if inside.any() else -1


def _facts(kept: Kept, codes: Codes) -> None:
    """Groups whose clusters a person has joined or kept apart: where that is broken, both are put back."""
    for fact in kept.facts:
        if fact.holds(codes):
            continue
        for code in {most_in(kept.codes, fact.a), most_in(kept.codes, fact.b)}:
            _put_back(kept, codes, code)


def _put_back(kept: Kept, codes: Codes, code: int) -> None:
    here = kept.codes == code
    codes[here] = code
    strangers = (codes == code) & ~here
    codes[strangers] = kept.codes[strangers]


def _apart(kept: Kept, codes: Codes, parts: list[Rows]) -> None:
    """Of two items that are not the same, the one that is not pinned leaves, with those it belongs with."""
    home = {row: part for part in parts for row in part.tolist()}
    for a, b in kept.cannot.tolist():
        if codes[a] != codes[b] or codes[a] < 0:
            continue
        group_a, group_b = (home.get(row, np.array([row], np.int64)) for row in (a, b))
        leaving = group_b if kept.pinned[group_a].any() or len(group_a) > len(group_b) else group_a
        if kept.pinned[leaving].any():
            leaving = group_a if leaving is group_b else group_b
        before = kept.codes[leaving[0]]
        codes[leaving] = before if before != codes[a] and before >= 0 else -1


def _undone(kept: Kept, codes: Codes) -> Codes:
    """Last resort: the present state, but for what is broken in it too."""
    codes = kept.codes.copy()
    parts = _components(kept.must)
    for _ in range(4):
        _together(kept, codes, parts)
        _apart(kept, codes, parts)
        codes[kept.pinned] = kept.codes[kept.pinned]
    return codes
