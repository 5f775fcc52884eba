"""Messages of playback: the review as it was at any point of its history, to look at."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shoal.widgets.protocol.base import ArrayRef, ItemSet, Message

__all__ = ["GetPast", "PastCluster", "PastMove", "PastReply"]


class GetPast(Message):
    """Ask how the review was with ``cursor`` edits in force. Nothing is changed by it."""

    kind: Literal["get_past"] = "get_past"
    cursor: int = Field(ge=0)


class PastCluster(Message):
    """A cluster as it was then."""

    id: str
    code: int
    name: str
    color: int
    size: int
    cover: int | None = Field(description="row of a picture; null for an empty cluster")
    changed: bool = Field(description="by the edit that led here")


class PastMove(Message):
    """Items that the edit moved from one cluster to another."""

    source_name: str
    target_name: str
    target: str | None = Field(description="null when the cluster is not there any more")
    count: int
    examples: list[int]


class PastReply(Message):
    """The review at one point of its history, and the edit that led there."""

    kind: Literal["past"] = "past"
    cursor: int
    label: str = Field(description="of that edit; empty at the start")
    at: str
    actor: str
    note: str = Field(description='"auto" for what a machine decided')
    checkpoint: str | None
    saved: bool
    clusters: list[PastCluster] = Field(description="largest first")
    n_noise: int
    n_trash: int
    moves: list[PastMove] = Field(description="most items first")
    touched: ItemSet = Field(description="items that the edit changed")
    codes: ArrayRef | None = Field(description="cluster of each item then; null when it fits in no message")
