"""What is selected: one set for Python and all views."""

from __future__ import annotations

from collections.abc import Callable

from shoal.review.rows import EMPTY, Rows

__all__ = ["Selection"]


class Selection:
    """Rows, and who is told when they change."""

    def __init__(self) -> None:
        self.rows: Rows = EMPTY
        self._listeners: list[Callable[[Rows, str | None], None]] = []

    def set(self, rows: Rows, source: str | None = None) -> None:
        """Select these rows, and tell everyone; ``source`` names who did it."""
        self.rows = rows
        for callback in list(self._listeners):
            callback(rows, source)

    def listen(self, callback: Callable[[Rows, str | None], None]) -> Callable[[], None]:
        """Call ``callback(rows, source)`` when the selection changes; returns the function that stops it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None
