"""Questions about where single items and small clusters belong, and whose an item may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.review.assist.asking import EXEMPLARS, PAGE_PAIRS, SUGGESTIONS, SURE, Search
from shoal.review.assist.head import Head
from shoal.review.assist.questions import Claim, Question, Suggestion
from shoal.review.assist.seriation import side_by_side
from shoal.review.rows import Rows

__all__ = [
    "PAGE_ITEMS",
    "Places",
    "fragment",
    "moves",
    "page_of_items",
    "places_of",
    "questions_about_items",
    "seeds",
    "single_item",
    "suggestions_for",
]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

PAGE_ITEMS = 60
FRAGMENT = 0.4
SMALL = 0.7
WRONG_KEYS = 1.2
CANDIDATES = 4_000
SENDS = 9
LIKELY = 0.4
SEEDS = 30
MOVES = 18
LEAST_MOVE = 0.25
POOR = 0.25
FEW = 4
SEEDED = 12
TEACHES = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each item is, where else it may be, and what an answer about it would bring.

    Parameters
    ----------
    own, other : ndarray of float32, shape (n_items,)
        Probability of its own cluster (0 for noise), and of the best other one.
    target : ndarray of int32, shape (n_items,)
        That other cluster's code; −1 for none.
    stated_own, stated_other : ndarray of float32, shape (n_items,)
        The same before the record of such guesses was taken into account.
    moves, checks : ndarray of float32, shape (n_items,)
        Expected pairs put right by asking whether it belongs there, or here; 0 where that is not asked.
    codes : ndarray of int32, shape (n_items,)
        Where it is.
    """

    own: Floats
    other: Floats
    target: Codes
    stated_own: Floats
    stated_other: Floats
    moves: Floats
    checks: Floats
    codes: Codes


def places_of(search: Search) -> Places:
    """What is known of the place of every item."""
    own, other, target = _stated(search)
    stated = own, other
    own, other = (
        search.scales.real(kind, p).astype(np.float32)
        for kind, p in (("check", stated[0]), ("move", stated[1]))
    )
    codes = search.likeness.codes
    other[target < 0] = 0.0
    own[codes < 0] = 0.0
    open_rows = ~search.pinned & (codes != -2)
    if search.later:
        open_rows[list(search.later)] = False
    for row, banned in search.not_in.items():
        if int(target[row]) in banned:
            other[row] = 0.0
    size = np.bincount(codes[codes >= 0], minlength=max(int(codes.max(initial=0)) + 1, 1))
    here = np.where(codes >= 0, size[np.maximum(codes, 0)], 0).astype(np.float32)
    there = np.where(target >= 0, size[np.maximum(target, 0)], 0).astype(np.float32)
    moves = np.where((other > own) & open_rows, other * there + (1 - own) * here, 0)
    checks = np.where((codes >= 0) & (other <= own) & open_rows, (1 - own) * here + other * there * 0.5, 0)
    return Places(own, other, target, *stated, moves, checks, codes)


def _stated(search: Search) -> tuple[Floats, Floats, Codes]:
    """By the head where it knows the cluster that an item is in, by centroid and neighbours elsewhere."""
    own, other = search.ranking.probabilities(search.places)
    target = search.ranking.other.copy()
    if search.head is None:
        return own, other, target
    codes = search.likeness.codes
    listed, share = _shares(search.head, codes, search.not_in)
    by_head, best = np.zeros(len(codes), np.float32), np.zeros(len(codes), np.float32)
    first = np.full(len(codes), -1, np.int32)
    for place in range(listed.shape[1]):
        code, p = listed[:, place], share[:, place]
        mine = code == codes
        by_head += p * mine
        better = ~mine & (code >= 0) & (p > best)
        best, first = np.where(better, p, best), np.where(better, code, first)
    told = np.zeros(max(int(codes.max(initial=0)), int(listed.max(initial=0))) + 1, bool)
    told[listed[listed >= 0]] = True
    trusted = ((codes < 0) | told[np.maximum(codes, 0)]) & search.likeness.known
    own = np.where(trusted, by_head, own).astype(np.float32)
    other = np.where(trusted, best, other).astype(np.float32)
    return own, other, np.where(trusted, first, target).astype(np.int32)


