"""Answers requests for thumbnails: all of one request together, less what was called off meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from shoal.widgets.codec import Buffers, visible_text
from shoal.widgets.mailbox import Mailbox
from shoal.widgets.pictures import Picture, PictureSource
from shoal.widgets.protocol import FRAME_BYTES, replies

__all__ = ["Thumbs"]

Pending = list[tuple[int, Future[Picture]]]


class Thumbs:
    """Thumbnails on their way.

    Parameters
    ----------
    mail : Mailbox
        Where replies go; they are sent from the threads that make pictures.
    pictures : callable
        The source of pictures at the time of a request.
    """

    def __init__(self, mail: Mailbox, pictures: Callable[[], PictureSource]) -> None:
        self._mail = mail
        self._pictures = pictures
        self._at_work: dict[str, Pending] = {}
        self._lock = threading.Lock()

    def ask(self, request_id: str, rows: Sequence[int], paths: Sequence[str], side: int, ticket: str) -> None:
        """Make thumbnails of ``paths`` (those of ``rows``), and reply when all are made or called off."""
        source = self._pictures()
        pending = [(row, source.thumbnail(path, side)) for row, path in zip(rows, paths, strict=True)]
        left = len(pending)
        if ticket:
            with self._lock:
                self._at_work[ticket] = pending

        def one_done(_future: Future[Picture]) -> None:
            nonlocal left
            with self._lock:
                left -= 1
                last = left == 0
                if last:
                    self._at_work.pop(ticket, None)
            if last:
                self._send(request_id, pending)

        if not pending:
            self._send(request_id, pending)
        for _, future in pending:
            future.add_done_callback(one_done)

    def call_off(self, ticket: str) -> bool:
        """Nobody looks at these any more: what has not been begun is left out of the reply.

        Returns
        -------
        bool
            Whether there was such a request at work.
        """
        with self._lock:
            pending = self._at_work.get(ticket)
        for _, future in pending or ():
            future.cancel()
        return pending is not None

    def _send(self, request_id: str, pending: Pending) -> None:
        out, thumbs = Buffers(), list[replies.Thumb]()
        try:
            for row, future in pending:
                if future.cancelled():
                    continue
                picture = future.result()
                if thumbs and out.size + len(picture.data or b"") > FRAME_BYTES:
                    break
                place = None if picture.data is None else out.add(picture.data)
                reason = None if picture.reason is None else visible_text(picture.reason)
                thumbs.append(
                    replies.Thumb(row=row, media_type=picture.media_type, buffer=place, reason=reason)
                )
        except Exception as error:  # noqa: BLE001 - every request gets its reply, and the error is in it
            self._mail.fail(request_id, error)
            return
        self._mail.reply(request_id, replies.ThumbsReply(thumbs=thumbs), out.parts)
