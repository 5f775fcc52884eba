"""Clustering again without losing a correction: a proposal to look at, and one edit when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, ConflictError, NotAllowedError
from shoal.review.assist.asking import Search
from shoal.review.assist.head import Head, examples_of, learn_head
from shoal.review.assist.placing import places_of
from shoal.review.assist.queue import ReviewQueue
from shoal.review.assist.repair import Kept, broken, repaired
from shoal.review.changes import CellChange, Change
from shoal.review.commands.base import ClusterPairs, Command, Verdict, covers_lost, name_of, plural
from shoal.review.naming import free_name
from shoal.review.records import ClusterRecord
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = ["Difference", "Reclustering", "Resized", "recluster"]

Codes = npt.NDArray[np.int32]
ROUNDS = 3
STEPS = 3
SURE_MERGE = 0.95
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
CAUTIOUS = 0.9
SURE_MOVE = 0.5
BOTH_KNOWN = 3
UNTOUCHED = 100
RIGHT = 0.9
LEAST_HELD_OUT = 20


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Items that would go from one cluster to another.

    Parameters
    ----------
    source, target : str
        Names; ``"noise"`` for none.
    rows : Rows
        The items.
    source_id, target_id : str
        Ids; the target's is empty when the cluster is a new one.
    """

    source: str
    target: str
    rows: Rows
    source_id: str = ""
    target_id: str = ""

    def __str__(self) -> str:
        return f"{plural(len(self.rows))} from {self.source} to {self.target}"


@dataclass(frozen=True, slots=True)
class Resized:
    """A cluster that would gain or lose items.

    Parameters
    ----------
    name, id : str
        The id is empty for a new cluster.
    before, after : int
        Items now and then; 0 when it is new, or would go.
    """

    name: str
    id: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, eq=False)
class _Reassign(Command):
    """Put items where a new clustering has them; make its new clusters, remove those it leaves empty."""

    rows: Rows
    after: Codes
    names: dict[int, str]
    label: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        cells = CellChange(self.rows, state.codes[self.rows], self.after)
        clusters: ClusterPairs = covers_lost(state, cells)
        for code, name in self.names.items():
            record = ClusterRecord(id=f"c{code}", code=code, name=name, color=code)
            clusters[record.id] = (None, record)
        left = state.codes.copy()
        left[self.rows] = self.after
        full = set(np.unique(left).tolist())
        for record in state.clusters.values():
            if record.code not in full and state.size(record.code):
                clusters[record.id] = (record, None)
        return Verdict(Change({"code": cells}, clusters), self.label)


@dataclass(frozen=True, slots=True, eq=False)
class Reclustering:
    """A new clustering of a review, to be looked at before it is taken. Nothing has changed yet.

    Parameters
    ----------
    review : Review
        What it is of.
    revision : int
        The revision that it was made for.
    codes : ndarray of int32, shape (n_items,)
        Cluster of each item; codes that no cluster has yet are in ``names``.
    names : dict of int to str
        New clusters.
    n_kept : int
        Pins, links and facts about groups that it keeps: all there are.
    """

    review: Review
    revision: int
    codes: Codes
    names: dict[int, str]
    n_kept: int
    pinned_touched: int = 0
    _before: Codes = field(default_factory=lambda: np.empty(0, np.int32), repr=False)

    @property
    def rows(self) -> Rows:
        """Items that would go elsewhere."""
        return np.flatnonzero(self.codes != self._before)

    def differences(self) -> list[Difference]:
        """What would go where, the most items first."""
        state, rows = self.review.session.state, self.rows
        cells = CellChange(rows, self._before[rows], self.codes[rows])

        def named(code: int) -> tuple[str, str]:
            if code in self.names:
                return self.names[code], ""
            return name_of(state, state.id_of(code)), state.id_of(code)

        found: list[Difference] = []
        for old, new, of in cells.groups():
            (source, source_id), (target, target_id) = named(old), named(new)
            found.append(Difference(source, target, of, source_id, target_id))
        return sorted(found, key=lambda d: -len(d.rows))

    def sizes(self) -> list[Resized]:
        """Clusters whose number of items would change, new ones and those that would go among them."""
        state = self.review.session.state
        before = np.unique(self._before, return_counts=True)
        after = np.unique(self.codes, return_counts=True)
        was = dict(zip(before[0].tolist(), before[1].tolist(), strict=True))
        now = dict(zip(after[0].tolist(), after[1].tolist(), strict=True))
        out: list[Resized] = []
        for code in sorted({*was, *now}):
            old, new = was.get(code, 0), now.get(code, 0)
            if code < 0 or old == new:
                continue
            fresh = code in self.names
            name = self.names[code] if fresh else name_of(state, state.id_of(code))
            out.append(Resized(name, "" if fresh else state.id_of(code), old, new))
        return sorted(out, key=lambda r: (-abs(r.after - r.before), r.name))

    def __str__(self) -> str:
        pinned = f"{self.pinned_touched} pinned touched"
        return f"{len(self.rows):,} moved, {pinned}, {self.n_kept:,} corrections kept"

    def __repr__(self) -> str:
        lines = "".join(f"\n  {difference}" for difference in self.differences()[:20])
        return f"Reclustering({self}; .accept() takes it){lines}"

    def accept(self, *, source: str | None = None) -> str:
        """Take it, as one edit that can be undone; returns what was done, in words.

        Raises
        ------
        ConflictError
            When the review was edited since.
        NotAllowedError
            When it changes nothing.
        """
        if self.review.revision != self.revision:
            raise ConflictError("the review was edited since", hint="Cluster again, and look again.")
        rows = self.rows
        if not len(rows):
            raise NotAllowedError("the new clustering is the one there is", hint="Nothing to take.")
        label = f"Clustered again: {self}"
        command = _Reassign(rows, self.codes[rows], self.names, label)
        return self.review.session.do(command, base=self.revision, note="auto", source=source).label


