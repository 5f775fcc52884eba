from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from shoal.store import renaming
from shoal.store.renaming import by_link, rename_noreplace

WAYS = [rename_noreplace, by_link]


@pytest.mark.parametrize("rename", WAYS)
def test_a_file_gets_its_new_name(tmp_path: Path, rename) -> None:
    (tmp_path / "a").write_bytes(b"a")
    rename(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"a"
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("rename", WAYS)
@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling"])
def test_nothing_is_ever_replaced(tmp_path: Path, rename, kind: str) -> None:
    (tmp_path / "a").write_bytes(b"a")
    target = tmp_path / "b"
    if kind == "file":
        target.write_bytes(b"b")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to("a" if kind == "link" else "nowhere")
    before = os.lstat(target)
    with pytest.raises(FileExistsError):
        rename(str(tmp_path / "a"), str(target))
    assert (tmp_path / "a").read_bytes() == b"a"
    assert os.lstat(target).st_ino == before.st_ino


@pytest.mark.parametrize("rename", WAYS)
def test_an_empty_folder_is_not_replaced_by_a_folder(tmp_path: Path, rename) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    (tmp_path / "a/file").write_bytes(b"a")
    with pytest.raises(FileExistsError):
        rename(str(tmp_path / "a"), str(tmp_path / "b"))
    rename(str(tmp_path / "a"), str(tmp_path / "c"))
    assert (tmp_path / "c/file").read_bytes() == b"a"


@pytest.mark.parametrize("rename", WAYS)
def test_names_relative_to_open_folders(tmp_path: Path, rename) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    (tmp_path / "a/x").write_bytes(b"x")
    one, two = (os.open(tmp_path / name, os.O_RDONLY) for name in "ab")
    try:
        rename("x", "y", src_fd=one, dst_fd=two)
    finally:
        os.close(one)
        os.close(two)
    assert (tmp_path / "b/y").read_bytes() == b"x"


@pytest.mark.parametrize("rename", WAYS)
def test_a_missing_source_is_said(tmp_path: Path, rename) -> None:
    with pytest.raises(FileNotFoundError):
        rename(str(tmp_path / "a"), str(tmp_path / "b"))


def test_a_kernel_without_the_call_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renaming, "_native", lambda: None)
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with pytest.raises(FileExistsError):
        rename_noreplace(str(tmp_path / "a"), str(tmp_path / "b"))
    rename_noreplace(str(tmp_path / "a"), str(tmp_path / "c"))
    assert (tmp_path / "c").read_bytes() == b"a"


def test_a_file_system_that_does_not_know_the_flag_falls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> int:
        import ctypes
        import errno

        ctypes.set_errno(errno.EINVAL)
        return -1

    monkeypatch.setattr(renaming, "_native", lambda: (unknown, 1))
    (tmp_path / "a").write_bytes(b"a")
    rename_noreplace(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"a"


@pytest.mark.skipif(sys.platform != "linux", reason="bytes that are not UTF-8 are possible on Linux")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    old, new = os.fsdecode(b"\xff.png"), os.fsdecode(b"\xfe\xfd.png")
    (tmp_path / old).write_bytes(b"a")
    rename_noreplace(str(tmp_path / old), str(tmp_path / new))
    assert [os.fsencode(p.name) for p in tmp_path.iterdir()] == [b"\xfe\xfd.png"]
