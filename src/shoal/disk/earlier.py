"""An earlier look at a folder, cluster by cluster, for the clusters in which nothing has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from shoal.disk.tree import FolderFacts, FolderScan, ItemFile
from shoal.store.filesystem import FileSystem

__all__ = ["Earlier", "Part"]


@dataclass
class Part:
    """What was found in one cluster."""

    items: list[ItemFile] = field(default_factory=list[ItemFile])
    ignored: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    folders: dict[str, FolderFacts] = field(default_factory=dict[str, FolderFacts])
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


class Earlier:
    """The clusters of a scan.

    Parameters
    ----------
    scan : FolderScan
        The earlier look.
    """

    def __init__(self, scan: FolderScan) -> None:
        self._scan = scan
        self._parts = {cluster: Part() for cluster in scan.clusters}
        for cluster, items in groupby(scan.items, attrgetter("cluster")):
            self._parts[cluster].items += items
        for path, why in scan.ignored:
            part = self._part(path)
            if part is not None:
                part.ignored.append((path, why))
        for path, facts in scan.folders.items():
            part = self._part(path)
            if part is not None:
                part.folders[path] = facts
        for path, names in scan.taken.items():
            part = self._part(path)
            if part is not None:
                part.taken[path] = names

    def _part(self, path: str) -> Part | None:
        return self._parts.get(path.partition("/")[0])

    def unchanged(self, cluster: str, facts: FolderFacts, fs: FileSystem) -> Part | None:
        """What was found in a cluster, when it and its companion folders still have the same names in them.

        A folder's time tells, except when it had changed so shortly before it was read that a later change
        could have left the same time.
        """
        part = self._parts.get(cluster)
        if part is None or facts != self._scan.settled(cluster):
            return None
        for path in part.folders:
            if path == cluster:
                continue
            now, was = fs.stat(path), self._scan.settled(path)
            if now is None or was is None or (now.inode, now.device, now.mtime_ns) != was:
                return None
        return part