def recluster(
    review: Review,
    labels: npt.ArrayLike | Sequence[int] | None = None,
    *,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Reclustering:
    """Cluster again, keeping every correction; the result is a proposal.

    Pinned items (placed by hand, confirmed, in reviewed clusters) stay; what was merged stays one, what was
    split or said to be two stays two; film tracks stay whole and two of one frame stay two. Clusters keep
    name, cover and colour by matching them with the new groups.

    Parameters
    ----------
    review : Review
        With vectors.
    labels : array of int, shape (n_items,), optional
        A new partition in the order of ``review.items()``, for example ``shoal.cluster(…).labels``; −1 is
        noise. Left out: one made from the present state and what the corrections teach: doubtful items go
        where the learned metric says, as far as it names held-out confirmed items rightly, and clusters
        that are surely one are joined.
    seed : int
        Of samples.
    progress : callable, optional
        Told what is being done, how many steps are done, and of how many; what it raises ends the work.

    Returns
    -------
    Reclustering
        ``print`` it, look at ``differences()``, then ``accept()`` it or let it go.

    Raises
    ------
    BadInputError
        When there is not one label an item.
    MissingError
        When the review has no vectors.
    """
    tell = progress or _quiet
    tell("comparing the items", 0, STEPS)
    queue = ReviewQueue(review, seed=seed)
    try:
        tell("learning from the corrections", 1, STEPS)
        with review.session.reading():
            revision, state = review.revision, review.session.state
            kept = Kept.of(queue.known, state.codes)
            if labels is None:
                groups = _learned(queue)
            else:
                groups = np.asarray(labels, np.int64)
                if groups.shape != kept.codes.shape:
                    raise BadInputError(
                        f"{len(groups)} labels for {len(review)} items", hint="Give one label an item."
                    )
            tell("keeping the corrections", 2, STEPS)
            codes = repaired(kept, groups, queue.likeness, state.next_code)
            lost = broken(kept, codes)
            if lost:
                raise BadInputError(
                    f"what was said contradicts itself: {lost[0]}", hint="Undo or change one of the answers."
                )
            tell("keeping the corrections", STEPS, STEPS)
            return _proposal(review, revision, codes, kept)
    finally:
        queue.close()


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _proposal(review: Review, revision: int, codes: Codes, kept: Kept) -> Reclustering:
    state, names = review.session.state, dict[int, str]()
    taken = state.copy()
    for code in np.unique(codes[codes >= 0]).tolist():
        if not state.has_code(code):
            names[code] = free_name(taken)
            taken.clusters[f"c{code}"] = ClusterRecord(id=f"c{code}", code=code, name=names[code])
    touched = int((kept.pinned & (codes != kept.codes)).sum())
    count = int(kept.pinned.sum()) + len(kept.facts) + len(kept.must) + len(kept.cannot)
    return Reclustering(review, revision, codes, names, count, touched, kept.codes)


def _learned(queue: ReviewQueue) -> npt.NDArray[np.int64]:
    """A partition from the present state: moved and joined where the model is sure."""
    if queue.learning_due:
        queue.learn()
    queue.lessons.teach(queue.pairs, queue.places)
    search = queue.search()
    search.head = queue.head = _head(queue, search)
    groups = search.state.codes.astype(np.int64).copy()
    # the head's probabilities were set right on items held out
    least = SURE_MOVE if queue.head is not None else _threshold(queue, search.confirmed)
    # items of clusters that nobody has worked on may be of somebody whom the metric has never seen
    seen = np.isin(groups, np.unique(groups[search.confirmed])) | (groups == -1)
    for _ in range(ROUNDS if queue.head is None else 1):
        found = places_of(search)
        own, other, target = found.own, found.other, found.target
        go = (other >= least) & (other > own) & ~search.pinned & seen & (target >= 0)
        for row, banned in search.not_in.items():
            go[row] &= int(target[row]) not in banned
        rows = np.flatnonzero(go & (queue.likeness.codes != target))
        if not len(rows):
            break
        change = CellChange(rows, queue.likeness.codes[rows], target[rows])
        queue.likeness.follow(Change({"code": change}))
        groups[rows] = target[rows]
        queue.ranking.refresh(queue.ranking.touched_by(rows), search.confirmed)
    return _join(queue, search, groups)


def _head(queue: ReviewQueue, search: Search) -> Head | None:
    """Who each item is, by what was corrected and by most of what nobody has touched.

    Corrections alone would teach how mistakes look: what is typical of each cluster teaches the rest.
    """
    codes, nobody = search.state.codes[: len(search.confirmed)], np.empty(0, np.int64)
    examples = examples_of(
        queue.likeness, codes, search.confirmed, nobody, typical=UNTOUCHED, unless=len(codes) + 1
    )
    return learn_head(queue.choices.points, examples, seed=queue.seed)


def _threshold(queue: ReviewQueue, confirmed: npt.NDArray[np.bool_]) -> float:
    """How probable a place must be for an item to move: there, nine of ten confirmed ones go right."""
    rows = np.flatnonzero(confirmed & queue.likeness.known)
    if len(rows) < LEAST_HELD_OUT:
        return CAUTIOUS
    own, other = (p[rows] for p in queue.ranking.probabilities(queue.places))
    right, score = own > other, np.maximum(own, other)
    for least in THRESHOLDS:
        if (score >= least).sum() >= LEAST_HELD_OUT and right[score >= least].mean() >= RIGHT:
            return least
    return CAUTIOUS


def _join(queue: ReviewQueue, search: Search, groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    codes = queue.likeness.clusters()
    if len(codes) < 2:
        return groups
    probability = queue.pairs.probability(queue.likeness.pairs(codes))
    root = {int(code): int(code) for code in codes}

    def find(code: int) -> int:
        while root[code] != code:
            code = root[code]
        return code

    banned = {*search.apart, *search.passed}
    # whoever has put several items into each of two clusters has looked at both
    sure = np.bincount(search.state.codes[search.confirmed], minlength=int(codes.max()) + 1)
    known = sure[codes] >= BOTH_KNOWN
    probability[known[:, None] & known[None, :]] = 0.0
    order = np.argsort(-np.triu(probability, 1), axis=None)
    for a, b in zip(*np.unravel_index(order, probability.shape), strict=True):
        if a >= b or probability[a, b] < SURE_MERGE:
            break
        one, other = find(int(codes[a])), find(int(codes[b]))
        if one != other and not _forbidden(banned, root, find, one, other):
            root[other] = one
    for code in root:
        groups[groups == code] = find(code)
    return groups


def _forbidden(
    banned: set[tuple[int, int]], root: dict[int, int], find: object, one: int, other: int
) -> bool:
    """Whether somebody said of any two clusters of the two groups that they are two."""
    assert callable(find)
    return any({find(a), find(b)} == {one, other} for a, b in banned if a in root and b in root)
