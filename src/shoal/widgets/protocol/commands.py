"""The commands a view can send, one class each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shoal.widgets.protocol.base import ItemSet, Message


class MoveItems(Message):
    """Move items into an existing cluster, ``"noise"`` included."""

    type: Literal["move_items"] = "move_items"
    items: ItemSet
    to: str


class MergeClusters(Message):
    """Join clusters into one; ``into`` keeps its id, cover and colour (the largest when null)."""

    type: Literal["merge_clusters"] = "merge_clusters"
    clusters: list[str]
    name: str
    into: str | None = None


class SplitCluster(Message):
    """Put items into a new cluster."""

    type: Literal["split_cluster"] = "split_cluster"
    items: ItemSet
    name: str


class RenameCluster(Message):
    """Give a cluster another name; a name that is taken is refused with code ``name_taken``."""

    type: Literal["rename_cluster"] = "rename_cluster"
    cluster: str
    name: str


class DescribeCluster(Message):
    """Set the description of a cluster."""

    type: Literal["describe_cluster"] = "describe_cluster"
    cluster: str
    description: str


class TagClusters(Message):
    """Add and remove tags of clusters."""

    type: Literal["tag_clusters"] = "tag_clusters"
    clusters: list[str]
    add: list[str] = Field(default_factory=list)
    remove: list[str] = Field(default_factory=list)


class Assignment(Message):
    """Items and where they go: into the cluster ``to``, or into a new one called ``name``."""

    items: ItemSet
    to: str | None = None
    name: str | None = None


class AssignItems(Message):
    """Put several sets of items each into its own cluster, as one edit: a split, a harvest of noise."""

    type: Literal["assign_items"] = "assign_items"
    parts: list[Assignment]
    label: str = Field(
        default="", max_length=300, description="for the history; the kernel's words when empty"
    )


class CreateCluster(Message):
    """Make an empty cluster."""

    type: Literal["create_cluster"] = "create_cluster"
    name: str


class DeleteCluster(Message):
    """Remove a cluster; its items go to noise."""

    type: Literal["delete_cluster"] = "delete_cluster"
    cluster: str


class SetCover(Message):
    """Choose the cover picture of a cluster; null lets the tool choose."""

    type: Literal["set_cover"] = "set_cover"
    cluster: str
    row: int | None


class MarkReviewed(Message):
    """Mark clusters as reviewed or not."""

    type: Literal["mark_reviewed"] = "mark_reviewed"
    clusters: list[str]
    reviewed: bool


class TrashItems(Message):
    """Put items into the trash folder (they are excluded, never deleted)."""

    type: Literal["trash_items"] = "trash_items"
    items: ItemSet


class RestoreItems(Message):
    """Bring items back from the trash, each to the cluster it was in, else to noise."""

    type: Literal["restore_items"] = "restore_items"
    items: ItemSet


class TagItems(Message):
    """Add and remove tags of items."""

    type: Literal["tag_items"] = "tag_items"
    items: ItemSet
    add: list[str] = Field(default_factory=list)
    remove: list[str] = Field(default_factory=list)


class CaptionItems(Message):
    """Set the caption of items; an empty one removes it."""

    type: Literal["caption_items"] = "caption_items"
    items: ItemSet
    caption: str


Command = Annotated[
    MoveItems
    | MergeClusters
    | SplitCluster
    | AssignItems
    | RenameCluster
    | DescribeCluster
    | TagClusters
    | CreateCluster
    | DeleteCluster
    | SetCover
    | MarkReviewed
    | TrashItems
    | RestoreItems
    | TagItems
    | CaptionItems,
    Field(discriminator="type"),
]
