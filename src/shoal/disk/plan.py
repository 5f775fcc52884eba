"""The pure planner: from where the pictures are and where they should be, to what a save will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from shoal.compute.garbage import no_collection
from shoal.disk.assign import Assignment, assign_names
from shoal.disk.names import RESERVED, check_name, folded
from shoal.disk.tree import FolderScan
from shoal.errors import NameRefusedError

__all__ = ["Move", "Plan", "PlanRow", "Refusal", "Wish", "make_plan"]

What = Literal["move", "rename", "merge", "to noise", "trash"]

_LINK_BYTES = 64
"""Rough cost of one more name and one manifest row for a file, bytes."""


class Wish(NamedTuple):
    """Where an item should be.

    Parameters
    ----------
    path : str
        Its path in the scan.
    folder : str
        The cluster folder it should be in.
    name : str
        The name it would like to have: its original file name. It gets another one when that is taken.
    """

    path: str
    folder: str
    name: str


class Move(NamedTuple):
    """One file that will change its path. ``reason`` says why its name changes, or is empty."""

    src: str
    dst: str
    kind: Literal["item", "sidecar"]
    reason: str = ""


class Refusal(NamedTuple):
    """Something that cannot be done, and the way out."""

    path: str
    reason: str
    hint: str


class PlanRow(NamedTuple):
    """All moves from one folder to another, counted."""

    what: What
    source: str
    target: str
    files: int
    sidecars: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a save will do; nothing has been done yet.

    Parameters
    ----------
    moves : tuple of Move
        Every file that changes its path, items and sidecars.
    make_dirs, remove_dirs : tuple of str
        Folders to make (parents first), and to remove when they end up empty (children first).
    refusals : tuple of Refusal
        When there are any, the whole plan is refused.
    rows : tuple of PlanRow
        The moves, summed up.
    notes : tuple of str
        What a person should know before agreeing.
    extra_bytes : int
        Estimate of the disk space that the backup takes.
    clusters : tuple of str
        The cluster folders afterwards.
    revision : int
        Revision of the folder that was planned against.
    """

    moves: tuple[Move, ...] = ()
    make_dirs: tuple[str, ...] = ()
    remove_dirs: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    rows: tuple[PlanRow, ...] = ()
    notes: tuple[str, ...] = ()
    extra_bytes: int = 0
    clusters: tuple[str, ...] = ()
    revision: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is refused."""
        return not self.refusals

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do on disk."""
        return not (self.moves or self.make_dirs or self.remove_dirs)

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-able data."""
        return {
            "moves": [move._asdict() for move in self.moves],
            "make_dirs": list(self.make_dirs),
            "remove_dirs": list(self.remove_dirs),
            "refusals": [refusal._asdict() for refusal in self.refusals],
            "rows": [row._asdict() for row in self.rows],
            "notes": list(self.notes),
            "extra_bytes": self.extra_bytes,
            "revision": self.revision,
            "ok": self.ok,
        }

    def text(self) -> str:
        """The plan for people; names are shown with ``repr``, so that no name can pose as anything else."""
        lines = [_row_text(row) for row in self.rows]
        lines += [f"new folder {path!r}" for path in self.make_dirs]
        lines += [f"remove folder {path!r} when it is empty" for path in self.remove_dirs]
        lines += [f"renamed: {m.src!r} → {m.dst!r} ({m.reason})" for m in self.moves if m.reason]
        lines += [f"note: {note}" for note in self.notes]
        lines += [f"refused: {r.path!r}: {r.reason} → {r.hint}" for r in self.refusals]
        return "\n".join(lines) or "nothing to do"


def _row_text(row: PlanRow) -> str:
    sidecars = f" and {row.sidecars} sidecars" if row.sidecars else ""
    return f"{row.what}: {row.files} pictures{sidecars}  {row.source!r} → {row.target!r}"


@no_collection()
def make_plan(
    scan: FolderScan,
    wishes: Iterable[Wish],
    *,
    portable: bool = True,
    keep_dirs: Iterable[str] | None = None,
    backup: Literal["link", "copy", "none"] = "link",
) -> Plan:
    """Plan how every item comes to where it is wished; pure, reads and writes nothing.

    Parameters
    ----------
    scan : FolderScan
        The folder as it is.
    wishes : iterable of Wish
        Items that should be elsewhere. Items without a wish stay where they are.
    portable : bool
        New folder names must be possible on every system, and names that differ only in case or Unicode form
        count as one.
    keep_dirs : iterable of str, optional
        Cluster folders that should exist though they are empty; they are made when missing. When given, other
        empty clusters are removed; when left out, only those that this plan empties.
    backup : {"link", "copy", "none"}
        For the estimate of space.

    Returns
    -------
    Plan
        With ``refusals`` instead of an exception when something cannot be done.

    Notes
    -----
    A name that is taken becomes ``name__<source folder>.ext``, then ``name__<source folder>__2.ext``, …;
    an item that comes back to a folder where its own name is free gets it back.
    """
    given = list(wishes)
    keep = None if keep_dirs is None else set(keep_dirs)
    refusals = _check_wishes(scan, given)
    refusals += _check_folders(scan, given, keep or set(), portable)
    if refusals:
        return Plan(refusals=tuple(refusals), revision=scan.revision, clusters=scan.clusters)
    movers = [(scan.by_path[w.path], w.folder, w.name) for w in given]
    movers = [m for m in movers if (m[0].cluster, m[0].name) != (m[1], m[2])]
    assigned, stuck = assign_names(scan, movers, portable=portable)
    refusals = _check_disks(scan, assigned)
    refusals += [
        Refusal(
            item.path, "its name is taken there, and its sidecar's is too long for another", "Shorten it."
        )
        for item in stuck
    ]
    moves = tuple(
        Move(src, dst, "item" if k == 0 else "sidecar", a.reason if k == 0 else "")
        for a in assigned
        for k, (src, dst) in enumerate(a.paths)
        if src != dst  # a sidecar named by the stem keeps its name when only the extension changes
    )
    make, remove, notes, clusters = _folders(scan, assigned, moves, keep)
    refusals += _check_case(scan, clusters, portable)
    if refusals:
        return Plan(refusals=tuple(refusals), revision=scan.revision, clusters=scan.clusters)
    per_file = 0 if backup == "none" else _LINK_BYTES * (len(scan.items) + len(moves))
    copied = sum(item.size for item in scan.items) if backup == "copy" else 0
    return Plan(
        moves=moves,
        make_dirs=make,
        remove_dirs=remove,
        rows=_rows(scan, assigned),
        notes=notes,
        extra_bytes=per_file + copied,
        clusters=clusters,
        revision=scan.revision,
    )


def _check_wishes(scan: FolderScan, wishes: list[Wish]) -> list[Refusal]:
    refusals: list[Refusal] = []
    seen: set[str] = set()
    for wish in wishes:
        if wish.path not in scan.by_path:
            refusals.append(Refusal(wish.path, "it is not in the folder", "Open the folder again."))
        if wish.path in seen:
            refusals.append(Refusal(wish.path, "it is wished to two places", "Give one wish for each item."))
        seen.add(wish.path)
        if "/" in wish.name or "\0" in wish.name or wish.name.startswith(".") or not wish.name:
            refusals.append(
                Refusal(wish.path, f"{wish.name!r} is not a file name", "Leave the name as it was.")
            )
    return refusals


def _check_folders(scan: FolderScan, wishes: list[Wish], keep: set[str], portable: bool) -> list[Refusal]:
    """New cluster folders must have a possible name that nothing else in the root has."""
    refusals: list[Refusal] = []
    beside = {folded(name) if portable else name: name for name in scan.taken.get("", ())}
    known = set(scan.clusters)
    for folder in sorted({w.folder for w in wishes} | keep):
        if folder in known:
            continue
        try:
            check_name(folder, portable=portable, reserved=folder not in RESERVED)
        except NameRefusedError as error:
            refusals.append(Refusal(folder, error.message, error.hint))
            continue
        other = beside.get(folded(folder) if portable else folder)
        if other is not None:
            reason = f"{other!r} lies there and is not a cluster"
            refusals.append(Refusal(folder, reason, "Choose another name, or move that away."))
    return refusals


def _check_disks(scan: FolderScan, assigned: list[Assignment]) -> list[Refusal]:
    """A rename stays on one disk; what is mounted below the root cannot take part."""
    home = scan.folders[""].device if "" in scan.folders else None
    refusals: list[Refusal] = []
    for a in assigned:
        facts = scan.folders.get(a.folder)
        if home is not None and (a.item.device != home or (facts is not None and facts.device != home)):
            where = a.item.path if a.item.device != home else a.folder
            refusals.append(
                Refusal(where, "it is on another disk than the root", "Leave its items where they are.")
            )
    return refusals


def _check_case(scan: FolderScan, clusters: tuple[str, ...], portable: bool) -> list[Refusal]:
    """No new folder may differ from another one only in case or Unicode form."""
    if not portable:
        return []
    count = Counter(folded(name) for name in clusters)
    return [
        Refusal(
            name,
            "another cluster has the same name but for upper and lower case, or accents",
            "Choose a clearly different name, or merge the two.",
        )
        for name in clusters
        if count[folded(name)] > 1 and name not in scan.folders
    ]


def _folders(
    scan: FolderScan, assigned: list[Assignment], moves: tuple[Move, ...], keep: set[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Folders to make and to remove, notes, and the clusters afterwards."""
    wanted = {move.dst.rpartition("/")[0] for move in moves} | {a.folder for a in assigned} | (keep or set())
    make = sorted(wanted - set(scan.folders), key=lambda path: (path.count("/"), path))
    before = scan.sizes
    left = before.copy()
    for a in assigned:
        left[a.item.cluster] -= 1
        left[a.folder] += 1
    notes: list[str] = []
    remove = _emptied_below(scan, moves)
    for cluster in scan.clusters:
        if left[cluster] or (keep is not None and cluster in keep):
            continue
        if not before[cluster] and (keep is None or cluster in RESERVED):
            continue
        below = [path for path in scan.folders if path.startswith(cluster + "/")]
        stay = [f"{path}/{name}" for path in (cluster, *below) for name in scan.taken.get(path, ())]
        if stay:
            notes.append(f"{cluster!r} stays, because it holds what is not a picture: {stay[0]!r}")
        else:
            remove += [*sorted(set(below) - set(remove)), cluster]
    gone = set(remove)
    clusters = [c for c in scan.clusters if c not in gone] + [p for p in make if "/" not in p]
    return tuple(make), tuple(remove), tuple(notes), tuple(sorted(clusters))


