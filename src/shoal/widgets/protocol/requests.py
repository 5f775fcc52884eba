"""What a view can ask of its kernel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shoal.widgets.protocol.base import ArrayRef, ItemSet, Message
from shoal.widgets.protocol.commands import Command
from shoal.widgets.protocol.playback import GetPast
from shoal.widgets.protocol.queue import (
    AnswerQueue,
    AskQueue,
    GetAutoMoves,
    RunAutoMove,
    SetQueue,
    SkipQueue,
)
from shoal.widgets.protocol.recluster import AcceptReclustering, GetReclustering


class Hello(Message):
    """Ask for the whole table of clusters and the sizes of everything else. Also used to resync."""

    kind: Literal["hello"] = "hello"


class GetArray(Message):
    """Ask for rows ``start`` … ``start + count`` of a column.

    Short replies are legal, ask again for the rest.
    """

    kind: Literal["get_array"] = "get_array"
    name: str
    start: int
    count: int
    packed: bool = Field(default=False, description="the view can read packed arrays")


class Edit(Message):
    """Carry out a command."""

    kind: Literal["edit"] = "edit"
    command: Command


class Undo(Message):
    """Take back the last edit."""

    kind: Literal["undo"] = "undo"


class Redo(Message):
    """Carry out the last undone edit again."""

    kind: Literal["redo"] = "redo"


class Jump(Message):
    """Go to any point of the history: ``cursor`` edits in force."""

    kind: Literal["jump"] = "jump"
    cursor: int


class Checkpoint(Message):
    """Name the present point of the history."""

    kind: Literal["checkpoint"] = "checkpoint"
    name: str


class GetHistory(Message):
    """Ask for entries of the history, newest last."""

    kind: Literal["get_history"] = "get_history"
    start: int
    count: int


class GetThumbs(Message):
    """Ask for thumbnails of ``rows`` (uint32), longest side ``side`` px.

    Those that are missing from the reply (the frame was full, or they were called off) may be asked for
    again.
    """

    kind: Literal["get_thumbs"] = "get_thumbs"
    rows: ArrayRef
    side: int
    ticket: str = Field(default="", description="``cancel`` with it as the task calls off what is not begun")


class GetInfo(Message):
    """Ask for names and facts of ``rows`` (uint32)."""

    kind: Literal["get_info"] = "get_info"
    rows: ArrayRef


class GetPreview(Message):
    """Ask for one picture at up to ``max_side`` px."""

    kind: Literal["get_preview"] = "get_preview"
    row: int
    max_side: int


class GetSplit(Message):
    """Ask how a cluster would come apart, in ``parts`` parts (the suggested number when null).

    Progress comes as events of task ``"split"``.
    """

    kind: Literal["get_split"] = "get_split"
    cluster: str
    method: Literal["auto", "natural", "even"] = "auto"
    parts: int | None = None


class GetHarvest(Message):
    """Ask which clusters the items of noise are nearest to; those below ``least`` similarity are left out."""

    kind: Literal["get_harvest"] = "get_harvest"
    least: float = Field(ge=-1, le=1)


class GetFilm(Message):
    """Ask for the items around ``row`` in time: at most ``count`` to each side."""

    kind: Literal["get_film"] = "get_film"
    row: int
    count: int = Field(ge=0, le=50)


class GetValues(Message):
    """Ask for the values of a column for the items of one cluster, in the order of their rows."""

    kind: Literal["get_values"] = "get_values"
    name: str
    cluster: str


class SetSelection(Message):
    """Tell the kernel (and other views) what is selected: ``review.selection``."""

    kind: Literal["set_selection"] = "set_selection"
    items: ItemSet


class GetPlan(Message):
    """Ask what a save would do now."""

    kind: Literal["get_plan"] = "get_plan"


class Save(Message):
    """Write the state to the folders. Progress comes as events of task ``"save"``."""

    kind: Literal["save"] = "save"
    backup: Literal["link", "copy", "none"] = "link"


class Cancel(Message):
    """Stop a long task, by its name in the progress events, or thumbnails by their ticket."""

    kind: Literal["cancel"] = "cancel"
    task: str


RequestPayload = Annotated[
    Hello
    | GetArray
    | Edit
    | Undo
    | Redo
    | Jump
    | Checkpoint
    | GetHistory
    | GetThumbs
    | GetInfo
    | GetPreview
    | GetSplit
    | GetHarvest
    | GetFilm
    | GetValues
    | SetSelection
    | GetPlan
    | Save
    | AskQueue
    | AnswerQueue
    | SkipQueue
    | SetQueue
    | GetAutoMoves
    | RunAutoMove
    | GetReclustering
    | AcceptReclustering
    | GetPast
    | Cancel,
    Field(discriminator="kind"),
]


class Request(Message):
    """Envelope of a request.

    ``base`` is the revision that the view shows; required for edits, undo, redo, jump and save.
    """

    v: Literal[1] = 1
    id: str
    base: int | None = None
    payload: RequestPayload
