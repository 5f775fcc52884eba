from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from shoal.errors import DamagedError, MissingError
from shoal.store.atomic import read_json, temporary_name, write_atomic, write_json
from shoal.store.filesystem import FileSystem, is_own


def test_the_new_content_is_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for content in (b"one", b"two and longer", b""):
        write_atomic(path, content)
        assert path.read_bytes() == content
        assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_a_failing_disk_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_atomic(path, b"old")

    def fsync(fd: int) -> None:
        raise OSError(errno.EIO, "the disk is ill")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="ill"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_through_a_file_system_only_own_files(tmp_path: Path) -> None:
    with FileSystem(tmp_path) as fs:
        fs.mkdir(".shoal")
        write_atomic(".shoal/x", b"1", fs=fs)
        write_atomic(".shoal/x", b"2", fs=fs)
        assert fs.read(".shoal/x") == b"2"
        with pytest.raises(PermissionError):
            write_atomic("picture.png", b"1", fs=fs)
    assert [p.name for p in tmp_path.iterdir()] == [".shoal"]


def test_temporary_names_are_our_own_and_never_the_same() -> None:
    names = {temporary_name("a/x.json") for _ in range(50)}
    assert len(names) == 50
    assert all(is_own(name) and name.startswith("a/") for name in names)


def test_json_keeps_names_that_are_not_utf8(tmp_path: Path) -> None:
    value = {"path": os.fsdecode(b"\xff/\xc3\xa9.png"), "n": 1}
    write_json(tmp_path / "x.json", value)
    assert read_json(tmp_path / "x.json") == value


def test_reading_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"x\.json"):
        read_json(tmp_path / "x.json")
    (tmp_path / "x.json").write_bytes(b'{"torn": ')
    with pytest.raises(DamagedError, match=r"x\.json"):
        read_json(tmp_path / "x.json")