def _emptied_below(scan: FolderScan, moves: tuple[Move, ...]) -> list[str]:
    """Companion folders (``bunny/faces``) that lose their last file."""
    left: Counter[str] = Counter()
    for move in moves:
        for path, change in ((move.src, -1), (move.dst, 1)):
            folder = path.rpartition("/")[0]
            if "/" in folder:
                left[folder] += change
    if not left:
        return []
    for item in scan.items:
        for path in item.companions:
            folder = path.rpartition("/")[0]
            if folder in left:
                left[folder] += 1
    return sorted(f for f, n in left.items() if n == 0 and f in scan.folders and not scan.taken.get(f))


def _rows(scan: FolderScan, assigned: list[Assignment]) -> tuple[PlanRow, ...]:
    size = scan.sizes
    flows: Counter[tuple[str, str]] = Counter()
    sidecars: Counter[tuple[str, str]] = Counter()
    for a in assigned:
        flows[a.item.cluster, a.folder] += 1
        sidecars[a.item.cluster, a.folder] += len(a.paths) - 1
    sources = Counter(target for _, target in flows)
    rows: list[PlanRow] = []
    for (source, target), files in sorted(flows.items()):
        whole = files == size[source]
        fresh = target not in scan.folders
        what: What = "move"
        if target in RESERVED:
            what = "to noise" if target == "noise" else "trash"
        elif whole and source != target:
            what = "rename" if fresh and sources[target] == 1 else "merge"
        rows.append(PlanRow(what, source, target, files, sidecars[source, target]))
    return tuple(rows)
