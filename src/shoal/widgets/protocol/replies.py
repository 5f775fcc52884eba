"""What the kernel answers; every request gets exactly one reply."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shoal.widgets.protocol.base import (
    ArrayRef,
    BrokenItem,
    ClusterInfo,
    ColumnInfo,
    ErrorInfo,
    HistoryState,
    ItemSet,
    Message,
)
from shoal.widgets.protocol.playback import PastReply
from shoal.widgets.protocol.queue import AutoMoveReply, QueueReply
from shoal.widgets.protocol.recluster import ReclusteringReply


class HelloReply(Message):
    """Everything but arrays and pictures."""

    kind: Literal["hello"] = "hello"
    session: str = Field(
        description="changes when the kernel-side object is a new one; then fetch everything again"
    )
    title: str
    root: str
    n_items: int
    clusters: list[ClusterInfo]
    columns: list[ColumnInfo]
    history: HistoryState
    selection: ItemSet
    broken: list[BrokenItem]
    n_broken: int
    seconds_spent: float
    read_only: str | None = Field(description="why nothing can be edited or saved, or null")


class ArrayReply(Message):
    """Rows ``start`` … of a column."""

    kind: Literal["array"] = "array"
    name: str
    start: int
    array: ArrayRef


class DoneReply(Message):
    """An edit is done and logged; the change itself came as a ``changed`` event before this reply."""

    kind: Literal["done"] = "done"
    label: str
    cluster: str | None = Field(default=None, description="id of the cluster that the command made or left")


class HistoryEntry(Message):
    """One edit of the history."""

    index: int = Field(description="cursor after this edit")
    label: str
    at: str = Field(description="UTC, ISO 8601")
    actor: str
    items: int
    sample: list[int] = Field(description="up to 4 rows that it touched")
    checkpoint: str | None
    saved: bool = Field(description="the folder was saved at this point")


class HistoryReply(Message):
    """Entries of the history."""

    kind: Literal["history"] = "history"
    start: int
    start_name: str | None = Field(default=None, description="checkpoint before the first edit")
    entries: list[HistoryEntry]


class Thumb(Message):
    """One thumbnail: the bytes of an encoded picture, or why there is none."""

    row: int
    media_type: str | None
    buffer: int | None
    reason: str | None


class ThumbsReply(Message):
    """Thumbnails in the order asked for.

    A reply may hold fewer than asked (frame limit): ask again for the rest.
    """

    kind: Literal["thumbs"] = "thumbs"
    thumbs: list[Thumb]


class ItemInfo(Message):
    """Facts about one item, for tooltip and preview."""

    row: int
    id: str
    path: str
    tags: list[str]
    caption: str
    facts: dict[str, str] = Field(description="title → value, ready to show: shot, time, size, sidecars …")


class InfoReply(Message):
    """Facts about items in the order asked for."""

    kind: Literal["info"] = "info"
    items: list[ItemInfo]


class PreviewReply(Message):
    """One picture, large."""

    kind: Literal["preview"] = "preview"
    row: int
    media_type: str
    buffer: int
    width: int = Field(description="of the original, px")
    height: int
    info: ItemInfo


class PlanRow(Message):
    """One line of the plan: so many files go from one folder to another."""

    what: Literal["move", "rename", "merge", "split", "to noise", "trash", "restore"]
    source: str
    target: str
    files: int
    sidecars: int


class Refusal(Message):
    """Something a save will not do, why, and the way out."""

    path: str
    reason: str
    hint: str


class PlanReply(Message):
    """What a save would do."""

    kind: Literal["plan"] = "plan"
    rows: list[PlanRow]
    renamed: list[str] = Field(description="sentences about files that need another name; at most 50")
    n_renamed: int
    refusals: list[Refusal]
    notes: list[str]
    n_files: int
    extra_bytes: int
    files: list[tuple[str, str]] = Field(description="source and target of each move; at most 2,000")


class SavedReply(Message):
    """The folders are written and fsynced."""

    kind: Literal["saved"] = "saved"
    save: int = Field(description="number of this save, for ``restore``")
    n_files: int
    changes_file: str
    backup: str | None
    seconds: float


class Near(Message):
    """A cluster, and the cosine similarity of something to its centroid."""

    cluster: str
    similarity: float


class SplitPart(Message):
    """One part of a proposal. The first is the largest."""

    items: ItemSet
    examples: list[int] = Field(description="rows that show what it holds, the most typical first")
    cohesion: float | None
    near: Near | None = Field(description="the other cluster that is nearest to it")


class SplitReply(Message):
    """How a cluster would come apart."""

    kind: Literal["split"] = "split"
    cluster: str
    method: Literal["natural", "even"]
    levels: list[int] = Field(description="numbers of parts that can be had, ascending")
    scores: list[float] = Field(description="mean silhouette for each of the levels")
    suggested: int = Field(description="the clearest number of parts; 1 when the items look like one")
    parts: list[SplitPart]


class HarvestGroup(Message):
    """Items of noise that are nearest to one cluster."""

    cluster: str
    items: ItemSet
    sample: list[int] = Field(description="the nearest first; at most 24")
    best: float = Field(description="cosine similarity to the centroid")
    least: float
    close_calls: int = Field(description="how many are almost as near to another cluster")


class HarvestReply(Message):
    """Where the items of noise could go, largest group first."""

    kind: Literal["harvest"] = "harvest"
    groups: list[HarvestGroup]
    n_noise: int
    n_unknown: int = Field(description="items of noise without a vector")
    more: int = Field(description="groups that did not fit; harvest these first")
    steps: list[float] = Field(description="similarities that 95, 75, 50, 25 and 5 % of the items reach")


class FilmReply(Message):
    """Items around one in time, in order."""

    kind: Literal["film"] = "film"
    rows: list[int]
    times: list[float] = Field(description="s")
    shots: list[int] = Field(description="−1 where unknown")
    first_s: float = Field(description="earliest time of all items")
    last_s: float
    shot_first_s: float | None = Field(description="first and last time of an item in the same shot")
    shot_last_s: float | None


class ValuesReply(Message):
    """Values of a column for the items of one cluster, in the order of their rows."""

    kind: Literal["values"] = "values"
    name: str
    cluster: str
    array: ArrayRef | None = Field(description="null when it would not fit a frame: get the whole column")


class OkReply(Message):
    """Taken note of."""

    kind: Literal["ok"] = "ok"


ReplyPayload = Annotated[
    HelloReply
    | ArrayReply
    | DoneReply
    | HistoryReply
    | ThumbsReply
    | InfoReply
    | PreviewReply
    | PlanReply
    | SavedReply
    | SplitReply
    | HarvestReply
    | FilmReply
    | ValuesReply
    | QueueReply
    | AutoMoveReply
    | ReclusteringReply
    | PastReply
    | OkReply,
    Field(discriminator="kind"),
]


class Reply(Message):
    """Envelope of a reply.

    ``payload`` is null exactly when ``ok`` is false, ``error`` exactly when it is true.
    """

    v: Literal[1] = 1
    type: Literal["reply"] = "reply"
    id: str
    ok: bool
    revision: int
    payload: ReplyPayload | None = None
    error: ErrorInfo | None = None