def _shares(head: Head, codes: Codes, not_in: dict[int, set[int]]) -> tuple[Codes, Floats]:
    """Clusters of the head as they are now, and their probabilities without those known to be wrong."""
    listed, share = head.now(codes), head.probability.copy()
    for row, banned in not_in.items():
        wrong = np.isin(listed[row], list(banned))
        if wrong.any():
            left = max(0.05, 1 - float(share[row][wrong].sum()))
            share[row] = np.where(wrong, 0, share[row] / left)
    return listed, share


def questions_about_items(search: Search, places: Places) -> list[Question | None]:
    """The best page of items, the best page to learn from, and the best single item."""
    return [page_of_items(search, places), seeds(search, places), single_item(search, places)]


def moves(search: Search, places: Places, *, most: int = MOVES) -> list[tuple[float, Claim]]:
    """Items that may belong to another cluster, each beside it, with what an answer is worth."""
    rows = np.flatnonzero((places.moves > 0) & (places.other >= LEAST_MOVE))
    # where many may belong to one cluster, a page for that cluster asks about them all
    same = np.bincount(places.target[rows], minlength=1)[places.target[rows]]
    rows = rows[same <= FEW]
    if not len(rows):
        return []
    doubt = np.minimum(places.other[rows], 1 - places.other[rows])
    codes, size = places.codes[rows], np.bincount(places.codes[places.codes >= 0])
    size = np.append(size, np.zeros(int(places.target.max(initial=0)) + 1))
    here = np.where(codes >= 0, size[np.maximum(codes, 0)], 0)
    gain = places.other[rows] * (size[places.target[rows]] + here)  # a no leaves it where it is
    order = np.argsort(-gain / (1 / PAGE_PAIRS + doubt), kind="stable")[:most]
    found: list[tuple[float, Claim]] = []
    for row, worth in zip(rows[order].tolist(), gain[order].tolist(), strict=True):
        p, code = float(places.other[row]), int(places.target[row])
        claim = Claim(
            rows=(row,),
            beside=search.exemplars(code),
            guess=p >= SURE,
            probability=p,
            clusters=(search.state.id_of(code),),
            sort="move",
            stated=float(places.stated_other[row]),
        )
        found.append((worth, claim))
    return found


def page_of_items(search: Search, places: Places) -> Question | None:
    """The best page of items for one cluster: those that may belong to it, wherever they are now."""
    moves, checks = places.moves, places.checks
    gain = np.maximum(moves, checks)
    sure = np.where(moves >= checks, places.other, places.own)
    asked = np.where(moves >= checks, places.target, search.likeness.codes)
    # the screen costs a key for all, a wrong guess one more (and the item comes again)
    density = gain / (1 / PAGE_ITEMS + WRONG_KEYS * np.minimum(sure, 1 - sure))
    # what is hardly likely is better asked by itself, or with others like it
    rows = np.flatnonzero((gain > 0) & (sure >= LIKELY))
    if not len(rows):
        return None
    if len(rows) > CANDIDATES:
        rows = rows[np.argpartition(-density[rows], CANDIDATES)[:CANDIDATES]]
    target = asked[rows]
    order = np.lexsort((-density[rows], target))
    rows, target = rows[order], target[order]
    yes = sure[rows]
    best: tuple[float, float, int, Rows] | None = None
    starts = np.flatnonzero(np.diff(target, prepend=target[0] - 1))
    for start, stop in zip(starts, np.append(starts[1:], len(rows)), strict=True):
        part = slice(int(start), min(int(stop), int(start) + PAGE_ITEMS))
        worths = np.cumsum(gain[rows[part]], dtype=np.float64)
        costs = 1.0 + WRONG_KEYS * np.cumsum(np.minimum(yes[part], 1 - yes[part]), dtype=np.float64)
        # what is more doubtful than the rest of a page is better asked when more is known
        rate = worths / costs
        poor = np.flatnonzero(np.diff(worths) < POOR * rate[:-1] * np.diff(costs))
        most = int(poor[0]) if len(poor) else len(worths) - 1
        worth, cost = float(worths[most]), float(costs[most])
        if best is None or worth / cost > best[0] / best[1]:
            best = worth, cost, int(target[start]), rows[part][: most + 1]
    if best is None:
        return None
    worth, cost, code, chosen = best
    claims = _claims(search, places, chosen, sure)
    return _page(search, code, claims, worth, cost)


