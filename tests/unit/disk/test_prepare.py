from __future__ import annotations

import time
from pathlib import Path

import pytest

from shoal.disk import backups, prepare_backup, recover, restore, scan, verify
from shoal.disk.manifest import read_head
from shoal.errors import ConflictError
from shoal.store.filesystem import FileSystem
from shoal.store.lock import FolderLock
from tests.unit.disk.folders import build, save, tree


def links(root: Path, revision: int) -> set[str]:
    kept = root / f".shoal/backups/{revision:06d}/tree"
    return {p.relative_to(kept).as_posix() for p in kept.rglob("*") if p.is_file()}


def test_the_first_save_finds_its_links_made(tmp_path: Path) -> None:
    old = build(tmp_path, ["a/1.png", "a/1.txt", "b/2.png"])
    assert prepare_backup(tmp_path, scan(tmp_path, check="none"))
    assert tree(tmp_path) == old, "nothing of the pictures changes"
    assert links(tmp_path, 0) == set(old)
    assert not prepare_backup(tmp_path, scan(tmp_path, check="none")), "once is enough"
    build(tmp_path, ["b/new.png"])
    save(tmp_path, {"a/1.png": "b/1.png"})
    assert links(tmp_path, 1) == {"b/new.png"}
    assert verify(tmp_path).ok
    (tmp_path / "b/2.png").unlink()
    restore(tmp_path, 0)
    assert tree(tmp_path) == {**old, "b/new.png": tree(tmp_path)["b/new.png"]}
    assert [b.revision for b in backups(tmp_path)] == [0, 1, 2]


def test_after_a_save_there_is_nothing_to_prepare(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/2.png"])
    save(tmp_path, {"a/1.png": "b/1.png"})
    assert not prepare_backup(tmp_path, scan(tmp_path, check="none"))


def test_unchanged_folders_are_not_written_again(tmp_path: Path) -> None:
    build(tmp_path, [f"{c}/{i}.png" for c in "abc" for i in range(3)])
    time.sleep(0.03)  # folder times younger than a tick prove nothing
    prepare_backup(tmp_path, scan(tmp_path, check="none"))
    save(tmp_path, {"a/1.png": "b/9.png"})
    with FileSystem(tmp_path) as fs:
        head = read_head(fs, 1)
    assert head["base"] == 0
    assert set(head["same"]) == {"a", "b", "c"}


def test_cancelling_leaves_links_that_the_save_takes_up(tmp_path: Path) -> None:
    old = build(tmp_path, [f"a/{i}.png" for i in range(3000)])
    assert prepare_backup(tmp_path, scan(tmp_path, check="none"), cancel=lambda: True)
    made = links(tmp_path, 0)
    assert 0 < len(made) < 3000
    assert recover(tmp_path).action == "nothing"
    save(tmp_path, {"a/1.png": "b/1.png"})
    assert links(tmp_path, 1) == set(old) - made
    restore(tmp_path, 0)
    assert tree(tmp_path) == old


def test_progress_and_a_folder_in_use(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/2.png"])
    seen: list[tuple[int, int, str]] = []
    found = scan(tmp_path, check="none")
    (tmp_path / ".shoal").mkdir()
    with FolderLock(tmp_path / ".shoal/lock"), pytest.raises(ConflictError):
        prepare_backup(tmp_path, found)
    prepare_backup(tmp_path, found, progress=lambda *row: seen.append(row))
    assert seen[-1] == (2, 2, "backup")
