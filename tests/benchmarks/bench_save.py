"""Saving a review against what people do without shoal: copy the folder, then move; or keep it in git.

One picture in ten moves to another cluster. The folder was read when the review was opened; the look at what
has changed since, planning, checks, backup, journal, renames, syncs and the report count. The plain rows are
a save as a review does it: the links of the first backup were made ahead, while the person looked around. The
``cold`` rows make them within the save. The peer copies the whole folder (``shutil.copytree``) and moves the
same files (``shutil.move``), without a journal and without waiting for the disk.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from shoal.disk import FolderScan, Wish, apply_plan, make_plan, prepare_backup, scan, verify

IDS = ("save.",)
RUNS = 3
BAR = 25.0
LARGE = (10_000, 200_000, 100)
SMALL = (100_000, 16_000, 300)
LARGE_IS = "10,000 pictures of 200 kB in 100 clusters, 1,000 move"
SMALL_IS = "100,000 pictures of 16 kB in 300 clusters, 10,000 move"
Row = dict[str, Any]


def fill(root: Path, files: int, size: int, clusters: int) -> None:
    """Pictures of random bytes, each with a number of its own, spread over the clusters."""
    block = os.urandom(size - 8)
    for k in range(clusters):
        (root / f"cluster_{k}").mkdir(parents=True)
    for i in range(files):
        path = root / f"cluster_{i % clusters}" / f"shot_{i // 40:04d}_frame_{i:06d}.jpg"
        path.write_bytes(i.to_bytes(8, "big") + block)


def edits(root: Path, clusters: int, share: float, seed: int = 0) -> dict[str, str]:
    """Path → path of a review: single moves to another cluster."""
    rng = random.Random(seed)
    paths = sorted(p.relative_to(root).as_posix() for p in root.glob("cluster_*/*.jpg"))
    chosen = rng.sample(paths, int(len(paths) * share))
    return {p: f"cluster_{rng.randrange(clusters)}/{p.partition('/')[2]}" for p in chosen}


def shoal_seconds(root: Path, moves: dict[str, str], opened: FolderScan | None = None) -> float:
    """Look again, plan and save; the folder was read before."""
    opened = scan(root, check="none") if opened is None else opened
    report = {"clusters": [{"name": name, "size": size} for name, size in opened.sizes.items()]}
    start = time.perf_counter()
    found = scan(root, check="none", before=opened)
    plan = make_plan(found, [Wish(a, *b.split("/")) for a, b in moves.items()])
    apply_plan(root, plan, expected=found, report=report, changes={"moves": len(moves)})
    return time.perf_counter() - start


def copy_seconds(root: Path, moves: dict[str, str]) -> float:
    """Copy the folder away as a backup, then move the files."""
    start = time.perf_counter()
    shutil.copytree(root, root.with_name("backup"))
    for src, dst in moves.items():
        if src != dst:
            shutil.move(root / src, root / dst)
    seconds = time.perf_counter() - start
    shutil.rmtree(root.with_name("backup"))
    return seconds


def fresh(place: Path, shape: tuple[int, int, int]) -> Path:
    """A folder that has just been filled and written out."""
    root = place / "pictures"
    shutil.rmtree(root, ignore_errors=True)
    fill(root, *shape)
    os.sync()
    return root


class Times(NamedTuple):
    """Median seconds of a save with its backup made ahead, without, and of the peer; share of bytes added."""

    ready: float
    cold: float
    peer: float
    ahead: float
    extra: float


def compare(shape: tuple[int, int, int], runs: int) -> Times:
    """All of them one after the other on the same bytes, several times."""
    found: list[Times] = []
    with tempfile.TemporaryDirectory() as name:
        for run in range(runs):
            root = fresh(Path(name), shape)
            peer = copy_seconds(root, edits(root, shape[2], 0.1, run))
            os.sync()
            cold = shoal_seconds(root, edits(root, shape[2], 0.1, run + 100))
            shutil.rmtree(root / ".shoal")
            os.sync()
            before = used_bytes(root)
            opened = scan(root, check="none")
            start = time.perf_counter()
            prepare_backup(root, opened)
            ahead = time.perf_counter() - start
            ready = shoal_seconds(root, edits(root, shape[2], 0.1, run + 200), opened)
            found.append(Times(ready, cold, peer, ahead, used_bytes(root) / before - 1))
    return Times(*(statistics.median(column) for column in zip(*found, strict=True)))


def used_bytes(root: Path) -> int:
    """Bytes on disk below a folder, each file once however many names it has, folders too."""
    seen: dict[int, int] = {}
    for folder, _, files in os.walk(root):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:  # noqa: PTH118 - 100,000 of them
            found = os.lstat(path)
            seen[found.st_ino] = found.st_blocks * 512
    return sum(seen.values())


def git_seconds(place: Path, shape: tuple[int, int, int]) -> tuple[float, float]:
    """The same moves by shoal, and by ``git mv`` and a commit in a repository that holds the folder."""
    root = fresh(place, shape)
    moves = {a: b for a, b in edits(root, shape[2], 0.1).items() if a.split("/")[0] != b.split("/")[0]}

    def git(*args: str) -> None:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")
        subprocess.run(["git", *identity, *args], cwd=root, check=True, stdout=subprocess.DEVNULL)

    git("init", "-q")
    git("-c", "core.compression=0", "add", "-A")
    git("commit", "-q", "-m", "before")
    os.sync()
    by_target: dict[str, list[str]] = {}
    for src, dst in moves.items():
        by_target.setdefault(dst.partition("/")[0], []).append(src)
    start = time.perf_counter()
    for target, sources in by_target.items():
        git("mv", *sources, target)
    git("commit", "-q", "-m", "after")
    theirs = time.perf_counter() - start
    root = fresh(place, shape)
    return shoal_seconds(root, moves), theirs


def ratio_row(name: str, own: float, peer: float, bar: float | None, note: str) -> Row:
    """A row of seconds against copytree and move."""
    ratio = peer / own
    return {
        "id": name,
        "value": round(own, 3),
        "unit": "s",
        "peer": "shutil.copytree + shutil.move",
        "peer_value": round(peer, 3),
        "ratio": round(ratio, 1),
        "bar": None if bar is None else f"≥ {bar:g}×",
        "passed": None if bar is None else ratio >= bar,
        "note": note,
    }


def against_copies(name: str, shape: tuple[int, int, int], what: str) -> list[Row]:
    """The rows of one size of folder."""
    times = compare(shape, RUNS)
    ahead = f"the backup was made ahead in {times.ahead:.1f} s"
    return [
        ratio_row(f"{name}.vs_copytree", times.ready, times.peer, BAR, f"{what}; first save, {ahead}"),
        ratio_row(f"{name}.cold.vs_copytree", times.cold, times.peer, None, f"{what}; nothing made ahead"),
        share_row(f"{name}.extra_bytes_share", times.extra, what),
    ]


def share_row(name: str, extra: float, what: str) -> Row:
    """A row of the bytes that a first save adds."""
    return {
        "id": name, "value": round(extra, 5), "unit": "share", "peer": "shutil.copytree", "peer_value": 1.0,
        "ratio": None, "bar": "≤ 0.01", "passed": extra <= 0.01,
        "note": f"{what}; every link, manifest and journal of the first save",
    }  # fmt: skip


def ten_thousand() -> list[Row]:
    """10,000 pictures of 200 kB."""
    return against_copies("save.10k", LARGE, LARGE_IS)


def hundred_thousand() -> list[Row]:
    """100,000 pictures of 16 kB."""
    return against_copies("save.100k", SMALL, SMALL_IS)


def extra_bytes() -> list[Row]:
    """The bytes alone, without a copy beside them."""
    with tempfile.TemporaryDirectory() as name:
        root = fresh(Path(name), LARGE)
        before = used_bytes(root)
        prepare_backup(root, scan(root, check="none"))
        shoal_seconds(root, edits(root, LARGE[2], 0.1))
        return [share_row("save.extra_bytes_share", used_bytes(root) / before - 1, LARGE_IS)]


def hashing() -> list[Row]:
    """What hashing everything costs after a save, when no hash was known."""
    with tempfile.TemporaryDirectory() as name:
        root = fresh(Path(name), LARGE)
        shoal_seconds(root, edits(root, LARGE[2], 0.1))
        start = time.perf_counter()
        found = verify(root)
        seconds = time.perf_counter() - start
    note = (
        f"{found.hashed:,} files of 200 kB hashed by verify() after the save, for this and every later time"
    )
    return [{"id": "save.10k.hashing_s", "value": round(seconds, 2), "unit": "s", "note": note}]


def against_git() -> list[Row]:
    """The same moves in git."""
    with tempfile.TemporaryDirectory() as name:
        own, theirs = git_seconds(Path(name), LARGE)
    return [
        {
            "id": "save.vs_git_mv", "value": round(own, 3), "unit": "s", "peer": "git mv + git commit",
            "peer_value": round(theirs, 3), "ratio": round(theirs / own, 1), "bar": "≥ 1×",
            "passed": theirs >= own,
            "note": "10,000 pictures of 200 kB, 1,000 move; first save, nothing made ahead",
        }
    ]  # fmt: skip


MILLION = """
import resource, sys, time
from pathlib import Path
from shoal.disk import Wish, apply_plan, make_plan, scan
root, began = Path(sys.argv[1]), time.perf_counter()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = scan(root, check="none")
large = [item for item in found.items if item.cluster == "large"]
plan = make_plan(found, [Wish(item.path, "cluster_0", item.name) for item in large[::5]])
done = apply_plan(root, plan, expected=found, report={}, changes={})
assert len(done.moves) == len(large) // 5
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def whole_save(files: int) -> tuple[float, float]:
    """Seconds and KiB of memory to read, plan and save; half of the files in one folder, 50 in each other."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "large").mkdir()
        for i in range(files // 2):
            (root / "large" / f"frame_{i:07d}.jpg").touch()
        for i in range(files // 2):
            folder = root / f"cluster_{i // 50}"
            if i % 50 == 0:
                folder.mkdir()
            (folder / f"shot_{i:07d}.jpg").touch()
        os.sync()
        run = [sys.executable, "-c", MILLION, str(root)]
        seconds, memory = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(memory)


def million() -> list[Row]:
    """A million files: that it ends, and that memory grows with the files and no faster."""
    tenth, whole = whole_save(100_000), whole_save(1_000_000)
    growth = whole[1] / (10 * tenth[1])
    what = "10,001 clusters, one of 500,000; read, planned, backed up, 100,000 moved"
    return [
        {
            "id": "save.1m.s", "value": round(whole[0], 1), "unit": "s",
            "note": f"1,000,000 files in {what}; 100,000 files in a tenth of it all: {tenth[0]:.1f} s",
        },
        {
            "id": "save.1m.memory_growth", "value": round(growth, 2), "unit": "ratio", "bar": "≤ 1.2",
            "passed": growth <= 1.2,
            "note": f"memory for each file beside that at 100,000; {whole[1] / 1024:,.0f} MiB at the peak",
        },
    ]  # fmt: skip


PARTS: dict[str, Callable[[], list[Row]]] = {
    "save.10k.hashing": hashing,
    "save.10k": ten_thousand,
    "save.extra": extra_bytes,
    "save.100k": hundred_thousand,
    "save.vs_git": against_git,
    "save.1m": million,
}


def rows(only: str = "") -> list[Row]:
    """The rows ``save.*`` that ``only`` asks for."""
    wanted = [part for name, part in PARTS.items() if name.startswith(only) or only.startswith(name)]
    return [row for part in dict.fromkeys(wanted) for row in part()]
