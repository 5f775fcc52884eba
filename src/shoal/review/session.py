"""The engine of a review: state, history and log moved together, and everyone told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from shoal.disk.tree import FolderScan
from shoal.errors import ConflictError, NotAllowedError
from shoal.review.changes import Change
from shoal.review.commands import Command, Verdict
from shoal.review.history import History
from shoal.review.log import EditLog, Kind, LogRecord
from shoal.review.state import State
from shoal.review.table import ItemTable

__all__ = ["IDLE_SECONDS", "Event", "Session"]

IDLE_SECONDS = 120.0
"""A longer gap between two edits does not count as time spent."""

Action = Literal["do", "undo", "redo", "jump", "checkpoint", "save", "reload"]


@dataclass(frozen=True, slots=True)
class Event:
    """What listeners are told after the state has moved on.

    Parameters
    ----------
    action : str
        ``do``, ``undo``, ``redo``, ``jump``, ``checkpoint``, ``save`` or ``reload`` (fetch everything again).
    change : Change
        From the state at ``from_revision`` to that at ``revision``.
    source : str or None
        Id of the request that caused it.
    """

    action: Action
    label: str
    actor: str
    from_revision: int
    revision: int
    change: Change
    source: str | None = None


class Session:
    """State, history and log of one folder, safe for several threads.

    Parameters
    ----------
    table : ItemTable
        The items.
    state : State
        As it is after log record ``log.seq``.
    history : History
        As it is after log record ``log.seq``.
    log : EditLog or None
        Where edits are kept; None keeps them in memory only (a review without a folder).
    actor : str
        Who is editing, for the log.
    """

    def __init__(
        self, table: ItemTable, state: State, history: History, log: EditLog | None, *, actor: str = "you"
    ) -> None:
        self.table = table
        self.state = state
        self.history = history
        self.log = log
        self.actor = actor
        self.revision = log.seq if log else 0
        self.read_only: str | None = None
        self.lock = threading.RLock()
        self.seconds_spent = 0.0
        self.saves_followed = 0
        self.looked: FolderScan | None = None
        self.busy: str | None = None
        self._busy_thread = 0
        self._last_at: datetime | None = None
        self._listeners: list[Callable[[Event], None]] = []

    # ---------------------------------------------------------------------------------------------- listening
    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``callback`` after every change; returns the function that stops it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    def tell(self, event: Event) -> None:
        """Pass an event to all listeners."""
        for callback in list(self._listeners):
            callback(event)

    # ------------------------------------------------------------------------------------------------ editing
    @contextmanager
    def editing(self, busy: str | None = None) -> Generator[None, None, None]:
        """Hold the review while it is edited.

        ``busy`` names a long task, during which others are turned away at once.

        Raises
        ------
        NotAllowedError
            When a long task of another thread is under way.
        """
        if self.busy and self._busy_thread != threading.get_ident():
            raise NotAllowedError(f"{self.busy} is under way", hint="Wait until it is done, or cancel it.")
        with self.lock:
            if busy is None:
                yield
                return
            self.busy, self._busy_thread = busy, threading.get_ident()
            try:
                yield
            finally:
                self.busy, self._busy_thread = None, 0

    def require_base(self, base: int | None) -> None:
        """Refuse what was asked on the ground of an older state.

        Raises
        ------
        ConflictError
            When ``base`` is given and is not the present revision.
        """
        if base is not None and base != self.revision:
            raise ConflictError(
                f"the view showed revision {base}, the review is at {self.revision}",
                hint="Look again, then repeat it.",
            )

    def reading(self) -> AbstractContextManager[object]:
        """Hold the review while it is read, since views are answered in other threads than cells run in.

        Not while a long task is under way: that keeps the lock, and changes nothing before its end.
        """
        return nullcontext() if self.busy else self.lock

    def do(
        self,
        command: Command,
        *,
        base: int | None = None,
        actor: str | None = None,
        source: str | None = None,
        note: str | None = None,
    ) -> Verdict:
        """Carry out a command: checked, logged, applied, told.

        ``note`` is kept in the log record; ``"auto"`` says that a machine decided, not a person.

        Raises
        ------
        ShoalError
            When it is refused; nothing has changed then.
        """
        with self.editing():
            self.catch_up()
            self.require_base(base)
            verdict = command.prepare(self.state)
            if not verdict.change:
                raise NotAllowedError("that changes nothing", hint="It is so already.")
            self.state.check(verdict.change)
            self._record(
                "do",
                self.history.cursor + 1,
                verdict.label,
                verdict.change,
                actor,
                source,
                verdict.change.to_json(),
                **({} if note is None else {"note": note}),
            )
            return verdict

    def jump(
        self, cursor: int, *, base: int | None = None, actor: str | None = None, source: str | None = None
    ) -> str:
        """Go to any point of the history; returns what was done, in words.

        Raises
        ------
        NotAllowedError
            When there is no such point, or it is where the history stands.
        """
        with self.editing():
            self.catch_up()
            self.require_base(base)
            here, history = self.history.cursor, self.history
            if cursor == here:
                raise NotAllowedError("the history stands there already", hint="Choose another point.")
            change = history.way_to(cursor)
            kind: Literal["undo", "redo", "jump"] = "jump"
            label = f"Went to point {cursor} of the history"
            if cursor == here - 1:
                kind, label = "undo", f"Undid: {history.undo_label}"
            elif cursor == here + 1:
                kind, label = "redo", f"Redid: {history.redo_label}"
            self._record(kind, cursor, label, change, actor, source, change.to_json())
            return label

    def undo(self, *, base: int | None = None, source: str | None = None) -> str:
        """Take back the last edit."""
        with self.lock:
            self.catch_up()
            if not self.history.cursor:
                raise NotAllowedError("there is nothing to undo", hint="The history begins here.")
            return self.jump(self.history.cursor - 1, base=base, source=source)

    def redo(self, *, base: int | None = None, source: str | None = None) -> str:
        """Carry out the last undone edit again."""
        with self.lock:
            self.catch_up()
            if self.history.cursor >= len(self.history):
                raise NotAllowedError("there is nothing to redo", hint="The history ends here.")
            return self.jump(self.history.cursor + 1, base=base, source=source)

    def note(self, kind: Kind, label: str, *, source: str | None = None, **facts: Any) -> None:
        """Log something that is no edit: a checkpoint, a save."""
        with self.lock:
            self._record(kind, self.history.cursor, label, Change(), None, source, None, **facts)

    def _record(
        self,
        kind: Kind,
        cursor: int,
        label: str,
        change: Change,
        actor: str | None,
        source: str | None,
        data: dict[str, Any] | None,
        **facts: Any,
    ) -> None:
        self._advance(self._append(kind, cursor, label, actor, data, facts), change, source)

    def _append(
        self,
        kind: Kind,
        cursor: int,
        label: str,
        actor: str | None,
        data: dict[str, Any] | None,
        facts: dict[str, Any],
    ) -> LogRecord:
        if self.read_only:
            raise NotAllowedError(
                f"this review is read-only: {self.read_only}", hint="Open the folder again."
            )
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        who = actor or self.actor
        if self.log is None:
            return LogRecord(self.revision + 1, kind, cursor, label, at, who, b"", facts)
        if data is not None:
            facts = {**facts, "change": data}
        return self.log.append(kind, cursor=cursor, label=label, at=at, actor=who, **facts)

    def _advance(self, record: LogRecord, change: Change, source: str | None = None) -> None:
        before = self.revision
        self.state.apply(change)
        self.history.take(record, change if record.kind == "do" else None)
        self.revision = record.seq
        self.count_time(record.at)
        action: Action = "reload" if record.kind == "scan" else record.kind
        self.tell(Event(action, record.label, record.actor, before, self.revision, change, source))

    def adopt(self, change: Change, n: int) -> None:
        """Log as an edit that ``n`` items were moved on disk by other means."""
        with self.lock:
            label = f"{n:,} {'item was' if n == 1 else 'items were'} moved outside shoal"
            self._record("do", self.history.cursor + 1, label, change, "disk", None, change.to_json())

    # ----------------------------------------------------------------------------------------- other sessions
    def catch_up(self) -> None:
        """Follow what other sessions on the same folder have logged meanwhile.

        Raises
        ------
        DamagedError
            When the log cannot be followed.
        """
        if self.log is None:
            return
        with self.lock:
            for record in self.log.read_new():
                self._advance(record, self.follow(record))

    def follow(self, record: LogRecord) -> Change:
        """Take over what a record says of the items themselves (new ones, new paths); returns its change.

        Raises
        ------
        DamagedError
            When the record cannot be read.
        """
        data = record.data
        if record.kind == "scan":
            added = data.get("added", [])
            if added:
                self.table.append([path for path, _ in added])
                self.state.append_items(np.array([code for _, code in added], np.int32))
            self.table.set_paths({int(row): path for row, path in data.get("paths", [])})
        return Change.from_json(data.get("change", {}))

    def take_in(self, added: list[tuple[str, int]], paths: dict[int, str], change: Change) -> None:
        """Log and follow what a scan found: pictures that are new, or elsewhere now.

        Not an edit: it says what is, and is not undone.
        """
        with self.lock:
            label = (
                f"Found {len(added):,} new pictures" if added else f"Found {len(paths):,} pictures elsewhere"
            )
            facts = {"added": [list(a) for a in added], "paths": [[row, path] for row, path in paths.items()]}
            if self.log is None:
                self.table.append([path for path, _ in added])
                self.state.append_items(np.array([code for _, code in added], np.int32))
                self.table.set_paths(paths)
                self._record("scan", self.history.cursor, label, change, None, None, None)
                return
            record = self._append("scan", self.history.cursor, label, None, change.to_json(), facts)
            self._advance(record, self.follow(record))

    # --------------------------------------------------------------------------------------------------- time
    def count_time(self, at: str) -> None:
        """Add the gap since the last edit to the time spent, unless it is an idle one."""
        now = datetime.fromisoformat(at)
        if self._last_at is not None:
            gap = (now - self._last_at).total_seconds()
            self.seconds_spent += gap if 0 < gap <= IDLE_SECONDS else 0.0
        self._last_at = now
