"""Messages of clustering again: a proposal to look at, and the word that takes it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shoal.widgets.protocol.base import ItemSet, Message

__all__ = ["AcceptReclustering", "GetReclustering", "ReclusteringReply", "Regrouped", "ResizedCluster"]


class GetReclustering(Message):
    """Ask what clustering again would change. Progress comes as events of task ``"recluster"``."""

    kind: Literal["get_reclustering"] = "get_reclustering"


class AcceptReclustering(Message):
    """Take a proposal, as one edit; a conflict when the review was edited since it was made."""

    kind: Literal["accept_reclustering"] = "accept_reclustering"
    proposal: str = Field(description="its id")


class Regrouped(Message):
    """Items that would go from one cluster to another."""

    source: str = Field(description='id of a cluster, or "noise"')
    source_name: str
    target: str | None = Field(description="null for a new cluster")
    target_name: str
    items: ItemSet
    examples: list[int] = Field(description="rows of pictures to show, spread over the items")
    beside: list[int] = Field(description="rows of the target as it is now; empty for a new cluster")


class ResizedCluster(Message):
    """A cluster that would gain or lose items."""

    cluster: str | None = Field(description="null for a new one")
    name: str
    before: int = Field(description="0 for a new one")
    after: int = Field(description="0 for one that would go")


class ReclusteringReply(Message):
    """What clustering again would change; nothing is changed yet."""

    kind: Literal["reclustering"] = "reclustering"
    proposal: str
    moved: int
    kept: int = Field(description="pins, links and facts about groups: all there are")
    pinned_touched: int = Field(description="pinned items that would move: 0")
    same: int = Field(description="clusters that would keep all their items")
    clusters: list[ResizedCluster]
    moves: list[Regrouped] = Field(description="most items first")
    more: int = Field(description="moves that did not fit in a message")
