"""Answers the requests of the views of one review; knows the protocol, but nothing of Jupyter."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from pydantic import ValidationError

from shoal.errors import BadInputError, ConflictError, MissingError, NotAllowedError
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.saving import plan_save, save_session
from shoal.review.session import Event as ReviewEvent
from shoal.widgets import describe
from shoal.widgets.codec import Buffer, Buffers, decode_array, decode_items, visible_text
from shoal.widgets.columns import Columns
from shoal.widgets.commands import to_command
from shoal.widgets.desk import desk_of
from shoal.widgets.mailbox import Mailbox, Send
from shoal.widgets.offers import Offers
from shoal.widgets.pictures import FolderPictures, PictureSource
from shoal.widgets.playback import Playback
from shoal.widgets.protocol import FRAME_BYTES, replies, requests
from shoal.widgets.protocol.base import BrokenItem
from shoal.widgets.protocol.events import Progress, SelectionChanged
from shoal.widgets.renewal import Renewal
from shoal.widgets.thumbs import Thumbs

__all__ = ["Host"]

MAX_BROKEN = 1_000
MAX_THUMB_SIDE = 1_024
MAX_PREVIEW_SIDE = 4_096
HISTORY_PAGE = 500
_READING = (
    "hello",
    "get_array",
    "get_history",
    "get_info",
    "set_selection",
    "get_harvest",
    "get_film",
    "get_values",
    "get_past",
)
_QUEUE = ("answer_queue", "skip_queue", "set_queue", "run_auto_move", "accept_reclustering")
_CHANGING = ("edit", "undo", "redo", "jump", "checkpoint", "save", *_QUEUE)


class Host:
    """The kernel side of the browser.

    Parameters
    ----------
    review : Review
        What is shown and edited.
    send : callable
        See :data:`Send`; may be called from any thread.
    pictures : PictureSource, optional
        Where thumbnails come from; the review's folder when left out.
    columns : Columns, optional
        Per-item columns; from the review when left out.
    """

    def __init__(
        self,
        review: Review,
        send: Send,
        *,
        pictures: PictureSource | None = None,
        columns: Columns | None = None,
    ) -> None:
        if pictures is None and review.root is None:
            raise BadInputError("this review has no folder to take pictures from", hint="Pass `pictures`.")
        self.review = review
        self.session_id = uuid.uuid4().hex
        self.columns = columns or Columns(review)
        self.pictures: PictureSource = pictures if pictures is not None else FolderPictures(review.root)  # pyright: ignore[reportArgumentType]
        self._mail = Mailbox(review, send)
        self._thumbs = Thumbs(self._mail, lambda: self.pictures)
        self._cancelled: set[str] = set()
        self._offers = Offers(review, self.columns, self._mail)
        self._renewal = Renewal(review, self._mail)
        self._desk = desk_of(review)
        self._stop = [
            review.session.listen(self._on_change),
            review.on_select(self._on_select),
            self._desk.close,
        ]
        self._requests: dict[
            str, Callable[[Any, str, int | None, Sequence[Buffer], Buffers], replies.Message | None]
        ] = {
            **self._desk.handlers(),
            "hello": self._hello,
            "get_array": self._get_array,
            "edit": self._edit,
            "undo": self._undo,
            "redo": self._redo,
            "jump": self._jump,
            "checkpoint": self._checkpoint,
            "get_history": self._get_history,
            "get_thumbs": self._get_thumbs,
            "get_info": self._get_info,
            "get_preview": self._get_preview,
            "set_selection": self._set_selection,
            "get_plan": self._get_plan,
            "save": self._save,
            "cancel": self._cancel,
            **self._offers.handlers(),
            **self._renewal.handlers(),
            **Playback(review).handlers(),
        }

    def close(self) -> None:
        """Stop listening to the review."""
        while self._stop:  # a second call finds nothing left
            self._stop.pop()()

    # ------------------------------------------------------------------------------------------------ traffic
    def handle(self, content: Mapping[str, Any], buffers: Sequence[Buffer]) -> None:
        """Answer one request: exactly one reply, also when it fails. Never raises."""
        request_id = str(content.get("id", ""))
        if self._mail.repeated(request_id):
            return
        try:
            request = requests.Request.model_validate(dict(content))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            problem = BadInputError(
                f"the view sent something unknown ({where}: {first['msg']})", hint="Reload the page."
            )
            self._mail.fail(request_id, problem)
            return
        payload = request.payload
        if payload.kind in _CHANGING:
            self._mail.take(request_id)
        out = Buffers()
        try:
            if payload.kind in ("edit", "undo", "redo", "jump", "save") and request.base is None:
                raise BadInputError("an edit must say which revision it is made for", hint="Reload the page.")
            with self.review.session.reading() if payload.kind in _READING else nullcontext():
                answer = self._requests[payload.kind](payload, request.id, request.base, buffers, out)
        except Exception as error:  # noqa: BLE001 - every request gets its reply, and the error is in it
            self._mail.fail(request_id, error)
            return
        if answer is not None:
            self._mail.reply(request_id, answer, out.parts)

    # ------------------------------------------------------------------------------------------------- events
    def _on_change(self, event: ReviewEvent) -> None:
        stale = self.columns.follow(event)
        out = Buffers()
        payload = describe.changed(self.review, self.columns, event, stale, out)
        if out.size > FRAME_BYTES:
            payload = payload.model_copy(update={"action": "reload", "moved": []})
            out = Buffers()
        self._mail.tell(payload, out.parts, event.source)

    def _on_select(self, rows: Rows, source: str | None) -> None:
        out = Buffers()
        items = out.items(rows, len(self.review))
        self._mail.tell(SelectionChanged(items=items), out.parts, source)

    # ------------------------------------------------------------------------------------------------ looking
    def _hello(self, *args: Any) -> replies.HelloReply:
        out: Buffers = args[-1]
        review, session = self.review, self.review.session
        session.catch_up()
        broken = [
            BrokenItem(path=visible_text(p), reason=visible_text(r)) for p, r in review.broken[:MAX_BROKEN]
        ]
        return replies.HelloReply(
            session=self.session_id,
            title=visible_text(review.root.name) if review.root else "review",
            root=visible_text(str(review.root or "")),
            n_items=len(review),
            clusters=describe.clusters(review, self.columns),
            columns=self.columns.listed(),
            history=describe.history_state(review),
            selection=out.items(review.selected_rows, len(review)),
            broken=broken,
            n_broken=len(review.broken),
            seconds_spent=session.seconds_spent,
            read_only=session.read_only,
        )

    def _get_array(
        self,
        payload: requests.GetArray,
        _id: str,
        _base: int | None,
        _buffers: Sequence[Buffer],
        out: Buffers,
    ) -> replies.ArrayReply:
        info = next((c for c in self.columns.listed() if c.name == payload.name), None)
        if info is None:
            raise MissingError(f"there is no column {payload.name!r}", hint="Reload the view.")
        start = min(max(0, payload.start), len(self.review))
        bytes_a_row = np.dtype(info.dtype).itemsize * info.per_item
        stop = min(len(self.review), start + max(0, payload.count), start + FRAME_BYTES // bytes_a_row)
        values = self.columns.values(payload.name, start, stop)
        array = out.packed(values) if payload.packed else out.array(values)
        return replies.ArrayReply(name=payload.name, start=start, array=array)

    def _rows(self, ref: Any, buffers: Sequence[Buffer]) -> list[int]:
        rows = [int(r) for r in decode_array(ref, buffers).ravel()]
        if any(not 0 <= r < len(self.review) for r in rows):
            raise MissingError("an item is not in this review", hint="Reload the view.")
        return rows

    def _get_thumbs(
        self,
        payload: requests.GetThumbs,
        request_id: str,
        _base: int | None,
        buffers: Sequence[Buffer],
        _out: Buffers,
    ) -> None:
        side = min(max(16, payload.side), MAX_THUMB_SIDE)
        paths = self.review.session.table.paths
        rows = self._rows(payload.rows, buffers)
        self._thumbs.ask(request_id, rows, [paths[row] for row in rows], side, payload.ticket)

    def _get_info(
        self, payload: requests.GetInfo, _id: str, _base: int | None, buffers: Sequence[Buffer], _out: Buffers
    ) -> replies.InfoReply:
        rows = self._rows(payload.rows, buffers)
        return replies.InfoReply(items=[describe.item_info(self.review, self.columns, row) for row in rows])

    def _get_preview(
        self,
        payload: requests.GetPreview,
        _id: str,
        _base: int | None,
        _buffers: Sequence[Buffer],
        out: Buffers,
    ) -> replies.PreviewReply:
        if not 0 <= payload.row < len(self.review):
            raise MissingError("an item is not in this review", hint="Reload the view.")
        path = self.review.session.table.paths[payload.row]
        side = min(max(64, payload.max_side), MAX_PREVIEW_SIDE)
        picture, (width, height) = self.pictures.preview(path, side)
        while picture.data is not None and len(picture.data) > FRAME_BYTES and side > 256:
            side = side * 3 // 4
            picture, (width, height) = self.pictures.preview(path, side)
        if picture.data is None or picture.media_type is None:
            raise BadInputError(f"{path} cannot be shown: {picture.reason}", hint="Its file may be damaged.")
        return replies.PreviewReply(
            row=payload.row,
            media_type=picture.media_type,
            buffer=out.add(picture.data),
            width=width,
            height=height,
            info=describe.item_info(self.review, self.columns, payload.row, whole=True),
        )

    # ------------------------------------------------------------------------------------------------ editing
    def _edit(
        self,
        payload: requests.Edit,
        request_id: str,
        base: int | None,
        buffers: Sequence[Buffer],
        _out: Buffers,
    ) -> replies.DoneReply:
        command = to_command(payload.command, lambda ref: decode_items(ref, buffers, len(self.review)))
        verdict = self.review.session.do(command, base=base, source=request_id)
        return replies.DoneReply(label=visible_text(verdict.label), cluster=verdict.cluster)

    def _undo(self, _payload: requests.Undo, request_id: str, base: int | None, *_: Any) -> replies.DoneReply:
        return replies.DoneReply(label=visible_text(self.review.session.undo(base=base, source=request_id)))

    def _redo(self, _payload: requests.Redo, request_id: str, base: int | None, *_: Any) -> replies.DoneReply:
        return replies.DoneReply(label=visible_text(self.review.session.redo(base=base, source=request_id)))

    def _jump(self, payload: requests.Jump, request_id: str, base: int | None, *_: Any) -> replies.DoneReply:
        label = self.review.session.jump(payload.cursor, base=base, source=request_id)
        return replies.DoneReply(label=visible_text(label))

    def _checkpoint(self, payload: requests.Checkpoint, *_: Any) -> replies.DoneReply:
        self.review.checkpoint(payload.name)
        return replies.DoneReply(label=f"Checkpoint {payload.name}")

    def _get_history(self, payload: requests.GetHistory, *_: Any) -> replies.HistoryReply:
        start = max(0, payload.start)
        entries = self.review.session.history.entries[start : start + min(payload.count, HISTORY_PAGE)]
        listed = [describe.history_entry(start + i + 1, entry) for i, entry in enumerate(entries)]
        name = self.review.session.history.start_name
        return replies.HistoryReply(start=start, entries=listed, start_name=name and visible_text(name))

    def _set_selection(
        self,
        payload: requests.SetSelection,
        request_id: str,
        _base: int | None,
        buffers: Sequence[Buffer],
        _out: Buffers,
    ) -> replies.OkReply:
        self.review.select(decode_items(payload.items, buffers, len(self.review)), source=request_id)
        return replies.OkReply()

    # ------------------------------------------------------------------------------------------------- saving
    def _folder(self) -> Any:
        if self.review.root is None:
            raise NotAllowedError(
                "this review has no folder to save to", hint="Open one with shoal.open_review(folder)."
            )
        return self.review.root

    def _get_plan(self, *_: Any) -> replies.PlanReply:
        plan, _found = plan_save(self.review.session, self._folder())
        return describe.plan_reply(plan)

    def _save(self, payload: requests.Save, request_id: str, base: int | None, *_: Any) -> None:
        folder, session = self._folder(), self.review.session
        if session.busy:
            raise ConflictError(f"{session.busy} is under way", hint="Wait until it is done, or cancel it.")
        self._cancelled.discard("save")

        def work() -> None:
            from time import perf_counter

            began = perf_counter()
            try:
                done = save_session(
                    session,
                    folder,
                    backup=payload.backup,
                    base=base,
                    source=request_id,
                    progress=lambda n, total, what: self._mail.tell(
                        Progress(task="save", what=what, done=n, total=total), [], request_id
                    ),
                    cancel=lambda: "save" in self._cancelled,
                )
                saved = replies.SavedReply(
                    save=done.revision,
                    n_files=len(done.moves),
                    changes_file=done.changes_file,
                    backup=done.backup,
                    seconds=perf_counter() - began,
                )
            except Exception as error:  # noqa: BLE001 - every request gets its reply, and the error is in it
                self._mail.fail(request_id, error)
                return
            self._mail.reply(request_id, saved, [])

        # a thread, so that "cancel" and thumbnails are still answered meanwhile
        threading.Thread(target=work, name="shoal-save").start()

    def _cancel(self, payload: requests.Cancel, *_: Any) -> replies.OkReply:
        if not self._thumbs.call_off(payload.task):
            self._cancelled.add(payload.task)
        self._offers.cancel(payload.task)
        self._renewal.cancel(payload.task)
        return replies.OkReply()
