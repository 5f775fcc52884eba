"""Stopping a long step from elsewhere: another thread, a widget's button."""

from __future__ import annotations

import threading

from shoal.errors import ShoalError

__all__ = ["CancelToken", "CancelledError"]


class CancelledError(ShoalError):
    """A step was stopped on request; what was finished before is kept."""

    code = "cancelled"


class CancelToken:
    """A flag that a step looks at between batches.

    Examples
    --------
    >>> token = CancelToken()
    >>> token.cancel()
    >>> token.cancelled
    True
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask every step that holds this token to stop after its present batch."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `CancelledError` when `cancel` was called."""
        if self.cancelled:
            raise CancelledError("The step was cancelled", hint="Call it again; what was finished is kept.")
