from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import shoal.disk.read as read_module
from shoal.disk import FolderScan, scan
from shoal.disk.tree import surely_before
from shoal.store.filesystem import FileSystem
from tests.unit.disk.folders import build, save

NAMES = [
    "a/1.png",
    "a/1.txt",
    "a/faces/1_0.png",
    "a/notes.md",
    "b/2.png",
    "b/sub/x.png",
    "noise/3.png",
    "top.png",
]


def facts(found: FolderScan) -> tuple[object, ...]:
    return found.items, found.clusters, found.ignored, found.folders, found.taken, found.revision


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Clusters that were really read."""
    seen: list[str] = []
    real = read_module._read_cluster

    def spy(fs: FileSystem, cluster: str, *rest: Any) -> None:
        seen.append(cluster)
        real(fs, cluster, *rest)

    monkeypatch.setattr(read_module, "_read_cluster", spy)
    return seen


def settled(root: Path) -> FolderScan:
    time.sleep(0.03)
    return scan(root, check="none")


def test_nothing_is_read_again_when_nothing_has_changed(tmp_path: Path, read: list[str]) -> None:
    build(tmp_path, NAMES)
    first = settled(tmp_path)
    read.clear()
    again = scan(tmp_path, check="none", before=first)
    assert facts(again) == facts(first)
    assert not read


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a new picture": (lambda root: build(root, ["a/new.png"]), ["a"]),
    "a picture gone": (lambda root: (root / "b/2.png").unlink(), ["b"]),
    "a picture renamed": (lambda root: (root / "b/2.png").rename(root / "b/3.png"), ["b"]),
    "another file in its place": (lambda root: _replaced(root / "b/2.png"), ["b"]),
    "a new face": (lambda root: build(root, ["a/faces/1_1.png"]), ["a"]),
    "a new mask folder": (lambda root: build(root, ["b/masks/2.png"]), ["b"]),
    "a new cluster": (lambda root: build(root, ["c/9.png"]), ["c"]),
    "a cluster renamed": (lambda root: (root / "b").rename(root / "c"), ["c"]),
    "a cluster gone and another in its place": (lambda root: _swapped(root), ["a", "b"]),
    "a save": (lambda root: save(root, {"a/1.png": "b/1.png"}), ["a", "b"]),
}


def _replaced(path: Path) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(b"others")
    beside.rename(path)


def _swapped(root: Path) -> None:
    (root / "a").rename(root / "x")
    (root / "b").rename(root / "a")
    (root / "x").rename(root / "b")


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_read_and_only_that(tmp_path: Path, read: list[str], change: str) -> None:
    build(tmp_path, NAMES)
    first = settled(tmp_path)
    do, wanted = CHANGES[change]
    do(tmp_path)
    read.clear()
    again = scan(tmp_path, check="none", before=first)
    assert sorted(read) == wanted
    assert facts(again) == facts(scan(tmp_path, check="none"))


def test_a_folder_that_changed_just_before_the_look_is_read_again(tmp_path: Path, read: list[str]) -> None:
    """Its time could be the same after another change in the same tick of the clock."""
    build(tmp_path, ["a/1.png"])
    first = scan(tmp_path, check="none")
    read.clear()
    scan(tmp_path, check="none", before=first)
    assert read == ["a"]


@pytest.mark.parametrize("seed", range(5))
def test_any_changes_at_all(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    build(tmp_path, NAMES)
    before = settled(tmp_path)
    for n in range(12):
        files = [p for p in tmp_path.rglob("*") if p.is_file() and ".shoal" not in p.parts]
        kind = rng.choice(["new", "gone", "move", "folder", "nothing"])
        if kind == "new":
            build(tmp_path, [f"{rng.choice('abc')}/n{n}.png"])
        elif kind == "gone" and len(files) > 1:
            rng.choice(files).unlink()
        elif kind == "move":
            path = rng.choice(files)
            path.rename(path.with_name(f"m{n}{path.suffix}"))
        elif kind == "folder":
            (tmp_path / f"f{n}").mkdir()
        time.sleep(rng.choice([0, 0.02]))
        before = scan(tmp_path, check="none", before=before)
        assert facts(before) == facts(scan(tmp_path, check="none"))


@pytest.mark.parametrize(
    ("mtime_ns", "sure"),
    [
        (5_000_000_001, True),
        (6_985_000_000, True),
        (6_995_000_000, False),
        (7_000_000_001, False),
        (4_000_000_000, True),  # whole seconds: the clock may tick every two only
        (6_000_000_000, False),
    ],
)
def test_how_old_a_time_must_be_to_tell(mtime_ns: int, sure: bool) -> None:
    assert surely_before(mtime_ns, 7_000_000_000) == sure