def _page(
    search: Search,
    code: int,
    claims: tuple[Claim, ...],
    gain: float,
    cost: float,
    shown: tuple[int, ...] = (),
) -> Question:
    """With pictures of the cluster, and of those that what does not belong may be sent to."""
    chosen = {claim.rows[0] for claim in claims}
    if not shown:
        found = search.exemplars(code, EXEMPLARS + 3)
        shown = (tuple(row for row in found if row not in chosen) or found)[:EXEMPLARS]
    found = _rivals(search, code, np.array(sorted(chosen), np.int64))
    cluster = search.state.id_of(code)
    return Question("", "place", claims, found, cluster=cluster, shown=shown, gain=gain, cost=cost)


def _rivals(search: Search, code: int, chosen: Rows) -> tuple[Suggestion, ...]:
    """The clusters that items on a page for ``code`` most probably belong to instead."""
    likeness, state = search.likeness, search.state
    codes = likeness.clusters()
    means, _ = likeness.means(codes)
    means = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    cosine = means @ likeness.points[chosen].mean(axis=0)
    weight = cosine.astype(np.float64)
    if search.head is not None:
        listed, share = search.head.now(likeness.codes)[chosen], search.head.probability[chosen]
        weight += np.array([float(share[listed == c].sum()) for c in codes.tolist()])
    order = [place for place in np.argsort(-weight, kind="stable").tolist() if int(codes[place]) != code]
    found: list[Suggestion] = []
    for place in order[:SENDS]:
        record = state.clusters[state.id_of(int(codes[place]))]
        pictures = search.exemplars(int(codes[place]), 3)
        found.append(Suggestion(record.id, record.name, float(cosine[place]), float("nan"), 0.0, pictures))
    return tuple(found)


def seeds(search: Search, places: Places) -> Question | None:
    """The most typical items of a cluster of which little is confirmed: the head learns from them.

    Worth asking the more of its items are in doubt, since an answer tells of all of them.
    """
    codes, open_rows = search.likeness.codes, ~search.pinned & search.likeness.known
    if search.later:
        open_rows[list(search.later)] = False
    top = int(codes.max(initial=0)) + 1
    inside = np.flatnonzero((codes >= 0) & open_rows)
    doubt = np.bincount(codes[inside], 1 - places.own[inside], minlength=top)
    size = np.bincount(codes[inside], minlength=top)
    sure = np.bincount(codes[np.flatnonzero(search.confirmed & (codes >= 0))], minlength=top)
    # where most would have to be refused, as answers so far have shown, little is learned for a key
    likely = 1 - doubt / np.maximum(size, 1)
    gain = np.where(sure < SEEDED, TEACHES * doubt * size * likely**2, 0)
    code = int(np.argmax(gain)) if len(gain) else -1
    if code < 0 or size[code] < SEEDED:
        return None
    members = np.flatnonzero((codes == code) & open_rows)
    close = search.likeness.points[members] @ search.likeness.points[members].mean(axis=0)
    chosen = np.sort(members[np.argsort(-close, kind="stable")[:SEEDS]])
    own = places.own[chosen]
    cost = 1.0 + float(np.minimum(own, 1 - own).sum())
    claims = _claims(search, places, chosen, places.own)
    # nothing else stands for the cluster yet than what is most typical of it
    typical = tuple(members[np.argsort(-close, kind="stable")[:EXEMPLARS]].tolist())
    shown = typical if not sure[code] else ()
    return _page(search, code, claims, float(gain[code]), cost, shown)


