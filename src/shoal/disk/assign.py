"""Give every item that moves a free name, for itself and its companions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from shoal.disk.companions import companion_target
from shoal.disk.names import MAX_NAME_BYTES, folded, folded_all, with_suffix
from shoal.disk.tree import FolderScan, ItemFile

__all__ = ["Assignment", "assign_names"]

_SHORTEST = 64
_MOST_NUMBERS = 1_000_000

Mover = tuple[ItemFile, str, str]
"""An item, the folder it should be in, and the name it would like there."""


class Assignment(NamedTuple):
    """What an item will be called. ``paths`` are (from, to), the item first and its companions after it."""

    item: ItemFile
    folder: str
    name: str
    paths: tuple[tuple[str, str], ...]
    reason: str


class _Names:
    """Names in use in the folders that something moves to, under the key of the least discerning disk."""

    def __init__(self, *, portable: bool) -> None:
        self._portable = portable
        self._taken: dict[str, set[str]] = {}
        self._by_folder: dict[str, set[str]] = {}

    def _in(self, folder: str) -> set[str]:
        found = self._by_folder.get(folder)
        if found is None:
            key = "/".join(folded(part) for part in folder.split("/")) if self._portable else folder
            found = self._by_folder[folder] = self._taken.setdefault(key, set())
        return found

    def _key(self, name: str) -> str:
        return folded(name) if self._portable else name

    def add(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self._in(folder).add(self._key(name))

    def add_all(self, folder: str, names: list[str]) -> None:
        """Names of one folder; the quick way for a hundred thousand."""
        self._in(folder).update(folded_all(names) if self._portable else names)

    def free(self, paths: Sequence[str]) -> bool:
        """Whether all of ``paths`` are free.

        They may be alike among themselves (``a.txt`` and ``a.TXT`` of one picture): they are so now, and no
        other name of the picture would change that.
        """
        for path in paths:
            folder, _, name = path.rpartition("/")
            if self._key(name) in self._in(folder):
                return False
        return True


def assign_names(
    scan: FolderScan, movers: Sequence[Mover], *, portable: bool
) -> tuple[list[Assignment], list[ItemFile]]:
    """Choose the target paths of items that move, so that no two files and nothing that stays collide.

    Parameters
    ----------
    scan : FolderScan
        The folder as it is.
    movers : sequence of (ItemFile, str, str)
        Items with the folder and the name they should have; none of them is there already.
    portable : bool
        Names that differ only in case or Unicode form count as one.

    Returns
    -------
    assigned : list of Assignment
        In the order of their paths. Items that can only keep the path they have are left out.
    stuck : list of ItemFile
        Items whose companions have names so long that no other name can be given.
    """
    names = _names_that_stay(scan, movers, portable=portable)
    chosen: list[Assignment] = []
    stuck: list[ItemFile] = []
    # Renames within a folder first: such an item may keep the name it has, which nobody else may then take.
    order = sorted(range(len(movers)), key=lambda i: movers[i][0].cluster != movers[i][1])
    for i in order:
        made = _assign(movers[i], names)
        if made is None:
            stuck.append(movers[i][0])
            continue
        for _, dst in made.paths:
            names.add(dst)
        if made.paths[0][0] != made.paths[0][1]:
            chosen.append(made)
    return sorted(chosen, key=lambda a: a.item.path), stuck


def _names_that_stay(scan: FolderScan, movers: Sequence[Mover], *, portable: bool) -> _Names:
    names = _Names(portable=portable)
    targets = {folder for _, folder, _ in movers}
    moving = {item.path for item, _, _ in movers}
    for cluster, items in groupby(scan.items, attrgetter("cluster")):
        if cluster in targets:
            stay = [item for item in items if item.path not in moving]
            names.add_all(cluster, [item.name for item in stay])
            for item in stay:
                for path in item.companions:
                    names.add(path)
    for folder, taken in scan.taken.items():
        if folder.partition("/")[0] in targets:
            for name in taken:
                names.add(f"{folder}/{name}")
    for folder in scan.folders:
        # A picture called "faces" must not take the place of the folder of that name.
        if "/" in folder and folder.partition("/")[0] in targets:
            names.add(folder)
    return names


def _assign(mover: Mover, names: _Names) -> Assignment | None:
    item, folder, wished = mover
    for name in _candidates(item, folder, wished):
        paths = _paths(item, folder, name)
        if paths is not None and names.free([dst for _, dst in paths]):
            break
    else:
        return None
    return Assignment(item, folder, name, paths, _reason(item, folder, wished, name))


def _candidates(item: ItemFile, folder: str, wished: str) -> Iterator[str]:
    yield wished
    if item.cluster == folder:
        yield item.name
    # A companion's name is longer than its picture's by as much as it is now.
    more = max((len(_bytes(path.rpartition("/")[2])) for path in item.companions), default=0)
    longest = MAX_NAME_BYTES - max(0, more - len(_bytes(item.name)))
    if longest < _SHORTEST:
        return
    suffix = f"__{item.cluster}"
    yield with_suffix(wished, suffix, longest=longest)
    for number in range(2, _MOST_NUMBERS):
        yield with_suffix(wished, f"{suffix}__{number}", longest=longest)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _paths(item: ItemFile, folder: str, name: str) -> tuple[tuple[str, str], ...] | None:
    """From and to of the item and its companions, or None when a companion's name would be too long."""
    if not item.companions:
        return ((item.path, f"{folder}/{name}"),)
    start = len(item.cluster) + 1
    rows = [(item.path, f"{folder}/{name}")]
    rows += [(p, f"{folder}/{companion_target(p[start:], item.name, name)}") for p in item.companions]
    longest = max(len(_bytes(dst.rpartition("/")[2])) for _, dst in rows)
    different = len({dst for _, dst in rows}) == len(rows)
    return tuple(rows) if longest <= MAX_NAME_BYTES and different else None


def _reason(item: ItemFile, folder: str, wished: str, name: str) -> str:
    if name == item.name:
        return ""
    if name == wished:
        return "its own name is free again"
    return f"{wished!r} is taken in {folder!r}"
