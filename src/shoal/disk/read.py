"""Read a clustered folder: ``<root>/<cluster>/<picture>`` with whatever lies beside the pictures."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from shoal.compute.garbage import no_collection
from shoal.data.pictures import PICTURE_SUFFIXES, check_picture
from shoal.disk.companions import COMPANION_FOLDERS, find_companions
from shoal.disk.earlier import Earlier
from shoal.disk.layout import last_revision
from shoal.disk.recover import recover_if_needed
from shoal.disk.tree import FolderFacts, FolderScan, ItemFile, Layout
from shoal.errors import BadInputError, DamagedError, MissingError
from shoal.store.atomic import read_json
from shoal.store.filesystem import OWN, FileSystem, Stat

__all__ = ["FolderFacts", "FolderScan", "ItemFile", "natural_key", "scan"]

CHECKED_BY_DEFAULT = 2_000
"""Items whose pictures are looked into with ``check="auto"``; opening them costs about 0.1 ms each."""

_REPORTS: tuple[tuple[str, Layout], ...] = (
    ("cluster_report.json", "clusters"),
    ("identity_clustering.json", "identities"),
)
_NUMBER = re.compile(r"([0-9]+)")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sort key under which ``frame_9`` comes before ``frame_10``."""
    parts: list[str | int] = list(_NUMBER.split(name))
    parts[1::2] = [int(part) for part in parts[1::2]]
    return parts, name


def scan(
    root: str | os.PathLike[str],
    *,
    check: Literal["auto", "all", "none"] | int = "auto",
    before: FolderScan | None = None,
    fs: FileSystem | None = None,
) -> FolderScan:
    """Read a clustered folder; a save that was interrupted is recovered first.

    Parameters
    ----------
    root : path
        The folder that holds the cluster folders.
    check : {"auto", "all", "none"} or int
        How many pictures to look into, so that broken ones can be listed; ``"auto"`` is 2,000.
    before : FolderScan, optional
        An earlier look at this folder: clusters in which no name has changed since are taken from it, with
        the sizes and times that their files had then. A save compares those of every file that it moves.
    fs : FileSystem, optional
        The disk to read from; tests give one that can crash.

    Returns
    -------
    FolderScan

    Raises
    ------
    MissingError
        When there is no such folder.
    BadInputError
        When it is not a folder, or cannot be read.
    ConflictError
        When an interrupted save must be recovered but somebody else holds the folder.
    """
    if fs is not None:
        return _scanned(fs, check, before)
    path = Path(root)
    if not path.exists():
        raise MissingError(f"there is no folder {str(path)!r}", hint="Check the path.")
    if not path.is_dir():
        raise BadInputError(f"{str(path)!r} is not a folder", hint="Give the folder that holds the clusters.")
    with FileSystem(path) as real:
        return _scanned(real, check, before)


@no_collection()
def _scanned(
    fs: FileSystem, check: Literal["auto", "all", "none"] | int, before: FolderScan | None
) -> FolderScan:
    try:
        return _scan(fs, check, Earlier(before) if before is not None else None)
    except OSError as error:
        # A folder that is read by half would look like one whose pictures are gone.
        what = f"{error.filename!r} in {fs.root!r}" if error.filename else repr(fs.root)
        raise BadInputError(
            f"{what} cannot be read: {error.strerror}", hint="Mend that, and open it again."
        ) from error


@dataclass
class _Found:
    """What has been read so far."""

    items: list[ItemFile] = field(default_factory=list[ItemFile])
    clusters: list[str] = field(default_factory=list[str])
    ignored: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    broken: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    folders: dict[str, FolderFacts] = field(default_factory=dict[str, FolderFacts])
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: list[str] = field(default_factory=list[str])


def _scan(fs: FileSystem, check: Literal["auto", "all", "none"] | int, earlier: Earlier | None) -> FolderScan:
    at_ns = time.time_ns()
    found = _Found(notes=list(recover_if_needed(fs).notes))
    revision = last_revision(fs)
    own = fs.stat("")
    top = fs.stats("")
    if own is None:
        raise MissingError(f"there is no folder {fs.root!r}", hint="Check the path.")
    found.folders[""] = _facts(own)
    loose: list[str] = []
    for name, facts in sorted(top, key=lambda row: natural_key(row[0])):
        if facts.kind == "folder" and not name.startswith("."):
            if earlier is None or not _take(fs, name, _facts(facts), earlier, found):
                _read_cluster(fs, name, facts, found)
        elif name != OWN:
            loose.append(name)
            if not any(name == report for report, _ in _REPORTS):
                found.ignored.append((name, _why_not_cluster(name, facts)))
    found.taken[""] = tuple(loose)
    report, layout = _read_report(fs, found)
    unchecked = _check(fs, found, _limit(check, len(found.items)))
    return FolderScan(
        root=Path(fs.root),
        items=tuple(found.items),
        clusters=tuple(found.clusters),
        ignored=tuple(found.ignored),
        broken=tuple(found.broken),
        report=report,
        layout=layout,
        revision=revision,
        unchecked=unchecked,
        folders=found.folders,
        taken=found.taken,
        notes=tuple(found.notes),
        at_ns=at_ns,
    )


def _facts(found: Stat) -> FolderFacts:
    return FolderFacts(found.inode, found.device, found.mtime_ns)


