"""Bring files to one side of a save, from wherever an interruption left them; can itself be interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from shoal.disk.backup import find_backup
from shoal.disk.layout import HOLD, JOURNAL, hold_name
from shoal.disk.names import folded, with_suffix
from shoal.disk.ordering import layers
from shoal.disk.records import Record, Step
from shoal.store.filesystem import OWN, FileSystem, Stat

__all__ = ["Settled", "carry_out", "holding_place", "path_key", "settle"]


@dataclass
class Settled:
    """What settling did."""

    moved: int = 0
    notes: list[str] = field(default_factory=list[str])
    touched: set[str] = field(default_factory=set[str])
    lacking: list[tuple[Step, str]] = field(default_factory=list[tuple[Step, str]])


def path_key(path: str) -> str:
    """Key under which two paths are one file on the least discerning disk."""
    if path.isascii():
        return path.lower()
    return "/".join(folded(part) for part in path.split("/"))


def carry_out(
    fs: FileSystem,
    pairs: list[tuple[str, str]],
    hold: Callable[[int], str],
    tick: Callable[[int], None],
) -> None:
    """Rename every pair in an order in which nothing is ever in the way.

    Raises
    ------
    OSError
        At the first rename that fails; those before it have been made.
    """
    for layer in layers(pairs, hold, _keys(pairs)):
        fs.rename_many(layer, tick)


def holding_place(fs: FileSystem, path: str) -> str:
    """``path``, once the folder for it is there: it is made when the first file has to wait."""
    if fs.stat(HOLD) is None:
        fs.mkdir(HOLD)
        fs.sync_folder(OWN)
    return path


def _keys(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs with case and Unicode form levelled, unless there are twins: this disk tells them apart."""
    keys = [(path_key(src), path_key(dst)) for src, dst in pairs]
    for side in (0, 1):
        if len({key[side] for key in keys}) < len(pairs):
            return pairs
    return keys


def settle(fs: FileSystem, record: Record, *, forward: bool) -> Settled:
    """Put every file of a save where it belongs after it (``forward``) or before it.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    record : Record
        The save. Files are known by their inodes; where a disk gives inodes anew, by size and time.
    forward : bool
        The side to settle on.

    Returns
    -------
    Settled
        ``touched`` are the folders that must be synced.

    Notes
    -----
    Nothing is replaced: where somebody else's file has taken the place, ours gets a name beside it. A file
    that is found nowhere is taken from the backup, but only on the way back and when it lies nowhere else
    in the root.
    """
    done = Settled()
    pairs: list[tuple[str, str]] = []
    holds: dict[str, str] = {}
    ours = {step.inode for step in record.steps}
    for group in _groups(record):
        pairs += _settle_group(fs, record, group, forward=forward, done=done, holds=holds, ours=ours)
    leaving = {src for src, _ in pairs}
    pairs = [(src, _free(fs, dst, leaving, done)) for src, dst in pairs]
    done.touched |= {path.rpartition("/")[0] for pair in pairs for path in pair}
    done.moved += len(pairs)
    carry_out(fs, pairs, lambda i: holding_place(fs, holds[pairs[i][0]]), lambda _: None)
    for step, path in done.lacking:
        _bring_back(fs, record, step, path, done)
    if pairs and fs.stat(HOLD) is not None:
        done.touched.add(HOLD)
    return done


def _groups(record: Record) -> Iterator[list[tuple[int, Step]]]:
    """The steps, those of one inode together: two names of one file cannot be told apart."""
    by_inode: dict[int, list[tuple[int, Step]]] = {}
    for i, step in enumerate(record.steps):
        by_inode.setdefault(step.inode, []).append((i, step))
    yield from by_inode.values()


def _settle_group(
    fs: FileSystem,
    record: Record,
    group: list[tuple[int, Step]],
    *,
    forward: bool,
    done: Settled,
    holds: dict[str, str],
    ours: set[int],
) -> list[tuple[str, str]]:
    """Renames that bring the names of one file to their side. Double names are mended, missing ones noted."""
    wanted = [step.dst if forward else step.src for _, step in group]
    places = dict.fromkeys(wanted)
    for i, step in group:
        places |= dict.fromkeys((step.src, step.dst, hold_name(record.revision, i)))
    current = _present(fs, places, group[0][1], ours)
    astray = [path for path in current if path not in wanted]
    lacking = [path for path in wanted if path not in current]
    pairs = list(zip(astray, lacking, strict=False))
    for (src, _), (i, _step) in zip(pairs, group, strict=False):
        holds[src] = hold_name(record.revision, i)
    for twin in astray[len(lacking) :]:
        # A rename that the power cut in half: the file has both its names.
        keep = next(path for path in current if path in wanted or path in holds)
        fs.drop_twin(twin, keep)
        done.touched |= {twin.rpartition("/")[0]}
    if not forward:
        done.lacking += [(group[0][1], path) for path in lacking[len(astray) :]]
    return pairs


def _present(fs: FileSystem, places: Iterable[str], step: Step, ours: set[int]) -> list[str]:
    """Those of ``places`` where the file is."""
    seen: list[tuple[str, Stat]] = []
    for path in places:
        found = fs.stat(path)
        if found is not None:
            seen.append((path, found))
    by_inode = [path for path, found in seen if found.inode == step.inode]
    if by_inode:
        return by_inode
    facts = step.size, step.mtime_ns
    alike = [
        path for path, found in seen if (found.size, found.mtime_ns) == facts and found.inode not in ours
    ]
    return alike[:1]


def _bring_back(fs: FileSystem, record: Record, step: Step, path: str, done: Settled) -> None:
    elsewhere = _find_inode(fs, step.inode)
    if elsewhere is not None:
        done.notes.append(f"{path!r} was moved to {elsewhere!r} by somebody else and stays there")
        return
    place = find_backup(fs, record, step)
    if place is None:
        done.notes.append(f"{path!r} is gone, and no backup has it")
        return
    free = _free(fs, path, set(), done)
    if record.backup == "copy":
        # A copy is whole before it gets the name of a picture.
        made = f"{JOURNAL}/{record.revision:06d}-back.made"
        if fs.stat(made) is not None:
            fs.unlink(made)
        fs.copy(place, made)
        fs.rename(made, free)
    else:
        fs.link(place, free)
    done.notes.append(f"{path!r} was gone and is back from the backup")
    done.touched |= {free.rpartition("/")[0]}


def _find_inode(fs: FileSystem, inode: int) -> str | None:
    """Path of a file below the root, own files aside; only for a file that is not where it was."""
    todo = [""]
    while todo:
        folder = todo.pop()
        for entry in fs.entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if path == OWN:
                continue
            if entry.kind == "folder":
                todo.append(path)
            elif entry.inode == inode:
                return path
    return None


def _free(fs: FileSystem, path: str, leaving: set[str], done: Settled) -> str:
    """``path``, or a name beside it when somebody else's file lies there."""
    folder, _, name = path.rpartition("/")
    free, number = path, 1
    while free not in leaving and fs.stat(free) is not None:
        number += 1
        free = f"{folder}/{with_suffix(name, f'__{number}')}"
    if free != path:
        done.notes.append(f"another file has taken the place of {path!r}; ours is {free!r} now")
    return free
