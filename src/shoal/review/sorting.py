"""The assign queue: what is left over, one picture after the other, with suggestions.

Plain functions do the same as the widget: ``session(review)`` gives the queue of a review, and ``assign``,
``delete``, ``image``, ``auto_move`` and ``undo`` act on it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from shoal.errors import DamagedError, MissingError, NotAllowedError
from shoal.review import commands as cmd
from shoal.review.assist.auto_move import AutoMove, AutoMoves
from shoal.review.assist.questions import Suggestion
from shoal.review.assist.queue import ReviewQueue
from shoal.review.constraints import ANSWER
from shoal.review.naming import free_name
from shoal.review.review import Review
from shoal.review.session import Event
from shoal.store.atomic import write_atomic

__all__ = ["Figures", "Sorting", "assign", "auto_move", "delete", "image", "session", "undo"]

PLACE = "queue.json"
IDLE_SECONDS = 120.0
RECENT = 60


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


@dataclass(slots=True)
class _Place:
    """What is kept across restarts."""

    later: list[str] = field(default_factory=list[str])
    shuffle: int | None = None
    manual_only: bool = False
    at: str | None = None


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
        self._place = _read_place(self._file)
        self._times: list[float] = []
        self._stop = review.session.listen(self._on_event)

    @property
    def _file(self) -> Path | None:
        return None if self.review.root is None else self.review.root / ".shoal" / PLACE

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
    def shuffled(self) -> bool:
        """Whether items are asked about in random order."""
        return self._place.shuffle is not None

    def shuffle(self, seed: int | None = 0) -> None:
        """Ask in random order, the same for the same seed; None: in the order of the items again."""
        self._place.shuffle = seed
        self._place.at = None
        self._keep()

    # ------------------------------------------------------------------------------------------------- order
    def _open(self) -> Iterator[int]:
        """Rows to sort, in order, from the present place on and round again."""
        state, ids = self.review.session.state, self.review.session.table.ids
        pinned = state.notes["pin"]
        put_off = set(self._place.later)
        rows = state.members(-1)
        if self._place.shuffle is not None:
            rank = np.random.default_rng(self._place.shuffle).permutation(len(ids))
            rows = rows[np.argsort(rank[rows], kind="stable")]
        listed: list[int] = rows.tolist()
        if self._place.at in ids:
            at = ids.index(self._place.at)
            start = listed.index(at) if at in listed else 0
            listed = listed[start:] + listed[:start]
        return (row for row in listed if row not in pinned and ids[row] not in put_off)

    def next(self) -> str | None:
        """Id of the item that is asked about now; None when all is sorted or put off."""
        row = next(self._open(), None)
        return None if row is None else self.review.session.table.ids[row]

    def page(self, count: int = 24) -> list[str]:
        """Ids of the next items, for sorting in pages."""
        ids = self.review.session.table.ids
        return [ids[row] for row, _ in zip(self._open(), range(count), strict=False)]

    def suggestions(self, item: str, *, count: int = 9) -> tuple[Suggestion, ...]:
        """Clusters that an item may belong to, best first; none in manual-only mode or without vectors."""
        if self.manual_only:
            return ()
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
        return self._do(steps, f"Assigned to {name}", item, source)

    def new(self, item: str, name: str | None = None, *, source: str | None = None) -> str:
        """Begin a new cluster with an item."""
        rows, name = self.review.rows(item), name or free_name(self.review.session.state)
        steps = [cmd.SplitCluster(rows, name), cmd.PinItems(rows)]
        return self._do(steps, f"Began {name}", item, source)

    def trash(self, item: str, *, source: str | None = None) -> str:
        """Put an item into the trash."""
        return self._do([cmd.TrashItems(self.review.rows(item))], "Put in the trash", item, source)

    def later(self, item: str) -> None:
        """Put an item off, until :meth:`again`."""
        self._pass(item)
        self._place.later.append(item)
        self._keep()

    def again(self) -> None:
        """Ask about what was put off."""
        self._place.later.clear()
        self._keep()

    def undo(self, *, source: str | None = None) -> str:
        """Take back the last edit, and ask about its item again."""
        return self.review.session.undo(source=source)

    def _on_event(self, event: Event) -> None:
        rows = event.change.touched
        if event.action == "undo" and len(rows) == 1:
            self._place.at = self.review.session.table.ids[int(rows[0])]
            self._times = self._times[:-1]
            self._keep()

    def _do(self, steps: Sequence[cmd.Command], label: str, item: str, source: str | None) -> str:
        self._pass(item)
        done = self.review.session.do(cmd.Together(steps, label), note=ANSWER, source=source).label
        self._times = [*self._times[-RECENT:], time.monotonic()]
        self._keep()
        return done

    def _pass(self, item: str) -> None:
        """The place moves on to the item after this one."""
        rows, here = self._open(), self.review.session.table.row(item)
        if next(rows, None) == here:
            after = next(rows, None)
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
        if self._file is None or self.review.session.read_only:
            return
        place = self._place
        facts = {"v": 1, "later": place.later, "shuffle": place.shuffle, "manual_only": place.manual_only}
        write_atomic(self._file, json.dumps({**facts, "at": place.at}).encode("ascii"))


def _read_place(file: Path | None) -> _Place:
    if file is None or not file.exists():
        return _Place()
    try:
        facts = cast("dict[str, Any]", json.loads(file.read_text(encoding="ascii")))
        later = [str(item) for item in facts["later"]]
        shuffle = None if facts["shuffle"] is None else int(facts["shuffle"])
        return _Place(later, shuffle, facts["manual_only"] is True, facts["at"])
    except (ValueError, KeyError, TypeError) as error:
        hint = "Remove it: only the place is lost."
        raise DamagedError(f"{file} cannot be read: {error}", hint=hint) from error


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
