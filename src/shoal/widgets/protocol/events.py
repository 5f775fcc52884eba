"""What the kernel tells every view without being asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shoal.widgets.protocol.base import ClusterInfo, HistoryState, ItemSet, Message


class ItemsMoved(Message):
    """Rows that now have the code ``to``."""

    to: int
    items: ItemSet


class Changed(Message):
    """The state went from ``from_revision`` to the envelope's revision.

    A view that is not at ``from_revision`` resyncs.
    """

    kind: Literal["changed"] = "changed"
    from_revision: int
    action: Literal["do", "undo", "redo", "jump", "save", "checkpoint", "reload"]
    label: str
    actor: str
    moved: list[ItemsMoved]
    clusters: list[ClusterInfo] = Field(description="new and changed clusters, whole")
    removed: list[str]
    stale_columns: list[str] = Field(description="columns whose values changed: fetch again when shown")
    history: HistoryState


class SelectionChanged(Message):
    """The selection, set by Python or by another view."""

    kind: Literal["selection"] = "selection"
    items: ItemSet


class Progress(Message):
    """A long task is under way; ``done == total`` is its end."""

    kind: Literal["progress"] = "progress"
    task: str
    what: str
    done: int
    total: int


class Notice(Message):
    """Something a person should know, not tied to a request."""

    kind: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"]
    message: str
    hint: str


EventPayload = Annotated[Changed | SelectionChanged | Progress | Notice, Field(discriminator="kind")]


class Event(Message):
    """Envelope of an event, sent to every view.

    ``source`` is the id of the request that caused it, if any.
    """

    v: Literal[1] = 1
    type: Literal["event"] = "event"
    revision: int
    source: str | None = None
    payload: EventPayload
