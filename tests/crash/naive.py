"""The control: the save as it is written without thinking of crashes. It must be seen losing pictures.

Items are found by a substring of their file name, only ``*.png`` counts, files are moved one by one with a
rename that replaces (``shutil.move``), and the emptied folder is removed. There is no journal, so nothing can
be recovered.
"""

from __future__ import annotations

import random
from collections import Counter

from tests.crash.disk import Disk, History, Power
from tests.crash.scenarios import Tree, random_disk, random_plan
from tests.crash.simulated import SimulatedFileSystem

POWERS: tuple[Power, ...] = ("kill", "ordered", "atomic")


def naive_move(disk: Disk, src: str, dst: str) -> None:
    """``shutil.move``: what lies at ``dst`` is gone."""
    disk.begin()
    inode = disk.find(src)
    assert inode is not None
    if disk.find(dst) != inode:
        disk.put(*disk.place(dst), inode)
        disk.put(*disk.place(src), None)


def naive_save(disk: Disk, wishes: list[tuple[str, str, str]]) -> None:
    """Move the pictures of each (cluster, image id, target cluster), the simple way."""
    for cluster, image_id, target in wishes:
        if disk.find(cluster) is None:
            continue
        if disk.find(target) is None:
            disk.begin()
            SimulatedFileSystem(disk).mkdir(target)
        for name in list(disk.folders[disk.folder(cluster)]):
            if image_id in name and name.endswith(".png"):
                naive_move(disk, f"{cluster}/{name}", f"{target}/{name}")
        if not disk.folders[disk.folder(cluster)]:
            disk.begin()
            disk.put(*disk.place(cluster), None)


def naive_soak(states: int, seed: int, per_save: int = 100) -> Counter[str]:
    """Crash the naive save like shoal's own, on the same kind of folders and wishes; count what it leaves."""
    rng = random.Random(seed)
    count: Counter[str] = Counter()
    while count.total() < states:
        disk = random_disk(rng)
        _, _, wishes = random_plan(disk, rng)
        old, live = disk.walk(), disk.settled()
        naive_save(live, [(w.path.split("/")[0], w.name.rpartition(".")[0], w.folder) for w in wishes])
        wished = {old[w.path]: w.folder for w in wishes}
        history = History(disk.settled(), live.facts, live.next_inode)
        for _ in range(min(per_save, states - count.total())):
            k = rng.randint(0, len(live.facts))
            count[judge_naive(old, wished, history.crash(k, rng.choice(POWERS), rng).walk())] += 1
    return count


def judge_naive(old: Tree, wished: dict[bytes | None, str], now: Tree) -> str:
    """Lost: bytes are gone. New: every picture is in the folder it was wished to, and only those moved."""
    where = {data: path.partition("/")[0] for path, data in now.items() if data is not None}
    if any(data not in where for path, data in old.items() if data is not None and "/" in path):
        return "lost"
    if all(now.get(path) == data for path, data in old.items() if data is not None):
        return "old"
    for path, data in old.items():
        if data is not None and "/" in path and where[data] != wished.get(data, path.partition("/")[0]):
            return "mixed"
    return "new"
