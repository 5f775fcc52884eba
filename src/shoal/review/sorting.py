"""The assign queue: what is left over, one picture after the other, with suggestions.

Plain functions do the same as the widget: ``session(review)`` gives the queue of a review, and ``assign``,
``delete``, ``image``, ``auto_move`` and ``undo`` act on it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review import commands as cmd
from shoal.review.assist.auto_move import AutoMove, AutoMoves
from shoal.review.assist.questions import Suggestion
from shoal.review.assist.queue import ReviewQueue
from shoal.review.constraints import ANSWER
from shoal.review.naming import free_name
from shoal.review.place import Place
from shoal.review.review import Review
from shoal.review.session import Event

__all__ = ["Figures", "Sorting", "assign", "auto_move", "delete", "image", "session", "undo"]

FILE = "queue.json"
IDLE_SECONDS = 120.0
RECENT = 60
PAGE = 24


@dataclass(frozen=True, slots=True)
class Figures:
    """How far the sorting is.

    Parameters
    ----------
    processed, remaining : int
        Items that have a cluster (or were put aside by hand), and those still to be sorted.
    ratio : float
        Share of them that is processed, 0..1.
    manual, auto : int
        Items that were placed or confirmed by answers, and by auto-move, in the edits in force.
    later : int
        Of the remaining: put off.
    per_minute : float
        Items placed by hand a minute, of late, pauses above two minutes left out; NaN at the start.
    minutes_left : float
        At that speed; NaN at the start.
    """

    processed: int
    remaining: int
    ratio: float
    manual: int
    auto: int
    later: int
    per_minute: float
    minutes_left: float


class Sorting:
    """The items in noise, one after the other.

    Parameters
    ----------
    review : Review
        What is sorted. Without vectors there are no suggestions, and no auto-move.

    Notes
    -----
    Order, place, what was put off and the switches are kept in ``.shoal/queue.json``.
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        self._queue: ReviewQueue | None = None
        self._place = Place.read(self._file)
        self._times: list[float] = []
        self._stop = review.session.listen(self._on_event)

    @property
    def _file(self) -> Path | None:
        return None if self.review.root is None else self.review.root / ".shoal" / FILE

    def close(self) -> None:
        """Stop following the review."""
        self._stop()
        if self._queue is not None:
            self._queue.close()
            self._queue = None

    @property
    def queue(self) -> ReviewQueue:
        """The review queue that the suggestions come from.

        Raises
        ------
        MissingError
            When the review has no vectors.
        """
        if self._queue is None:
            self._queue = ReviewQueue(self.review)
        return self._queue

    # ------------------------------------------------------------------------------------------- the switches
    @property
    def manual_only(self) -> bool:
        """Hide suggestions, while seed examples are gathered."""
        return self._place.manual_only

    @manual_only.setter
    def manual_only(self, on: bool) -> None:
        self._place.manual_only = on
        self._keep()

    @property
    def paged(self) -> bool:
        """Whether the widget shows pages of items, instead of one after the other."""
        return self._place.paged

    @paged.setter
    def paged(self, on: bool) -> None:
        self._place.paged = on
        self._keep()

    @property
    def shuffled(self) -> bool:
        """Whether items are asked about in random order."""
        return self._place.shuffle is not None

    def shuffle(self, seed: int | None = 0) -> None:
        """Ask in random order, the same for the same seed; None: in the order of the items again."""
        self._place.shuffle = seed
        self._place.at = None
        self._keep()

    # ------------------------------------------------------------------------------------------------- order
    def _listed(self) -> tuple[list[int], int]:
        """Rows to sort, in order, and how many of them come before the present place."""
        state, ids = self.review.session.state, self.review.session.table.ids
        pinned = state.notes["pin"]
        put_off = set(self._place.later)
        rows = state.members(-1)
        if self._place.shuffle is not None:
            rank = np.random.default_rng(self._place.shuffle).permutation(len(ids))
            rows = rows[np.argsort(rank[rows], kind="stable")]
        listed: list[int] = rows.tolist()
        at = ids.index(self._place.at) if self._place.at in ids else -1
        start = listed.index(at) if at in listed else 0
        is_open = [row not in pinned and ids[row] not in put_off for row in listed]
        return [row for row, here in zip(listed, is_open, strict=True) if here], sum(is_open[:start])

    def _open(self) -> Iterator[int]:
        """Rows to sort, in order, from the present place on and round again."""
        listed, start = self._listed()
        return iter(listed[start:] + listed[:start])

    @property
    def place(self) -> tuple[int, int]:
        """How many items come before the present one, and how many there are to sort."""
        listed, start = self._listed()
        return start if start < len(listed) else 0, len(listed)

    def next(self) -> str | None:
        """Id of the item that is asked about now; None when all is sorted or put off."""
        row = next(self._open(), None)
        return None if row is None else self.review.session.table.ids[row]

    def page(self, count: int = PAGE) -> list[str]:
        """Ids of the next items, for sorting in pages; the last page may be shorter."""
        listed, _ = self._listed()
        start, _ = self.place
        return [self.review.session.table.ids[row] for row in listed[start : start + count]]

    def turn(self, pages: int, count: int = PAGE) -> None:
        """Go so many pages on, or back where negative; stops at the first and the last item."""
        listed, _ = self._listed()
        start, n = self.place
        to = max(0, start + pages * count)
        if to < n:
            self._place.at = self.review.session.table.ids[listed[to]]
            self._keep()

    def suggestions(self, item: str, *, count: int = 9) -> tuple[Suggestion, ...]:
        """Clusters that an item may belong to, best first; none in manual-only mode or without vectors."""
        return () if self.manual_only else self.suggested(item, count=count)

    def suggested(self, item: str, *, count: int = 9) -> tuple[Suggestion, ...]:
        """The same, whether suggestions are hidden while sorting or not."""
        try:
            return self.queue.suggestions(item, count=count)
        except MissingError:
            return ()

    # ------------------------------------------------------------------------------------------------- doing
    def assign(self, item: str, cluster: str, *, source: str | None = None) -> str:
        """Put an item into a cluster, by name or id, and pin it there; returns what was done, in words."""
        rows = self.review.rows(item)
        target = self.review.cluster_id(cluster)
        name = cmd.name_of(self.review.session.state, target)
        steps = [cmd.MoveItems(rows, target), cmd.PinItems(rows)]
        return self._do(steps, f"Assigned to {name}", [item], source)

    def new(self, item: str, name: str | None = None, *, source: str | None = None) -> str:
        """Begin a new cluster with an item."""
        rows, name = self.review.rows(item), name or free_name(self.review.session.state)
        steps = [cmd.SplitCluster(rows, name), cmd.PinItems(rows)]
        return self._do(steps, f"Began {name}", [item], source)

    def assign_many(
        self, places: Mapping[str, str], *, name: str | None = None, source: str | None = None
    ) -> str:
        """Put items of a page where they belong, as one edit; returns what was done, in words.

        Parameters
        ----------
        places : mapping of str to str
            Item → cluster by name or id, ``"trash"``, or ``"new"`` for one new cluster of all of these.
        name : str, optional
            Of the new cluster.
        source : str, optional
            Which view asks.

        Raises
        ------
        BadInputError
            When no item is given.
        """
        if not places:
            raise BadInputError("no item is marked", hint="Mark the items to sort.")
        groups = dict[str, list[str]]()
        for item, to in places.items():
            groups.setdefault(to, []).append(item)
        steps, told = list[cmd.Command](), list[str]()
        for to, items in groups.items():
            rows = self.review.rows(items)
            if to == "trash":
                steps.append(cmd.TrashItems(rows))
                told.append(f"{len(rows)} to the trash")
                continue
            if to == "new":
                target = name or free_name(self.review.session.state)
                steps.append(cmd.SplitCluster(rows, target))
            else:
                steps.append(cmd.MoveItems(rows, self.review.cluster_id(to)))
                target = cmd.name_of(self.review.session.state, self.review.cluster_id(to))
            steps.append(cmd.PinItems(rows))
            told.append(f"{len(rows)} to {target}")
        return self._do(steps, "Assigned " + ", ".join(told), list(places), source)

    def trash(self, item: str, *, source: str | None = None) -> str:
        """Put an item into the trash."""
        return self._do([cmd.TrashItems(self.review.rows(item))], "Put in the trash", [item], source)

    def later(self, *items: str) -> None:
        """Put items off, until :meth:`again`."""
        self._pass(items)
        self._place.later += items
        self._keep()

    def again(self) -> None:
        """Ask about what was put off."""
        self._place.later.clear()
        self._keep()

    def undo(self, *, source: str | None = None) -> str:
        """Take back the last edit, and ask about its item again."""
        return self.review.session.undo(source=source)

    def _on_event(self, event: Event) -> None:
        if event.action != "undo" or len(event.change.touched) > PAGE:
            return
        rows = set(event.change.touched.tolist())
        first = next((row for row in self._listed()[0] if row in rows), None)
        if first is not None:
            back = self.review.session.table.ids[first]
            if not self.paged or back not in self.page():  # a page that shows it again stays where it is
                self._place.at = back
            self._times = self._times[:-1]
            self._keep()

    def _do(self, steps: Sequence[cmd.Command], label: str, items: Sequence[str], source: str | None) -> str:
        self._pass(items)
        done = self.review.session.do(cmd.Together(steps, label), note=ANSWER, source=source).label
        self._times = [*self._times[-RECENT:], time.monotonic()]
        self._keep()
        return done

    def _pass(self, items: Sequence[str]) -> None:
        """The place moves on to the first item that is none of these."""
        gone = {self.review.session.table.row(item) for item in items}
        rows = self._open()
        first = next(rows, None)
        if first in gone:
            after = next((row for row in rows if row not in gone), None)
            self._place.at = None if after is None else self.review.session.table.ids[after]

    # -------------------------------------------------------------------------------------------- auto-move
    def auto_moves(self) -> AutoMoves:
        """Thresholds with the number of items that would move, and the precision to expect."""
        return AutoMoves(self.review)

    def auto_move(self, threshold: float, *, source: str | None = None) -> str:
        """Move all that is at least that similar to a cluster, as one edit."""
        return self.auto_moves().move(threshold, source=source)

    # --------------------------------------------------------------------------------------------- figures
    def figures(self) -> Figures:
        """How far the sorting is."""
        state, history = self.review.session.state, self.review.session.history
        total = len(state) - state.size(-2)
        pinned = state.notes["pin"]
        remaining = sum(row not in pinned for row in state.members(-1).tolist())
        auto = manual = 0
        for entry in history.entries[: history.cursor]:
            note = entry.record.data.get("note")
            if note == "auto" and "code" in entry.change.cells:
                auto += len(entry.change.cells["code"].rows)
            elif note == ANSWER:
                manual += len(entry.change.notes.get("pin", ()))
        gaps = np.diff(np.array(self._times))
        busy = float(gaps[gaps <= IDLE_SECONDS].sum()) if len(gaps) else 0.0
        speed = 60 * float((gaps <= IDLE_SECONDS).sum()) / busy if busy > 0 else float("nan")
        ratio = (total - remaining) / total if total else 1.0
        later = len(set(self._place.later))
        return Figures(total - remaining, remaining, ratio, manual, auto, later, speed, remaining / speed)

    def _keep(self) -> None:
        if self._file is not None and not self.review.session.read_only:
            self._place.write(self._file)


