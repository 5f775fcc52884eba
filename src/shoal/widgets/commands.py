"""From the commands on the wire to the commands of the review."""

from __future__ import annotations

from collections.abc import Callable

from shoal.review import commands as review
from shoal.review.rows import Rows
from shoal.widgets.protocol import commands as wire
from shoal.widgets.protocol.base import ItemSet

__all__ = ["to_command"]


def to_command(  # noqa: C901 - one case a command, that is the point
    command: wire.Command, rows: Callable[[ItemSet], Rows]
) -> review.Command:
    """The command of the review that says the same.

    Parameters
    ----------
    command : Command
        As it came from a view.
    rows : callable
        Decodes a set of items.
    """
    match command:
        case wire.MoveItems():
            return review.MoveItems(rows(command.items), command.to)
        case wire.MergeClusters():
            return review.MergeClusters(command.clusters, command.name, command.into)
        case wire.SplitCluster():
            return review.SplitCluster(rows(command.items), command.name)
        case wire.AssignItems():
            parts = [review.Assignment(rows(p.items), p.to, p.name) for p in command.parts]
            return review.AssignItems(parts, command.label)
        case wire.RenameCluster():
            return review.RenameCluster(command.cluster, command.name)
        case wire.DescribeCluster():
            return review.DescribeCluster(command.cluster, command.description)
        case wire.TagClusters():
            return review.TagClusters(command.clusters, command.add, command.remove)
        case wire.CreateCluster():
            return review.CreateCluster(command.name)
        case wire.DeleteCluster():
            return review.DeleteCluster(command.cluster)
        case wire.SetCover():
            return review.SetCover(command.cluster, command.row)
        case wire.MarkReviewed():
            return review.MarkReviewed(command.clusters, command.reviewed)
        case wire.TrashItems():
            return review.TrashItems(rows(command.items))
        case wire.RestoreItems():
            return review.RestoreItems(rows(command.items))
        case wire.TagItems():
            return review.TagItems(rows(command.items), command.add, command.remove)
        case wire.CaptionItems():
            return review.CaptionItems(rows(command.items), command.caption)