def _take(fs: FileSystem, cluster: str, facts: FolderFacts, earlier: Earlier, found: _Found) -> bool:
    """Take a cluster over as it was at an earlier look, when no name in it has changed since."""
    was = earlier.unchanged(cluster, facts, fs)
    if was is None:
        return False
    found.clusters.append(cluster)
    found.items += was.items
    found.ignored += was.ignored
    found.folders |= was.folders
    found.taken |= was.taken
    return True


def _why_not_cluster(name: str, facts: Stat) -> str:
    if facts.kind == "link":
        return "a symbolic link is not followed"
    if name.startswith("."):
        return "hidden"
    return "lies beside the clusters"


def _read_cluster(fs: FileSystem, cluster: str, facts: Stat, found: _Found) -> None:
    try:
        rows = fs.stats(cluster)
    except (PermissionError, FileNotFoundError) as error:
        found.ignored.append((cluster, f"cannot be read: {error.strerror}"))
        return
    found.clusters.append(cluster)
    found.folders[cluster] = _facts(facts)
    pictures: dict[str, Stat] = {}
    others: list[str] = []
    below: dict[str, list[str]] = {}
    taken: list[str] = []
    for name, row in rows:
        why = _refuse(fs, cluster, name, row)
        if row.kind == "folder" and name in COMPANION_FOLDERS:
            below[name] = _read_below(fs, f"{cluster}/{name}", row, found)
        elif why is not None:
            taken.append(name)
            found.ignored.append((f"{cluster}/{name}", why))
        elif _is_item(fs, f"{cluster}/{name}", name, row):
            pictures[name] = row
        else:
            others.append(name)
    owned, left = find_companions(sorted(pictures, key=natural_key), others, below)
    for name, companions in owned.items():
        row = pictures[name]
        paths = tuple(f"{cluster}/{c}" for c in companions) if companions else ()
        path = f"{cluster}/{name}"
        found.items.append(
            ItemFile(path, cluster, name, row.size, row.mtime_ns, row.inode, row.device, paths)
        )
    found.ignored += [(f"{cluster}/{path}", "no picture it belongs to") for path in left]
    _note_taken(cluster, taken, left, found)


def _note_taken(cluster: str, taken: list[str], left: Iterable[str], found: _Found) -> None:
    for path in left:
        folder, _, name = path.rpartition("/")
        if folder:
            held = found.taken.get(f"{cluster}/{folder}", ())
            found.taken[f"{cluster}/{folder}"] = (*held, name)
        else:
            taken.append(name)
    if taken:
        found.taken[cluster] = tuple(taken)


def _read_below(fs: FileSystem, folder: str, facts: Stat, found: _Found) -> list[str]:
    try:
        rows = fs.stats(folder)
    except (PermissionError, FileNotFoundError) as error:
        found.ignored.append((folder, f"cannot be read: {error.strerror}"))
        return []
    found.folders[folder] = _facts(facts)
    files = sorted(name for name, row in rows if row.kind == "file" and not name.startswith("."))
    odd = tuple(name for name, row in rows if row.kind != "file" or name.startswith("."))
    if odd:
        found.taken[folder] = odd
        found.ignored += [(f"{folder}/{name}", "not a plain file") for name in odd]
    return files


def _refuse(fs: FileSystem, cluster: str, name: str, row: Stat) -> str | None:
    """Why a name in a cluster folder can be nothing to us, or None."""
    if row.kind == "folder":
        return "a sub-folder"
    if row.kind == "other":
        return "not a plain file"
    if name.startswith("."):
        return "hidden"
    if row.kind == "link":
        target = fs.link_target(f"{cluster}/{name}")
        # Cluster folders lie side by side, so a link that begins by leaving its own stays right.
        if not target.startswith(("/", "../")):
            return "a symbolic link into its own folder would break elsewhere"
    return None


def _is_item(fs: FileSystem, path: str, name: str, row: Stat) -> bool:
    stem, dot, suffix = name.rpartition(".")
    if dot and stem:
        return f".{suffix.lower()}" in PICTURE_SUFFIXES
    if row.kind != "file":
        return False
    try:
        head = fs.head(path, 16)
    except OSError:
        return False  # it stays where it is, listed with the files that belong to no picture
    return (
        head.startswith(_MAGIC)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or head[4:12] == b"ftypavif"
    )


def _read_report(fs: FileSystem, found: _Found) -> tuple[dict[str, Any] | None, Layout]:
    for name, layout in _REPORTS:
        facts = fs.stat(name)
        if facts is None:
            continue
        try:
            report = read_json(name, fs=fs)
        except (DamagedError, OSError, RecursionError) as error:
            found.notes.append(f"{name} could not be read and is passed over: {error}")
            continue
        if isinstance(report, dict):
            return cast("dict[str, Any]", report), layout
        found.notes.append(f"{name} does not hold an object and is passed over")
    return None, "clusters"


def _limit(check: Literal["auto", "all", "none"] | int, n_items: int) -> int:
    if isinstance(check, int):
        return max(0, min(check, n_items))
    return {"auto": min(CHECKED_BY_DEFAULT, n_items), "all": n_items, "none": 0}[check]


def _check(fs: FileSystem, found: _Found, limit: int) -> int:
    """Look into the first ``limit`` pictures; return how many were not looked into."""
    for item in found.items[:limit]:
        reason = check_picture(fs.full(item.path))
        if reason:
            found.broken.append((item.path, reason))
    return len(found.items) - limit
