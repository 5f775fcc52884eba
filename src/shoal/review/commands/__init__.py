"""The commands: what a person, a script or a file of changes can ask for.

Each is checked against the state and becomes a :class:`~shoal.review.changes.Change`; nothing is half done.
"""

from shoal.review.commands.base import Command, Verdict, name_of
from shoal.review.commands.clusters import (
    AssignItems,
    Assignment,
    CreateCluster,
    DeleteCluster,
    DescribeCluster,
    MarkReviewed,
    MergeClusters,
    RenameCluster,
    SetCover,
    SplitCluster,
    TagClusters,
)
from shoal.review.commands.constraints import Link, LinkItems, PinItems, Together
from shoal.review.commands.items import CaptionItems, MoveItems, RestoreItems, TagItems, TrashItems

__all__ = [
    "AssignItems",
    "Assignment",
    "CaptionItems",
    "Command",
    "CreateCluster",
    "DeleteCluster",
    "DescribeCluster",
    "Link",
    "LinkItems",
    "MarkReviewed",
    "MergeClusters",
    "MoveItems",
    "PinItems",
    "RenameCluster",
    "RestoreItems",
    "SetCover",
    "SplitCluster",
    "TagClusters",
    "TagItems",
    "Together",
    "TrashItems",
    "Verdict",
    "name_of",
]
