from __future__ import annotations

from pathlib import Path

import pytest

from shoal.store.filesystem import FileSystem, link_at
from shoal.store.openfolders import OpenFolders, split


@pytest.mark.parametrize("path", ["", "..", ".", "a/..", "a/", "a\0b", "a/."])
def test_paths_that_are_no_relative_paths(path: str) -> None:
    with pytest.raises(ValueError, match="not a relative path"):
        split(path)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a//b"])
def test_no_path_leads_out_of_the_root(tmp_path: Path, path: str) -> None:
    (tmp_path / "root/a").mkdir(parents=True)
    folders = OpenFolders(str(tmp_path / "root"))
    with pytest.raises((ValueError, OSError)):
        folders.at(path)
    folders.close()


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a").symlink_to(tmp_path / "outside")
    folders = OpenFolders(str(tmp_path / "root"))
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        folders.at("a/x")
    folders.close()


def test_a_link_put_in_the_way_later_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "root/a").mkdir(parents=True)
    with FileSystem(tmp_path / "root") as fs:
        fs.write_new("a/one", b"1")
        (tmp_path / "root/a").rename(tmp_path / "root/b")
        (tmp_path / "root/a").symlink_to(tmp_path / "outside")
        fs.write_new("a/two", b"2")
    assert not list((tmp_path / "outside").iterdir())
    assert (tmp_path / "root/b/two").read_bytes() == b"2", "the folder that was opened is still meant"


def test_many_folders_need_few_handles(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(400)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(name.encode())
    folders = OpenFolders(str(tmp_path))
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    ticks: list[int] = []
    pairs = [(f"{a}/x", f"{b}/y") for a, b in zip(names, reversed(names), strict=True)]
    folders.batch(pairs, link_at, ticks.append)
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) - before <= 130
    folders.close()
    assert sum(ticks) == 400
    assert all(
        (tmp_path / b / "y").read_bytes() == a.encode() for a, b in zip(names, reversed(names), strict=True)
    )


def test_the_first_error_of_a_batch_comes_out(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"x")
    folders = OpenFolders(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        folders.batch([("a/x", "a/y"), ("a/gone", "a/z")], link_at, lambda _: None)
    folders.close()


def test_a_tick_may_end_a_batch(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"x")
    folders = OpenFolders(str(tmp_path))

    def tick(n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folders.batch([("a/x", f"a/{i}") for i in range(3000)], link_at, tick)
    folders.close()
    assert len(list((tmp_path / "a").iterdir())) == 1025