# ------------------------------------------------------------------------------------------ as functions
_SESSIONS: dict[int, tuple[Review, Sorting]] = {}


def session(review: Review) -> Sorting:
    """The assign queue of a review; the same one each time."""
    if id(review) not in _SESSIONS:
        _SESSIONS[id(review)] = (review, Sorting(review))
    return _SESSIONS[id(review)][1]


def assign(review: Review, item: str, cluster: str) -> str:
    """Put an item into a cluster; one that is not there yet is begun. Returns what was done, in words."""
    queue = session(review)
    known = review.session.state.names_taken()
    if cluster in known or cluster in review.session.state.clusters or cluster in ("noise", "trash"):
        return queue.assign(item, cluster) if cluster != "trash" else queue.trash(item)
    return queue.new(item, cluster)


def delete(review: Review, item: str) -> str:
    """Put an item into the trash."""
    return session(review).trash(item)


def image(review: Review, item: str, *, max_side: int = 1024) -> bytes:
    """Read the picture of an item as JPEG or WebP bytes, its longer side at most ``max_side`` px.

    RAW photos are read with rawpy.

    Raises
    ------
    BadInputError
        When the file is damaged or no picture.
    """
    from shoal.data.pictures import make_thumbnail

    return make_thumbnail(review.file(item), max_side, quality=90)


def auto_move(review: Review, threshold: float, *, dry_run: bool = False) -> AutoMove:
    """Move all that is at least that similar to a cluster, as one edit.

    Parameters
    ----------
    review : Review
        With vectors.
    threshold : float
        Least cosine similarity, −1..1.
    dry_run : bool
        Only say what would move, and how much of it rightly.
    """
    moves = session(review).auto_moves()
    found = moves.at(threshold)
    if not dry_run:
        if not len(found.rows):
            raise NotAllowedError("nothing is that similar to a cluster", hint="Lower the threshold.")
        moves.move(threshold)
    return found


def undo(review: Review) -> str:
    """Take back the last edit; returns what was undone."""
    return session(review).undo()
