"""Commands on clusters: merge, split, create, delete, rename, describe, cover, tag, reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shoal.disk.names import folded
from shoal.errors import BadInputError, NotAllowedError
from shoal.review import rows as rowsets
from shoal.review.changes import CellChange, Change
from shoal.review.commands.base import (
    ClusterPairs,
    Command,
    Verdict,
    cells_to,
    checked_rows,
    cluster_record,
    covers_lost,
    name_of,
    plural,
)
from shoal.review.naming import checked_name, clean_tags
from shoal.review.records import NOISE, NOISE_CODE, TRASH, ClusterRecord
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = [
    "AssignItems",
    "Assignment",
    "CreateCluster",
    "DeleteCluster",
    "DescribeCluster",
    "MarkReviewed",
    "MergeClusters",
    "RenameCluster",
    "SetCover",
    "SplitCluster",
    "TagClusters",
]


def _new_cluster(state: State, name: str, **facts: Any) -> ClusterRecord:
    code = state.next_code
    return ClusterRecord(id=f"c{code}", code=code, name=name, color=code, **facts)


@dataclass(frozen=True, slots=True)
class MergeClusters(Command):
    """Join clusters into one. ``into`` keeps its id, cover and colour; the largest when None."""

    clusters: Sequence[str]
    name: str
    into: str | None = None

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        records = [cluster_record(state, c) for c in dict.fromkeys(self.clusters)]
        if len(records) < 2:
            raise BadInputError(
                "a merge needs two clusters or more", hint="Select another cluster with Ctrl-click."
            )
        into = self.into or max(records, key=lambda r: state.size(r.code)).id
        if into not in {r.id for r in records}:
            raise BadInputError(f"{into!r} is not one of the merged clusters", hint="Leave `into` out.")
        target = state.clusters[into]
        others = [r for r in records if r.id != into]
        name = checked_name(state, self.name, free={r.id for r in records})
        rows = rowsets.as_rows(np.sort(np.concatenate([state.members(r.code) for r in others])))
        merged = replace(
            target,
            name=name,
            description=target.description or next((r.description for r in others if r.description), ""),
            tags=tuple(sorted({tag for r in records for tag in r.tags})),
            reviewed=all(r.reviewed for r in records),
        )
        clusters: ClusterPairs = {r.id: (r, None) for r in others}
        if merged != target:
            clusters[into] = (target, merged)
        label = f"Merged {', '.join(r.name for r in others[:3])}{' …' if len(others) > 3 else ''} into {name}"
        return Verdict(Change(cells_to(state, rows, target.code), clusters), label, into)


@dataclass(frozen=True, slots=True, eq=False)
class SplitCluster(Command):
    """Put items into a new cluster."""

    items: Rows
    name: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        items = checked_rows(state, self.items)
        record = _new_cluster(state, checked_name(state, self.name))
        cells = cells_to(state, items, record.code)
        clusters = covers_lost(state, cells["code"])
        clusters[record.id] = (None, record)
        return Verdict(Change(cells, clusters), f"Split {plural(len(items))} off as {record.name}", record.id)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Items and where they go: into a cluster that is there (``to``), or into a new one (``name``)."""

    items: Rows
    to: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AssignItems(Command):
    """Put several sets of items each into its own cluster, new or not, as one edit: the parts of a split."""

    parts: Sequence[Assignment]
    label: str = ""

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        if not self.parts:
            raise BadInputError("nothing is to be assigned", hint="Choose at least one part.")
        code, made, keys = state.next_code, list[ClusterRecord](), set[str]()
        items: list[Rows] = []
        targets: list[int] = []
        for part in self.parts:
            items.append(checked_rows(state, part.items))
            if part.to is not None:
                if part.to == TRASH:
                    raise NotAllowedError("items go to the trash by themselves", hint="Use TrashItems.")
                targets.append(state.code_of(part.to))
                continue
            name = checked_name(state, part.name or "")
            if folded(name) in keys:
                raise BadInputError(f"two parts are called {name!r}", hint="Give each its own name.")
            keys.add(folded(name))
            made.append(ClusterRecord(id=f"c{code}", code=code, name=name, color=code))
            targets.append(code)
            code += 1
        rows = np.concatenate(items)
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        if len(rows) > 1 and bool((rows[1:] == rows[:-1]).any()):
            raise BadInputError("an item is in two of the parts", hint="Reload the view.")
        after = np.repeat(np.array(targets, np.int32), [len(i) for i in items])[order]
        kept = state.codes[rows] != after
        cells = CellChange(rows[kept], state.codes[rows[kept]], after[kept])
        clusters = covers_lost(state, cells)
        clusters.update({record.id: (None, record) for record in made})
        into = plural(len(self.parts), "cluster")
        label = self.label or f"Sorted {plural(len(cells.rows))} into {into}"
        return Verdict(Change({"code": cells}, clusters), label, made[0].id if made else self.parts[0].to)


