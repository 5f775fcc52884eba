from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from shoal.disk import backups, restore, verify
from shoal.disk.verify import tree_after
from shoal.errors import MissingError
from shoal.store.filesystem import FileSystem
from tests.unit.disk.folders import build, save, tree


@pytest.mark.parametrize("backup", ["link", "copy", "none"])
def test_hashes_are_computed_once_and_compared_from_then_on(tmp_path: Path, backup: str) -> None:
    build(tmp_path, ["a/1.png", "a/1.txt", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"}, backup=backup)
    first = verify(tmp_path)
    assert (first.files, first.hashed, first.matched) == (3, 3, 0)
    again = verify(tmp_path, 1)
    assert (again.hashed, again.matched) == (0, 3)
    assert again.ok
    assert verify(tmp_path, 0).matched == 3


def test_known_hashes_are_compared_at_once(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    with FileSystem(tmp_path) as fs:
        hashes = {path: fs.sha256(path) for path in ("a/1.png", "b/1.png")}
    save(tmp_path, {"a/1.png": "b/2.png"}, hashes=hashes)
    assert verify(tmp_path).matched == 2


def test_an_edit_in_place_is_seen_where_links_share_the_bytes(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    verify(tmp_path)
    (tmp_path / "b/2.png").write_bytes(b"edited in place")
    found = verify(tmp_path)
    assert found.changed == ("b/2.png",)
    assert not found.ok


def test_an_edit_in_place_leaves_copies_whole(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"}, backup="copy")
    verify(tmp_path)
    (tmp_path / "b/2.png").write_bytes(b"edited in place")
    assert verify(tmp_path).ok


def test_an_edit_before_the_first_hash_is_not_taken_for_the_truth(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    (tmp_path / "b/2.png").write_bytes(b"edited in place")
    assert verify(tmp_path).changed == ("b/2.png",)


def test_a_deleted_picture_is_still_in_the_backup(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    verify(tmp_path)
    (tmp_path / "b/2.png").unlink()
    assert verify(tmp_path).ok
    kept = next((tmp_path / ".shoal/backups/000001/tree/a").iterdir())
    kept.unlink()
    assert verify(tmp_path).missing == ("b/2.png",)


def test_progress_and_list(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    assert backups(tmp_path) == []
    with pytest.raises(MissingError):
        verify(tmp_path)
    save(tmp_path, {"a/1.png": "b/2.png"})
    restore(tmp_path, 0)
    seen: list[tuple[int, int, str]] = []
    verify(tmp_path, progress=lambda *row: seen.append(row))
    assert seen == [(1, 2, "verify"), (2, 2, "verify")]
    assert [(b.revision, b.files, b.mode, b.restores) for b in backups(tmp_path)] == [
        (0, 0, "link", None),
        (1, 1, "link", None),
        (2, 1, "link", 0),
    ]


def test_torn_hashes_are_computed_again(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    verify(tmp_path)
    path = tmp_path / ".shoal/backups/hashes.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    found = verify(tmp_path)
    assert (found.matched, found.hashed) == (1, 1)


def test_the_tree_of_a_revision(tmp_path: Path) -> None:
    old = build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "c/1.png"})
    with FileSystem(tmp_path) as fs:
        before, after = tree_after(fs, 0), tree_after(fs, 1)
    assert {row.path for row in before.rows} == set(old)
    assert {row.path for row in after.rows} == {"c/1.png", "b/1.png"}
    assert before.clusters == ("a", "b")
    assert after.clusters == ("b", "c")


def test_when_the_backups_were_removed_a_new_beginning_is_made(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "a/2.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/x.png"})
    time.sleep(0.03)
    save(tmp_path, {"b/x.png": "a/y.png"})
    shutil.rmtree(tmp_path / ".shoal/backups")
    assert backups(tmp_path) == []
    before = tree(tmp_path)
    save(tmp_path, {"a/y.png": "b/z.png"})
    assert verify(tmp_path).ok
    assert [b.revision for b in backups(tmp_path)] == [2, 3]
    (tmp_path / "a/2.png").unlink()
    restore(tmp_path, 2)
    assert tree(tmp_path) == before
    for gone in (0, 1):
        with pytest.raises(MissingError):
            restore(tmp_path, gone)
    assert tree(tmp_path) == before
