from __future__ import annotations

import json
from pathlib import Path

import pytest

from shoal.disk import backups, committed, restore, scan
from shoal.errors import MissingError, SaveError
from tests.unit.disk.folders import build, save, tree


@pytest.mark.parametrize("backup", ["link", "copy", "none"])
def test_every_saved_revision_comes_back_byte_for_byte(tmp_path: Path, backup: str) -> None:
    """Promise 5."""
    trees = [build(tmp_path, ["a/1.png", "a/1.txt", "a/2.png", "b/1.png", "noise/9.png"])]
    (tmp_path / "keep_empty").mkdir()
    for wishes in (
        {"a/1.png": "b/1.png", "a/2.png": "new/2.png"},
        {"b/1.png": "trash/1.png", "new/2.png": "b/1.png", "noise/9.png": "b/9.png"},
        {"b/9.png": "a/1.png"},
    ):
        save(tmp_path, wishes, backup=backup)
        trees.append(tree(tmp_path))
    for revision in (0, 3, 1, 2, 0):
        done = restore(tmp_path, revision)
        assert tree(tmp_path) == trees[revision], revision
        assert done.restores == revision
        assert set(done.cluster_folders) == set(scan(tmp_path, check="none").clusters)
        assert (tmp_path / "keep_empty").exists()
    assert [r.revision for r in committed(tmp_path)] == list(range(1, 9))
    assert restore(tmp_path, 7).revision == 9
    assert tree(tmp_path) == trees[2], "a restore is itself a revision that can be restored"


def test_pictures_deleted_by_other_means_come_back(tmp_path: Path) -> None:
    old = build(tmp_path, ["a/1.png", "b/1.png", "b/2.png"])
    save(tmp_path, {"a/1.png": "c/1.png"})
    (tmp_path / "b/2.png").unlink()
    (tmp_path / "c/1.png").unlink()
    restore(tmp_path, 0)
    assert tree(tmp_path) == old


def test_pictures_that_came_since_stay(tmp_path: Path) -> None:
    old = build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    build(tmp_path, ["b/new.png"])
    (tmp_path / "a").mkdir(exist_ok=True)
    (tmp_path / "a/1.png").write_bytes(b"came since")
    restore(tmp_path, 0)
    now = tree(tmp_path)
    assert now.pop("a/1__2.png") == b"came since"
    assert now.pop("b/new.png").endswith(b"b/new.png")
    assert now == old


def test_an_edit_in_place_comes_back_from_copies_and_is_kept_in_trash(tmp_path: Path) -> None:
    old = build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"}, backup="copy")
    (tmp_path / "b/2.png").write_bytes(b"edited in place")
    restore(tmp_path, 0)
    now = tree(tmp_path)
    assert now.pop("trash/1.png") == b"edited in place"
    assert now == old


def test_a_picture_that_no_backup_has_is_refused(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"}, backup="none")
    (tmp_path / "b/2.png").unlink()
    before = tree(tmp_path)
    with pytest.raises(SaveError, match=r"a/1\.png"):
        restore(tmp_path, 0)
    assert tree(tmp_path) == before


def test_the_report_of_that_time_comes_back(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    (tmp_path / "cluster_report.json").write_text('{"mine": 1}')
    save(tmp_path, {"a/1.png": "b/2.png"})
    restore(tmp_path, 0)
    assert json.loads((tmp_path / "cluster_report.json").read_text()) == {"mine": 1}
    restore(tmp_path, 1)
    assert json.loads((tmp_path / "cluster_report.json").read_text()) == {"clusters": []}
    restore(tmp_path, 0, report={"given": True})
    assert json.loads((tmp_path / "cluster_report.json").read_text()) == {"given": True}


def test_no_such_revision(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    with pytest.raises(MissingError):
        restore(tmp_path, 0)
    save(tmp_path, {"a/1.png": "b/2.png"})
    with pytest.raises(MissingError, match="revision 2"):
        restore(tmp_path, 2)
    assert [b.revision for b in backups(tmp_path)] == [0, 1]
