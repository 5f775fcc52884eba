"""Random clustered folders and edits of them, with every awkward shape that a review can produce."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from shoal.disk import Plan, Wish, apply_plan, make_plan, prepare_backup, restore, scan
from shoal.disk.tree import FolderScan
from tests.crash.disk import Disk, History, Power
from tests.crash.simulated import SimulatedFileSystem

Backup = Literal["link", "copy", "none"]
Tree = dict[str, bytes | None]
CLUSTERS = ("bunny", "bird_1", "bird_10", "noise", "squirrel")
NAMES = ("frame1.png", "frame10.png", "frame1.PNG", "frame2.jpg", "x.webp", "é.png", "noext.png.png")
SIDECARS = ("{stem}.txt", "{name}.xmp", "faces/{stem}_0.png", "masks/{stem}.png", "{stem}_mask.png")
STRANGERS = ("notes.md", "data/raw.bin", "Thumbs.db")


@dataclass
class Scenario:
    """A save, fact by fact, with the trees before and after it.

    Parameters
    ----------
    history : History
        Everything that the save did to the disk.
    old, new : dict
        Path → bytes before and after it, files of shoal's own left out.
    moves : dict
        What the save says that it moved.
    revision : int
        Of the save.
    wishes : list of Wish
        What was asked for; empty for a restore.
    """

    history: History
    old: Tree
    new: Tree
    moves: dict[str, str]
    revision: int
    wishes: list[Wish]


def add_file(disk: Disk, path: str, data: bytes) -> None:
    """A file, and the folders it lies in, as if they had been there for long."""
    at = disk.folder("")
    *folders, name = path.split("/")
    for part in folders:
        child = disk.folders[at].get(part)
        if child is None:
            child = disk.new_inode()
            disk.folders[child] = {}
            disk.folders[at][part] = child
        at = child
    inode = disk.new_inode()
    disk.put(at, name, inode)
    disk.write(inode, data, inode)


def random_disk(rng: random.Random) -> Disk:
    """Two to four clusters with pictures, sidecars and strangers; every file has bytes of its own."""
    disk = Disk()
    for cluster in rng.sample(CLUSTERS, rng.randint(2, 4)):
        for name in rng.sample(NAMES, rng.randint(1, 4)):
            stem = name.rpartition(".")[0]
            paths = [f"{cluster}/{name}"]
            paths += [f"{cluster}/{s.format(stem=stem, name=name)}" for s in SIDECARS if rng.random() < 0.15]
            for path in paths:
                if disk.find(path) is None:
                    add_file(disk, path, f"bytes of {path}".encode())
        if rng.random() < 0.3:
            path = f"{cluster}/{rng.choice(STRANGERS)}"
            add_file(disk, path, f"stranger {path}".encode())
    if rng.random() < 0.5:
        add_file(disk, "cluster_report.json", b'{"old": true}')
    disk.facts.clear()
    return disk


def random_wishes(found: FolderScan, rng: random.Random) -> list[Wish]:
    """A merge, a rename, a swap, a rotation, or any moves at all."""
    items, clusters = list(found.items), list(found.clusters)
    kind = rng.choice(("merge", "rename", "swap", "rotate", "moves", "moves", "names"))
    if kind in ("merge", "rename"):
        source = rng.choice(clusters)
        target = rng.choice(clusters) if kind == "merge" else "new_name"
        return [Wish(i.path, target, i.name) for i in items if i.cluster == source]
    if kind == "swap" and len(clusters) > 1:
        a, b = rng.sample(clusters, 2)
        other = {a: b, b: a}
        return [Wish(i.path, other[i.cluster], i.name) for i in items if i.cluster in other]
    if kind == "rotate":
        following = dict(zip(clusters, clusters[1:] + clusters[:1], strict=True))
        return [Wish(i.path, following[i.cluster], i.name) for i in items]
    if kind == "names":
        names = [i.name for i in items]
        rng.shuffle(names)
        return [Wish(i.path, i.cluster, name) for i, name in zip(items, names, strict=True)]
    targets = [*clusters, "noise", "trash", "fresh"]
    chosen = rng.sample(items, rng.randint(1, len(items)))
    return [
        Wish(i.path, rng.choice(targets), rng.choice((i.name, i.name, rng.choice(NAMES)))) for i in chosen
    ]


def random_plan(
    disk: Disk, rng: random.Random, before: FolderScan | None = None
) -> tuple[FolderScan, Plan, list[Wish]]:
    """A plan on a disk that does something; clusters that are as they were ``before`` are not read again."""
    while True:
        found = scan("", check="none", before=before, fs=SimulatedFileSystem(disk))
        wishes = random_wishes(found, rng)
        plan = make_plan(found, wishes, portable=rng.random() < 0.8)
        if plan.ok and plan.moves:
            return found, plan, wishes


def random_scenario(rng: random.Random, backup: Backup) -> Scenario:
    """A first save, one whose backup was made ahead, one after another, or the restore of the beginning."""
    disk = random_disk(rng)
    original = disk.walk()
    seen: FolderScan | None = None
    kind = rng.choice(("first", "prepared", "second", "restore"))
    if kind == "prepared" and backup == "link":
        disk = _prepared(disk, rng)
    if kind in ("second", "restore"):
        seen = scan("", check="none", fs=SimulatedFileSystem(disk))
        disk = _save(disk, rng, backup, {"report": 0})[0].disk
        if rng.random() < 0.3:
            add_file(disk, f"{rng.choice(CLUSTERS)}/came_later.png", b"came later")
    old = disk.walk()
    if kind == "restore":
        fs = SimulatedFileSystem(disk.settled())
        done = restore("", 0, report={"new": True}, fs=fs)
        new = {k: v for k, v in old.items() if k.endswith("came_later.png") or "came_later.png" in str(k)}
        new |= {k: None for k in old if any(path.startswith(k + "/") for path in new)}
        return Scenario(fs.history(), old, original | new, dict(done.moves), done.revision, [])
    fs, plan, wishes = _save(disk, rng, backup, {"new": True}, seen)
    moved = {move.src: move.dst for move in plan.moves}
    new = {moved.get(path, path): data for path, data in old.items()} | dict.fromkeys(plan.make_dirs)
    for folder in plan.remove_dirs:
        if not any(path.startswith(folder + "/") for path in new):
            new.pop(folder)
    return Scenario(fs.history(), old, new, moved, plan.revision + 1, wishes)


def _prepared(disk: Disk, rng: random.Random) -> Disk:
    """The first backup was made ahead, and half of the time that was cut off somewhere."""
    fs = SimulatedFileSystem(disk.settled())
    prepare_backup("", scan("", check="none", fs=fs), fs=fs)
    if rng.random() < 0.5:
        return fs.disk
    power: Power = rng.choice(("kill", "ordered", "atomic", "split"))
    return fs.history().crash(rng.randint(0, len(fs.disk.facts)), power, rng)


def _save(
    disk: Disk,
    rng: random.Random,
    backup: Backup,
    report: dict[str, object],
    before: FolderScan | None = None,
) -> tuple[SimulatedFileSystem, Plan, list[Wish]]:
    found, plan, wishes = random_plan(disk, rng, before)
    fs = SimulatedFileSystem(disk.settled())
    apply_plan("", plan, expected=found, report=report, changes={"c": 1}, backup=backup, fs=fs)
    return fs, plan, wishes
