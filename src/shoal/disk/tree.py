"""What a look at a clustered folder found, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

__all__ = ["FolderFacts", "FolderScan", "ItemFile", "Layout", "surely_before"]

_GRAIN_NS = 10_000_000
_COARSE_GRAIN_NS = 2_000_000_000

Layout = Literal["clusters", "identities"]


def surely_before(mtime_ns: int, moment_ns: int) -> bool:
    """Whether a folder with this time had its last change before a moment, and a later one would show.

    Clocks of file systems tick every few milliseconds; where times are whole seconds, every two at worst.
    """
    grain = _GRAIN_NS if mtime_ns % 1_000_000_000 else _COARSE_GRAIN_NS
    return mtime_ns < moment_ns - grain


class ItemFile(NamedTuple):
    """One picture of a cluster.

    Parameters
    ----------
    path : str
        Relative to the root, with ``/``; bytes that are not UTF-8 appear as lone surrogates.
    cluster, name : str
        Its folder and its file name.
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change of its content, nanoseconds since 1970.
    inode, device : int
        Who it is, whatever it is called.
    companions : tuple of str
        Relative paths of the sidecars that travel with it.
    """

    path: str
    cluster: str
    name: str
    size: int
    mtime_ns: int
    inode: int
    device: int
    companions: tuple[str, ...] = ()


class FolderFacts(NamedTuple):
    """One folder when it was read."""

    inode: int
    device: int
    mtime_ns: int


@dataclass(frozen=True)
class FolderScan:
    """A clustered folder as it was at one moment.

    Parameters
    ----------
    root : Path
        Absolute, symbolic links resolved.
    items : tuple of ItemFile
        In natural order of cluster and name.
    clusters : tuple of str
        Every folder that counts as a cluster, empty ones included, in natural order.
    ignored : tuple of (str, str)
        Relative paths that were left alone, and why.
    broken : tuple of (str, str)
        Items that cannot be shown, and why. They are items all the same, and can be moved.
    report : dict or None
        Content of ``cluster_report.json`` or ``identity_clustering.json``.
    layout : {"clusters", "identities"}
        Which of the two reports the folder has.
    revision : int
        Newest save that was done when the folder was read; 0 before the first.
    unchecked : int
        Number of items whose pictures were not looked into.
    folders : mapping of str to FolderFacts
        The root (``""``), the clusters and their ``faces/`` and ``masks/``.
    taken : mapping of str to tuple of str
        For each of ``folders``, the names in it that are neither items nor companions.
    notes : tuple of str
        What a person should know: what a recovery did, a report that could not be read.
    at_ns : int
        When the reading began, nanoseconds since 1970.
    """

    root: Path
    items: tuple[ItemFile, ...]
    clusters: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    report: dict[str, Any] | None = None
    layout: Layout = "clusters"
    revision: int = 0
    unchecked: int = 0
    folders: Mapping[str, FolderFacts] = field(default_factory=dict[str, FolderFacts])
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[str, ...] = ()
    at_ns: int = 0

    @cached_property
    def by_path(self) -> dict[str, ItemFile]:
        """The items by their paths."""
        return {item.path: item for item in self.items}

    def settled(self, path: str) -> FolderFacts | None:
        """The facts of a folder by which a later look can tell that no name in it has changed, or None."""
        facts = self.folders.get(path)
        return facts if facts is not None and surely_before(facts.mtime_ns, self.at_ns) else None

    @cached_property
    def sizes(self) -> Counter[str]:
        """Number of items of each cluster that has any."""
        # The items lie cluster by cluster.
        return Counter({c: sum(1 for _ in found) for c, found in groupby(self.items, attrgetter("cluster"))})

    @cached_property
    def counts(self) -> Counter[str]:
        """Number of scanned files, items and companions, of each folder that has any."""
        counts = Counter(self.sizes)
        for item in self.items:
            for path in item.companions:
                counts[path.rpartition("/")[0]] += 1
        return counts

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return (
            f"FolderScan({len(self.items)} items in {len(self.clusters)} clusters of {str(self.root)!r}, "
            f"revision {self.revision}, {len(self.ignored)} ignored, {len(self.broken)} broken)"
        )
