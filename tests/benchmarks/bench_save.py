"""What a save costs beside the ways people have: copy the tree and move, or ``git mv`` and commit."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from shoal.disk.plan import Wish, make_plan
from shoal.disk.read import scan
from shoal.disk.save import apply_plan

IDS = ("save.",)
ROUNDS = 3
FOLDERS = 20


def make_tree(root: Path, n: int, size: int) -> None:
    """``n`` files of ``size`` bytes, all different, in 20 folders; to a save they are pictures."""
    block = random.Random(0).randbytes(size)
    for k in range(FOLDERS):
        (root / f"character_{k}").mkdir(parents=True)
    for i in range(n):
        (root / f"character_{i % FOLDERS}" / f"frame_{i:06d}.png").write_bytes(
            i.to_bytes(8, "big") + block[8:]
        )
    os.sync()


def moves(n: int) -> list[tuple[str, str]]:
    """A tenth of the files, each to the next folder."""
    found: list[tuple[str, str]] = []
    for i in range(0, n, 10):
        name = f"frame_{i:06d}.png"
        found.append((f"character_{i % FOLDERS}/{name}", f"character_{(i + 1) % FOLDERS}/{name}"))
    return found


def save_seconds(root: Path, pairs: list[tuple[str, str]]) -> float:
    """Plan and save the moves, with backup by links and all syncs."""
    began = perf_counter()
    found = scan(root, check="none")
    plan = make_plan(found, [Wish(src, dst.partition("/")[0], dst.rpartition("/")[2]) for src, dst in pairs])
    done = apply_plan(root, plan, expected=found, report={"clusters": []}, changes={"moves": pairs})
    assert len(done.moves) == len(pairs)
    return perf_counter() - began


def copy_seconds(root: Path, backup: Path, pairs: list[tuple[str, str]]) -> float:
    """``shutil.copytree`` as the backup, then ``shutil.move``."""
    began = perf_counter()
    shutil.copytree(root, backup, ignore=shutil.ignore_patterns(".shoal", ".git"))
    for src, dst in pairs:
        shutil.move(root / src, root / dst)
    return perf_counter() - began


def git_seconds(root: Path, pairs: list[tuple[str, str]]) -> float:
    """``git mv`` of the same files, folder by folder, and a commit; the repository was made before."""
    began = perf_counter()
    by_folder: dict[str, list[str]] = {}
    for src, dst in pairs:
        by_folder.setdefault(dst.partition("/")[0], []).append(src)
    for folder, sources in by_folder.items():
        subprocess.run(["git", "mv", *sources, folder], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", "moved"], cwd=root, check=True)
    return perf_counter() - began


def make_repository(root: Path) -> None:
    """A repository that knows every file."""
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for key, value in (("user.name", "bench"), ("user.email", "bench@example.org"), ("gc.auto", "0")):
        subprocess.run(["git", "config", key, value], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", "before"], cwd=root, check=True)


def used_bytes(root: Path) -> int:
    """Bytes on disk, each inode once."""
    seen: dict[int, int] = {}
    for path in [root, *root.rglob("*")]:
        facts = path.lstat()
        seen[facts.st_ino] = facts.st_blocks * 512
    return sum(seen.values())


def compared(n: int, size: int) -> tuple[float, float, float]:
    """Median seconds of a save and of copytree + move, and the share of bytes that the first save added."""
    mine: list[float] = []
    theirs: list[float] = []
    share = 0.0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            root, pairs = Path(place) / "clustered", moves(n)
            make_tree(root, n, size)
            theirs.append(copy_seconds(root, Path(place) / "backup", pairs))
            for src, dst in pairs:
                (root / dst).rename(root / src)
            shutil.rmtree(Path(place) / "backup")
            os.sync()
            before = used_bytes(root)
            mine.append(save_seconds(root, pairs))
            share = max(share, used_bytes(root) / before - 1)
    return statistics.median(mine), statistics.median(theirs), share


def beside_git(n: int = 2_000, size: int = 200_000) -> tuple[float, float]:
    """Median seconds of a save and of ``git mv`` + commit."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            pairs = moves(n)
            for name in ("git", "shoal"):
                make_tree(Path(place) / name, n, size)
            make_repository(Path(place) / "git")
            os.sync()
            theirs.append(git_seconds(Path(place) / "git", pairs))
            mine.append(save_seconds(Path(place) / "shoal", pairs))
    return statistics.median(mine), statistics.median(theirs)


def versus(name: str, mine: float, peer: str, theirs: float, bar: float) -> dict[str, Any]:
    """A row whose ratio says how many times faster shoal is."""
    ratio = theirs / mine
    return {
        "id": name,
        "value": round(mine, 4),
        "unit": "s",
        "peer": peer,
        "peer_value": round(theirs, 4),
        "ratio": round(ratio, 1),
        "bar": f"≥ {bar:g}× faster",
        "passed": ratio >= bar,
    }


def rows(only: str = "") -> list[dict[str, Any]]:
    """``save.10k.vs_copytree``, ``save.100k.vs_copytree``, ``save.extra_bytes_share``, ``save.vs_git_mv``."""
    copytree = "shutil.copytree + shutil.move"
    mine, theirs, share = compared(10_000, 200_000)
    found = [versus("save.10k.vs_copytree", mine, copytree, theirs, 25)]
    found.append(
        {
            "id": "save.extra_bytes_share",
            "value": round(share, 5),
            "unit": "share",
            "bar": 0.01,
            "passed": share <= 0.01,
            "note": "first save of 10,000 pictures of 200 kB: links, manifest, journal, report",
        }
    )
    mine, theirs, _ = compared(100_000, 2_000)
    found.append(versus("save.100k.vs_copytree", mine, copytree, theirs, 25))
    mine, theirs = beside_git()
    found.append(versus("save.vs_git_mv", mine, "git mv + commit", theirs, 1))
    return found
