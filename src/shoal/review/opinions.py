"""A second model's word on where items belong, and where two models disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError
from shoal.review.changes import Change
from shoal.review.quality import LazyQuality, Quality
from shoal.review.records import TRASH_CODE
from shoal.review.session import Event, Session
from shoal.review.state import State

__all__ = ["CLEAR", "Disagreement", "Favourites", "Opinions"]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

CLEAR = 0.5
"""From here on a disagreement is told of: each model leads by half of what it usually leads by, or more."""
OWN = "likeness"
CHUNK = 4_000_000
LEAST_LEAD = 1e-3


class Favourites:
    """The cluster that one model would put each item into; after an edit only what it touched is sought anew.

    That is the cluster whose centroid is nearest by cosine, where an item does not count for the centroid of
    its own cluster: else it would speak for itself.

    Parameters
    ----------
    quality : Quality
        The centroids by that model, kept up to date by whoever made it.
    """

    def __init__(self, quality: Quality) -> None:
        self.quality = quality
        n = len(quality.unit)
        self._code, self._best = np.full(n, -1, np.int32), np.full(n, -1, np.float32)
        self._stale: set[int] | None = None
        self._usual = LEAST_LEAD

    def follow(self, change: Change) -> None:
        """Note which clusters have changed."""
        cells = change.cells.get("code")
        if cells is not None and self._stale is not None:
            for before, after, _ in cells.groups():
                self._stale |= {before, after}

    def now(self, state: State) -> Codes:
        """Code of each item's favourite, shape (n_items,); −1 for none. Do not write to it."""
        codes, _ = self.quality.centroids(state)
        everyone = np.arange(len(self._code), dtype=np.int64)
        if self._stale is None:
            second = self._seek(state, everyone, codes)
            lead = (self._best - second)[self.quality.known & (second > -1)]
            self._usual = max(LEAST_LEAD, float(np.median(lead))) if len(lead) else LEAST_LEAD
        elif self._stale:
            stale = np.array(sorted(self._stale), np.int32)
            lost = np.isin(self._code, stale)
            self._seek(state, everyone[lost], codes)
            changed = codes[np.isin(codes, stale)]
            if len(changed):
                self._seek(state, everyone[~lost], changed, keep=True)
        self._stale = set()
        return self._code

    def lead(self, state: State, rows: Rows, over: Codes) -> Floats:
        """How much nearer items are to their favourite than to another cluster; 1 is as usual."""
        codes, _ = self.quality.centroids(state)
        at = np.minimum(np.searchsorted(codes, over), len(codes) - 1)
        cosine = self._similarity(state, rows, codes)[np.arange(len(rows)), at]
        other = np.where(codes[at] == over, cosine, -1)  # a cluster that this model knows nothing of
        return ((self._best[rows] - other) / self._usual).astype(np.float32)

    def _seek(self, state: State, rows: Rows, codes: Codes, *, keep: bool = False) -> Floats:
        """Find the nearest among some clusters (beside the one that was found before); returns the second."""
        second = np.full(len(rows), -1, np.float32)
        if not keep:
            self._code[rows], self._best[rows] = -1, -1
        if not len(codes):
            return second
        step = max(1, CHUNK // len(codes))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            part = part[self.quality.known[part]]
            found = self._similarity(state, part, codes)
            at, line = found.argmax(axis=1), np.arange(len(part))
            top = found[line, at]
            better = top > self._best[part]
            self._code[part[better]], self._best[part[better]] = codes[at[better]], top[better]
            if not keep:
                found[line, at] = -1
                second[np.searchsorted(rows, part)] = found.max(axis=1)
        return second

    def _similarity(self, state: State, rows: Rows, codes: Codes) -> Floats:
        """Cosines to the centroids of clusters, shape (len(rows), len(codes)); to its own without itself."""
        of, centres = self.quality.centroids(state)
        place = np.searchsorted(of, codes)
        found = self.quality.unit[rows] @ centres[place].T
        at = np.minimum(np.searchsorted(codes, state.codes[rows]), len(codes) - 1)
        mine = np.flatnonzero(codes[at] == state.codes[rows])
        at = at[mine]
        # with S the sum of a cluster's unit vectors, that of the others is S − x
        length = self.quality.lengths(codes)[at]
        along = length * found[mine, at]
        rest = np.sqrt(np.maximum(length**2 - 2 * along + 1, 0))
        alone = rest < LEAST_LEAD
        found[mine, at] = np.where(alone, -1, (along - 1) / np.where(alone, 1, rest))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """Where two models put items into different clusters.

    Parameters
    ----------
    score : ndarray of float32, shape (n_items,)
        How sure both are of it, in leads that are usual for each, the smaller of the two: 0 where they agree,
        1 where both prefer their cluster to the other's as much as they usually prefer the nearest to the
        next. NaN where one of them knows nothing, and in the trash.
    own, other : ndarray of int32, shape (n_items,)
        Code of the cluster by the review's own vectors, and by the other model.
    model : ndarray of int32, shape (n_items,)
        Which of the models beside it is.
    """

    score: Floats
    own: Codes
    other: Codes
    model: Codes


class Opinions:
    """What several models say of where items belong.

    Parameters
    ----------
    session : Session
        Of the review.
    own : LazyQuality
        By the vectors that the review goes by.
    """

    def __init__(self, session: Session, own: LazyQuality) -> None:
        self._session, self._own = session, own
        self.own_name = OWN
        self._beside: dict[str, Favourites] = {}
        self._first: Favourites | None = None
        self._found: tuple[int, Disagreement] | None = None
        self._listening = False

    def __bool__(self) -> bool:
        return bool(self._beside)

    @property
    def names(self) -> list[str]:
        """What the models are called, the review's own first."""
        return [self.own_name, *self._beside]

    def use(self, vectors: Floats, *, name: str | None, beside: bool) -> None:
        """Take vectors of shape (n_items, n_dims), as the review's own or beside them.

        Raises
        ------
        BadInputError
            When their number is not that of the items, or a second model has no name of its own.
        """
        name = name.strip() if name else ""
        if not beside:
            self._own.use(vectors)
            self.own_name = name or OWN
        elif not name or name == self.own_name:
            raise BadInputError(
                "a second opinion wants a name of its own",
                hint='use_vectors(vectors, name="clothes", beside=True).',
            )
        elif len(vectors) != len(self._session.state):
            raise BadInputError(
                f"{len(vectors):,} vectors for {len(self._session.state):,} items",
                hint="Give one row an item.",
            )
        with self._session.lock:
            if beside:
                self._beside[name] = Favourites(Quality(vectors, self._session.state))
            self._first = self._found = None
            if not self._listening:
                self._session.listen(self._on_event)
                self._listening = True

    def _on_event(self, event: Event) -> None:
        for favourites in self._beside.values():
            favourites.quality.follow(event.change)
            favourites.follow(event.change)
        if self._first is not None:
            self._first.follow(event.change)

    def disagreement(self) -> Disagreement | None:
        """Where the models disagree now; None without two of them."""
        quality = self._own.get()
        if quality is None or not self._beside:
            return None
        with self._session.lock:
            if self._first is None or self._first.quality is not quality:
                self._first, self._found = Favourites(quality), None
            if self._found is None or self._found[0] != self._session.revision:
                self._found = self._session.revision, self._compare(self._first)
            return self._found[1]

    def _compare(self, first: Favourites) -> Disagreement:
        state = self._session.state
        n = len(state)
        score, other = np.full(n, np.nan, np.float32), np.full(n, -1, np.int32)
        own, model = np.full(n, -1, np.int32), np.zeros(n, np.int32)
        own[: len(first.quality.unit)] = first.now(state)
        for number, second in enumerate(self._beside.values()):
            theirs = np.full(n, -1, np.int32)
            theirs[: len(second.quality.unit)] = second.now(state)
            told = (own >= 0) & (theirs >= 0) & (state.codes != TRASH_CODE)
            rows = np.flatnonzero(told & (own != theirs))
            here = np.where(told, np.float32(0), np.float32(np.nan))
            here[rows] = np.minimum(
                first.lead(state, rows, theirs[rows]), second.lead(state, rows, own[rows])
            )
            more = told & ~(here <= score)
            score[more], other[more], model[more] = here[more], theirs[more], number
        return Disagreement(score, own, other, model)

    def words(self, row: int, *, least: float = CLEAR) -> str:
        """``"Anna by face, Ben by clothes"`` where two models clearly disagree about an item, else empty."""
        found = self.disagreement()
        if found is None or row >= len(found.score) or not found.score[row] >= least:
            return ""
        state = self._session.state
        one, two = (state.clusters[state.id_of(int(of[row]))].name for of in (found.own, found.other))
        return f"{one} by {self.own_name}, {two} by {list(self._beside)[int(found.model[row])]}"
