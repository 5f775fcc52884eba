"""Fault rows 8, 9 and 18: what is refused before anything is renamed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shoal.disk import scan
from shoal.disk.checks import check_before, touched_folders
from shoal.errors import ConflictError, SaveError
from shoal.store.filesystem import FileSystem, Stat
from tests.unit.disk.folders import build, planned


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(tmp_path, ["a/1.png", "a/1.txt", "b/2.png"])
    (tmp_path / ".shoal").mkdir()
    return tmp_path


class Odd(FileSystem):
    """A disk that answers as told."""

    device_of_b: int | None = None
    locked: str | None = None
    free: int | None = None

    def stat(self, path: str) -> Stat | None:
        found = super().stat(path)
        return found._replace(device=99) if found and path == self.device_of_b else found

    def writable(self, path: str) -> bool:
        return path != self.locked

    def free_bytes(self) -> int | None:
        return self.free


def test_every_file_is_named_by_its_inode(root: Path) -> None:
    plan = planned(root, {"a/1.png": "b/1.png"})
    with FileSystem(root) as fs:
        steps = check_before(fs, plan, scan(root, check="none"))
    assert {(s.src, s.dst, s.inode) for s in steps} == {
        (f"a/1{end}", f"b/1{end}", (root / f"a/1{end}").stat().st_ino) for end in (".png", ".txt")
    }
    assert touched_folders(plan.moves) == {"a", "b"}


@pytest.mark.parametrize("locked", ["", "a", "b"])
def test_a_folder_that_cannot_be_written_to_is_refused(root: Path, locked: str) -> None:
    plan = planned(root, {"a/1.png": "b/1.png"})
    with Odd(root) as fs:
        fs.locked = locked
        with pytest.raises(SaveError, match="cannot be written to"):
            check_before(fs, plan, scan(root, check="none"))


def test_a_folder_on_another_disk_is_refused(root: Path) -> None:
    plan = planned(root, {"a/1.png": "b/1.png"})
    with Odd(root) as fs:
        fs.device_of_b = "b"
        with pytest.raises(SaveError, match="another disk"):
            check_before(fs, plan, scan(root, check="none"))


def test_a_full_disk_is_refused(root: Path) -> None:
    plan = replace(planned(root, {"a/1.png": "b/1.png"}), extra_bytes=10**9)
    with Odd(root) as fs:
        fs.free = 10**9
        with pytest.raises(SaveError, match="bytes free"):
            check_before(fs, plan, scan(root, check="none"))
        fs.free = 10**10
        check_before(fs, plan, scan(root, check="none"))


def test_a_plan_for_another_revision_is_a_conflict(root: Path) -> None:
    plan = planned(root, {"a/1.png": "b/1.png"})
    found = scan(root, check="none")
    with FileSystem(root) as fs:
        with pytest.raises(ConflictError):
            check_before(fs, replace(plan, revision=1), found)
        with pytest.raises(ConflictError):
            check_before(fs, plan, replace(found, revision=1))


def test_a_new_folder_that_has_appeared_is_refused(root: Path) -> None:
    plan = planned(root, {"a/1.png": "new/1.png"})
    found = scan(root, check="none")
    (root / "new").mkdir()
    with FileSystem(root) as fs, pytest.raises(SaveError, match="'new' has appeared"):
        check_before(fs, plan, found)


def test_a_file_that_came_elsewhere_does_not_matter(root: Path) -> None:
    plan = planned(root, {"a/1.png": "b/1.png"})
    found = scan(root, check="none")
    (root / "b/9.png").write_bytes(b"new")
    (root / "a/9.png").write_bytes(b"new")
    with FileSystem(root) as fs:
        check_before(fs, plan, found)