@dataclass(frozen=True, slots=True)
class CreateCluster(Command):
    """Make an empty cluster."""

    name: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        record = _new_cluster(state, checked_name(state, self.name))
        return Verdict(Change(clusters={record.id: (None, record)}), f"Created {record.name}", record.id)


@dataclass(frozen=True, slots=True)
class DeleteCluster(Command):
    """Remove a cluster; its items go to noise."""

    cluster: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        record = cluster_record(state, self.cluster)
        rows = state.members(record.code)
        cells = cells_to(state, rows, NOISE_CODE) if len(rows) else {}
        tail = f"; {plural(len(rows))} to noise" if len(rows) else ""
        return Verdict(Change(cells, {record.id: (record, None)}), f"Deleted {record.name}{tail}", NOISE)


def _edit(state: State, cluster: str, label: str, **facts: Any) -> Verdict:
    record = cluster_record(state, cluster)
    new = replace(record, **facts)
    if new == record:
        raise NotAllowedError("that changes nothing", hint="It is so already.")
    return Verdict(Change(clusters={record.id: (record, new)}), label, record.id)


@dataclass(frozen=True, slots=True)
class RenameCluster(Command):
    """Give a cluster another name. A name that is taken is refused: merging is asked for, never silent."""

    cluster: str
    name: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        old = cluster_record(state, self.cluster)
        name = checked_name(state, self.name, free={old.id})
        return _edit(state, old.id, f"Renamed {old.name} to {name}", name=name)


@dataclass(frozen=True, slots=True)
class DescribeCluster(Command):
    """Set the description of a cluster."""

    cluster: str
    description: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        if len(self.description) > 10_000:
            raise BadInputError("the description is over 10,000 characters", hint="Shorten it.")
        name = name_of(state, self.cluster)
        return _edit(state, self.cluster, f"Described {name}", description=self.description.strip())


@dataclass(frozen=True, slots=True)
class SetCover(Command):
    """Choose the cover of a cluster (an item number), or None to let the views choose."""

    cluster: str
    row: int | None

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        record = cluster_record(state, self.cluster)
        if self.row is not None and not (0 <= self.row < len(state) and state.codes[self.row] == record.code):
            raise BadInputError(
                "the cover must be a picture of the cluster itself", hint="Move it there first."
            )
        return _edit(state, record.id, f"Chose the cover of {record.name}", cover=self.row)


@dataclass(frozen=True, slots=True)
class TagClusters(Command):
    """Add and remove tags of clusters."""

    clusters: Sequence[str]
    add: Sequence[str] = ()
    remove: Sequence[str] = ()

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        add, remove = set(clean_tags(self.add)), set(self.remove)
        changed: ClusterPairs = {}
        for record in (cluster_record(state, c) for c in self.clusters):
            new = replace(record, tags=tuple(sorted((set(record.tags) | add) - remove)))
            if new != record:
                changed[record.id] = (record, new)
        if not changed:
            raise NotAllowedError("that changes nothing", hint="The tags are so already.")
        return Verdict(
            Change(clusters=changed), f"Tagged {plural(len(changed), 'cluster')}", next(iter(changed))
        )


@dataclass(frozen=True, slots=True)
class MarkReviewed(Command):
    """Mark clusters as reviewed, or not."""

    clusters: Sequence[str]
    reviewed: bool = True

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        changed: ClusterPairs = {}
        for record in (cluster_record(state, c) for c in self.clusters):
            if record.reviewed != self.reviewed:
                changed[record.id] = (record, replace(record, reviewed=self.reviewed))
        if not changed:
            raise NotAllowedError("that changes nothing", hint="They are marked so already.")
        what = name_of(state, next(iter(changed))) if len(changed) == 1 else plural(len(changed), "cluster")
        return Verdict(
            Change(clusters=changed), f"Marked {what} {'reviewed' if self.reviewed else 'not reviewed'}"
        )