def _claims(search: Search, places: Places, chosen: Rows, sure: Floats) -> tuple[Claim, ...]:
    """One an item; those that look alike side by side, so that what does not belong comes in runs."""
    move = places.moves[chosen] >= places.checks[chosen]
    views = search.likeness.points if search.views is None else search.views
    return tuple(
        Claim(
            rows=(int(chosen[i]),),
            guess=True,
            probability=float(sure[chosen[i]]),
            sort="move" if move[i] else "check",
            stated=float((places.stated_other if move[i] else places.stated_own)[chosen[i]]),
        )
        for i in side_by_side(views[chosen]).tolist()
    )


def single_item(search: Search, places: Places) -> Question | None:
    """The item of noise, or of a doubtful place, about which it is best to ask by itself."""
    codes, own, other = search.likeness.codes, places.own, places.other
    size = np.bincount(codes[codes >= 0], minlength=1)
    open_rows = ~search.pinned & (codes == -1)
    if search.later:
        open_rows[list(search.later)] = False
    lost = np.where(open_rows & (other < LIKELY), (0.3 + other) * max(1.0, size.mean()), 0)
    gain = np.maximum(lost, np.where((codes >= 0) & (own < LIKELY) & (other < LIKELY), places.moves, 0))
    row = int(np.argmax(gain)) if len(gain) else -1
    if row < 0 or gain[row] <= 0:
        return None
    found = suggestions_for(search, row, banned=search.not_in.get(row, ()))
    return Question("", "who", suggestions=found, shown=(row,), gain=float(gain[row]), cost=1.0)


def fragment(search: Search) -> Question | None:
    """Which other cluster the small one is that most likely is a piece of another."""
    codes = search.likeness.clusters()
    if len(codes) < 2:
        return None
    sizes = np.array([search.state.size(int(c)) for c in codes], np.float64)
    asked, mean, most = search.asked, float(sizes.mean()), float(sizes.max()) * SMALL
    # how often a small cluster was a piece of another so far
    share = FRAGMENT * float(search.scales.real("piece", 0.5))
    found = [
        (size * mean * share / (1 + asked.get(code, 0)), code)
        for code, size in zip(codes.tolist(), sizes.tolist(), strict=True)
        if size <= most and asked.get(code, 0) < min(len(codes) - 1, SUGGESTIONS)
    ]
    if not found:
        return None
    gain, code = max(found)
    shown = search.exemplars(code)
    sure = [*search.passed, *(pair for pair, times in search.apart.items() if times > 1)]
    banned = {b if a == code else a for a, b in sure if code in (a, b)}
    listed = suggestions_for(search, shown[0], banned=[*banned, code]) if shown else ()
    if not listed:
        return None
    return Question("", "who", suggestions=listed, cluster=search.state.id_of(code), shown=shown, gain=gain)


def suggestions_for(
    search: Search, row: int, *, count: int = SUGGESTIONS, banned: Iterable[int] = (), exemplars: int = 3
) -> tuple[Suggestion, ...]:
    """Clusters that an item might belong to, most probable first.

    Judged by centroid, neighbours and what is inside the cluster, as :class:`Likeness` measures them.
    """
    likeness, state = search.likeness, search.state
    codes = likeness.clusters()
    codes = codes[~np.isin(codes, list(banned))]
    if not len(codes):
        return ()
    rows = np.full(len(codes), row, np.int64)
    near, share = likeness.votes(rows[:1], search.confirmed)
    votes = np.array([share[0][near[0] == code].max(initial=0.0) for code in codes.tolist()], np.float32)
    probability = search.places.probability(likeness.items(rows, codes, votes))
    means, _ = likeness.means(codes)
    cosine = means @ likeness.points[row] / np.maximum(np.linalg.norm(means, axis=1), 1e-9)
    found: list[Suggestion] = []
    for place in np.lexsort((-cosine, -probability))[:count].tolist():
        code = int(codes[place])
        close = [j for j in likeness.near[row].tolist() if j >= 0 and likeness.codes[j] == code]
        nearest = max((float(likeness.points[j] @ likeness.points[row]) for j in close), default=float("nan"))
        record = state.clusters[state.id_of(code)]
        pictures = search.exemplars(code, exemplars)
        found.append(
            Suggestion(record.id, record.name, float(cosine[place]), nearest, float(votes[place]), pictures)
        )
    return tuple(found)
