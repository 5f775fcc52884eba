"""Envelopes: exactly one reply to each request, the same one when a request comes twice."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from shoal.errors import ShoalError
from shoal.review.review import Review
from shoal.widgets.codec import visible_text
from shoal.widgets.protocol import replies
from shoal.widgets.protocol.base import ErrorInfo
from shoal.widgets.protocol.events import Event, EventPayload

__all__ = ["Mailbox", "Send"]

log = logging.getLogger("shoal")

Send = Callable[[dict[str, Any], list[bytes]], None]
"""Sends a message (JSON-able content and buffers) to all views."""

REMEMBERED = 2_000


class Mailbox:
    """Sends replies and events for one review.

    Parameters
    ----------
    review : Review
        Whose revision goes on every envelope.
    send : callable
        See :data:`Send`; may be called from any thread.
    """

    def __init__(self, review: Review, send: Send) -> None:
        self._review = review
        self._send = send
        self._answered: OrderedDict[str, tuple[dict[str, Any], list[bytes]] | None] = OrderedDict()

    def repeated(self, request_id: str) -> bool:
        """Whether a request was taken before; its reply is sent again when there is one yet."""
        if request_id not in self._answered:
            return False
        kept = self._answered[request_id]
        if kept is not None:
            self._send(*kept)
        return True

    def take(self, request_id: str) -> None:
        """Remember that a request is at work."""
        self._remember(request_id, None)

    def _remember(self, request_id: str, reply: tuple[dict[str, Any], list[bytes]] | None) -> None:
        self._answered[request_id] = reply
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)

    def reply(self, request_id: str, payload: replies.Message, parts: list[bytes]) -> None:
        """Answer a request."""
        envelope = replies.Reply(id=request_id, ok=True, revision=self._review.revision, payload=payload)  # pyright: ignore[reportArgumentType]
        self._post(request_id, envelope, parts)

    def fail(self, request_id: str, error: Exception) -> None:
        """Answer a request with what went wrong, in words."""
        if isinstance(error, ShoalError):
            info = ErrorInfo(
                code=error.code, message=visible_text(error.message), hint=visible_text(error.hint)
            )
        else:
            log.error("a request of the browser failed", exc_info=error)
            text = visible_text(f"{type(error).__name__}: {error}")
            info = ErrorInfo(
                code="internal", message=text, hint="This is a defect of shoal; the log has the details."
            )
        self._post(
            request_id, replies.Reply(id=request_id, ok=False, revision=self._review.revision, error=info), []
        )

    def _post(self, request_id: str, reply: replies.Reply, parts: list[bytes]) -> None:
        content = reply.model_dump(mode="json")
        if request_id in self._answered:
            self._remember(request_id, (content, parts))
        self._send(content, parts)

    def tell(self, payload: EventPayload, parts: list[bytes], source: str | None = None) -> None:
        """Send an event to all views."""
        event = Event(revision=self._review.revision, source=source, payload=payload)
        self._send(event.model_dump(mode="json"), parts)
