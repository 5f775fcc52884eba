from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from shoal.disk import apply_plan, restore, scan
from shoal.disk.layout import manifest_file
from shoal.disk.manifest import groups_of, read_head, read_manifest, rows_after
from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem
from tests.crash.scenarios import add_file, random_disk, random_plan
from tests.crash.simulated import SimulatedFileSystem
from tests.crash.states import pictures
from tests.unit.disk.folders import build, save


def scanned(disk) -> dict[str, bytes]:
    """Every scanned file with its bytes."""
    fs = SimulatedFileSystem(disk)
    groups = groups_of(fs, scan("", check="none", fs=fs))
    return {f"{g.folder}/{n}": fs.read(f"{g.folder}/{n}") for g in groups for n in g.names}


@pytest.mark.parametrize("seed", range(8))
def test_a_long_chain_of_saves_comes_back_at_every_point(seed: int) -> None:
    """Manifests rest on each other; each must still tell its whole tree, pictures from outside included."""
    rng = random.Random(seed)
    disk = random_disk(rng)
    trees, rested = [scanned(disk)], 0
    for n in range(1, 25):
        if rng.random() < 0.2:
            add_file(disk, f"bunny/outside_{n}.png", f"outside {n}".encode())
        found, plan, _ = random_plan(disk, rng)
        before = scanned(disk)
        fs = SimulatedFileSystem(disk)
        apply_plan("", plan, expected=found, report={}, changes={}, fs=fs)
        assert {row.path for row in read_manifest(fs, n).rows} == set(before), n
        assert {row.path for row in rows_after(fs, n)} == set(scanned(disk)), n
        rested = max(rested, read_head(fs, n)["depth"])
        trees.append(scanned(disk))
    assert rested > 1, "the chain is not empty words"
    for revision in rng.sample(range(1, 25), 6):
        fs = SimulatedFileSystem(disk)
        restore("", revision, fs=fs)
        now = scanned(disk)
        assert {path: now.get(path) for path in trees[revision]} == trees[revision]
        assert set(trees[0].values()) <= set(pictures(disk.walk()).values())


def test_columns_and_counts(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "a/1.txt", "a/faces/1_0.png", "b/2.png", "b/stranger.md"])
    found = scan(tmp_path, check="none")
    with FileSystem(tmp_path) as fs:
        groups = {g.folder: g for g in groups_of(fs, found)}
        names = sorted(f"{g.folder}/{n}" for g in groups_of(fs, found) for n in g.names)
        assert names == ["a/1.png", "a/1.txt", "a/faces/1_0.png", "b/2.png"]
        assert groups["b"].sizes == [(tmp_path / "b/2.png").stat().st_size]
        assert "b" not in {g.folder for g in groups_of(fs, found, frozenset({"b"}))}
    assert found.counts == {"a": 2, "a/faces": 1, "b": 1}


def test_what_rests_on_a_lost_manifest_is_a_typed_error(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/2.png", "c/3.png"])
    time.sleep(0.03)  # folder times younger than a tick prove nothing
    save(tmp_path, {"a/1.png": "b/1.png"})
    save(tmp_path, {"b/1.png": "a/1.png"})
    with FileSystem(tmp_path) as fs:
        assert read_head(fs, 2)["base"] == 1, "c has not changed"
        assert {row.path for row in read_manifest(fs, 2).rows} == {"b/1.png", "b/2.png", "c/3.png"}
        whole = fs.read(manifest_file(1))
        (tmp_path / manifest_file(1)).write_bytes(whole[:50])
        with pytest.raises(DamagedError):
            read_manifest(fs, 2)
        fs.unlink(manifest_file(1))
        with pytest.raises(MissingError):
            read_manifest(fs, 2)
