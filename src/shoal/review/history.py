"""The history.

A line of edits and a cursor; undo and redo move the cursor, a new edit cuts off what was undone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shoal.errors import NotAllowedError
from shoal.review.changes import Change, reverse, squash
from shoal.review.log import LogRecord

__all__ = ["Entry", "History"]


@dataclass(slots=True)
class Entry:
    """One edit that can be undone. Its change is read from its log line when it is needed."""

    record: LogRecord
    checkpoint: str | None = None
    saved: bool = False
    _change: Change | None = field(default=None, repr=False)

    @property
    def change(self) -> Change:
        """What the edit did."""
        return self._change if self._change is not None else Change.from_json(self.record.data["change"])


class History:
    """Edits in order; ``cursor`` of them are in force."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.cursor = 0
        self.saved_cursor: int | None = 0
        self.start_name: str | None = None
        self.saves: list[LogRecord] = []

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def undo_label(self) -> str | None:
        """Label of the edit that undo would take back."""
        return self.entries[self.cursor - 1].record.label if self.cursor else None

    @property
    def redo_label(self) -> str | None:
        """Label of the edit that redo would carry out again."""
        return self.entries[self.cursor].record.label if self.cursor < len(self.entries) else None

    @property
    def unsaved(self) -> int:
        """How many edits lie between the last save and now, in either direction."""
        if self.saved_cursor is None:
            return max(1, self.cursor)
        return abs(self.cursor - self.saved_cursor)

    def way_to(self, cursor: int) -> Change:
        """The one change that leads from here to ``cursor`` edits in force.

        Raises
        ------
        NotAllowedError
            When the history has no such point.
        """
        if not 0 <= cursor <= len(self.entries):
            raise NotAllowedError(
                f"the history has no point {cursor}", hint=f"It goes from 0 to {len(self.entries)}."
            )
        if cursor < self.cursor:
            return self._fold([reverse(e.change) for e in reversed(self.entries[cursor : self.cursor])])
        return self._fold([e.change for e in self.entries[self.cursor : cursor]])

    @staticmethod
    def _fold(changes: list[Change]) -> Change:
        # squash is associative: folding in pairs touches each cell O(log n) times, not O(n)
        while len(changes) > 1:
            pairs = [squash(a, b) for a, b in zip(changes[::2], changes[1::2], strict=False)]
            changes = pairs + changes[len(pairs) * 2 :]
        return changes[0] if changes else Change()

    def take(self, record: LogRecord, change: Change | None = None) -> None:
        """Follow one log record, whoever wrote it."""
        if record.kind == "do":
            if self.saved_cursor is not None and self.saved_cursor > self.cursor:
                self.saved_cursor = None
            del self.entries[self.cursor :]
            self.entries.append(Entry(record, _change=change))
        elif record.kind == "checkpoint":
            self._name(record.cursor, record.label)
        elif record.kind == "save":
            self.saves.append(record)
            self.saved_cursor = record.cursor
            if record.cursor:
                self.entries[record.cursor - 1].saved = True
        self.cursor = record.cursor

    def _name(self, cursor: int, name: str) -> None:
        if cursor:
            self.entries[cursor - 1].checkpoint = name
        else:
            self.start_name = name
