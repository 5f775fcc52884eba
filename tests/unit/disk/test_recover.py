"""Recovery from what a crash leaves in the journal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from shoal.disk import committed, recover, scan
from shoal.disk.layout import HOLD, JOURNAL, commit_file, intent_file
from shoal.disk.recover import recover_if_needed
from shoal.errors import ConflictError
from shoal.store.filesystem import FileSystem
from shoal.store.lock import FolderLock
from tests.crash.disk import KilledError
from tests.crash.doors import DyingFileSystem
from tests.unit.disk.folders import build, save, tree


def interrupted(root: Path, left: str) -> dict[str, bytes]:
    """A save that dies once ``left`` is true of the disk; the tree before it."""
    old = build(root, ["a/1.png", "a/2.png", "b/1.png"])
    for kill_at in range(200):
        fs = DyingFileSystem(root, kill_at=kill_at)
        try:
            save(root, {"a/1.png": "b/1.png", "b/1.png": "a/1.png", "a/2.png": "c/2.png"}, fs=fs)
        except KilledError:
            pass
        finally:
            fs.close()
        there = {
            "intent": (root / intent_file(1)).exists() and not (root / commit_file(1)).exists(),
            "moved": (root / "c/2.png").exists() and not (root / commit_file(1)).exists(),
            "held": (root / HOLD).exists() and any((root / HOLD).iterdir()),
            "commit": (root / commit_file(1)).exists() and (root / intent_file(1)).exists(),
        }[left]
        if there:
            return old
        recover(root)
        assert tree(root) == old
    raise AssertionError("never seen")


@pytest.mark.parametrize("left", ["intent", "moved", "held"])
def test_without_a_commit_everything_goes_back(tmp_path: Path, left: str) -> None:
    old = interrupted(tmp_path, left)
    done = recover(tmp_path)
    assert done.action == "back"
    assert done.revision == 1
    assert "undone" in str(done)
    assert tree(tmp_path) == old
    assert not (tmp_path / "c").exists()
    assert not (tmp_path / HOLD).exists()
    assert recover(tmp_path).action == "nothing"
    assert committed(tmp_path) == []


def test_with_a_commit_everything_goes_forward(tmp_path: Path) -> None:
    old = interrupted(tmp_path, "commit")
    done = recover(tmp_path)
    assert done.action == "forward"
    assert "finished" in str(done)
    new = tree(tmp_path)
    assert new["c/2.png"] == old["a/2.png"]
    assert new["a/1.png"] == old["b/1.png"]
    record = committed(tmp_path)[0]
    assert (tmp_path / record.changes_file).exists()
    assert (tmp_path / "cluster_report.json").exists()
    assert recover(tmp_path).action == "nothing"


def test_opening_a_folder_recovers_it(tmp_path: Path) -> None:
    old = interrupted(tmp_path, "moved")
    found = scan(tmp_path, check="none")
    assert {i.path for i in found.items} == set(old)


def test_a_torn_intent_means_that_nothing_was_moved(tmp_path: Path) -> None:
    old = interrupted(tmp_path, "intent")
    path = tmp_path / intent_file(1)
    for size in (0, 10, 100):
        path.write_bytes(path.read_bytes()[:size] if path.exists() else b"")
        assert recover(tmp_path).action == "cleaned"
        assert tree(tmp_path) == old
        assert not path.exists()


def test_a_file_that_took_a_place_meanwhile_stays(tmp_path: Path) -> None:
    old = interrupted(tmp_path, "moved")
    (tmp_path / "a/2.png").write_bytes(b"somebody else's")
    done = recover(tmp_path)
    assert any("taken the place" in note for note in done.notes)
    now = tree(tmp_path)
    assert now.pop("a/2.png") == b"somebody else's"
    assert now.pop("a/2__2.png") == old.pop("a/2.png")
    assert now == old


def test_a_file_that_somebody_moved_meanwhile_stays_there(tmp_path: Path) -> None:
    interrupted(tmp_path, "moved")
    (tmp_path / "mine").mkdir()
    (tmp_path / "c/2.png").rename(tmp_path / "mine/2.png")
    done = recover(tmp_path)
    assert any("mine/2.png" in note for note in done.notes)
    assert (tmp_path / "mine/2.png").exists()
    assert not (tmp_path / "a/2.png").exists()


def test_a_file_that_somebody_deleted_meanwhile_comes_from_the_backup(tmp_path: Path) -> None:
    old = interrupted(tmp_path, "moved")
    (tmp_path / "c/2.png").unlink()
    done = recover(tmp_path)
    assert any("back from the backup" in note for note in done.notes)
    assert tree(tmp_path) == old


def test_reading_a_folder_without_a_journal_takes_no_lock(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    save(tmp_path, {"a/1.png": "b/2.png"})
    with FolderLock(tmp_path / ".shoal/lock"):
        assert scan(tmp_path, check="none").revision == 1


def test_a_save_going_on_is_not_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(tmp_path, "moved")
    monkeypatch.setattr(sys.modules["shoal.disk.recover"], "WAIT_S", 0.05)
    with FolderLock(tmp_path / ".shoal/lock"), pytest.raises(ConflictError, match="process"):
        recover(tmp_path)


def test_leftovers_are_cleaned(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png"])
    journal = tmp_path / JOURNAL
    journal.mkdir(parents=True)
    (journal / "000001.report").write_bytes(b"{}")
    (journal / "junk").write_bytes(b"")
    with FileSystem(tmp_path) as fs:
        recover_if_needed(fs)
    assert not list(journal.iterdir())
