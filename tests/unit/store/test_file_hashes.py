"""Hashes of files: read once, and never believed after a change."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from shoal.data.listing import scan_pictures
from shoal.store import file_hashes as module
from shoal.store.file_hashes import FileHashes, file_sha256

OLD_NS = 1_600_000_000_000_000_000


def _write(path: Path, content: bytes, mtime_ns: int = OLD_NS) -> None:
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


def test_an_unchanged_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    _write(path, b"one")
    reads: list[Path] = []
    monkeypatch.setattr(module, "file_sha256", lambda p: reads.append(p) or file_sha256(p))
    hashes = FileHashes(tmp_path / "memo" / "files.sqlite")
    assert hashes.get(path) == hashes.get(path) == hashlib.sha256(b"one").digest()
    assert len(reads) == 1
    path.rename(tmp_path / "b.png")  # a moved file is the same file
    assert hashes.get(tmp_path / "b.png") == hashlib.sha256(b"one").digest() and len(reads) == 1
    hashes.close()


@pytest.mark.parametrize("change", ["time", "size", "replaced"])
def test_a_changed_file_is_read_again(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.png"
    _write(path, b"one")
    hashes = FileHashes(tmp_path / "files.sqlite")
    hashes.get(path)
    if change == "time":
        _write(path, b"two", OLD_NS + 1)
    elif change == "size":
        _write(path, b"two!")
    else:
        _write(tmp_path / "other", b"two")
        (tmp_path / "other").replace(path)
    assert hashes.get(path) == file_sha256(path) != hashlib.sha256(b"one").digest()
    hashes.close()


def test_a_file_written_just_now_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    hashes = FileHashes(tmp_path / "files.sqlite")
    hashes.get(path)
    assert hashes.known(path.stat()) is None
    hashes.close()


def test_a_damaged_memo_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "files.sqlite").write_bytes(b"this is no database at all" * 99)
    _write(tmp_path / "a.png", b"one")
    hashes = FileHashes(tmp_path / "files.sqlite")
    assert hashes.get(tmp_path / "a.png") == hashlib.sha256(b"one").digest()
    assert hashes.known((tmp_path / "a.png").stat()) is not None
    hashes.close()


def test_many_files_are_looked_up_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(700):
        _write(folder / f"{i:03d}.png", str(i).encode())
    hashes = FileHashes(tmp_path / "files.sqlite")
    items, marks = scan_pictures(folder)
    assert hashes.lookup(marks) == [None] * 700
    made = [hashes.get(items.file(row)) for row in range(700)]
    assert hashes.lookup(marks) == made
    _write(folder / "005.png", b"other")
    _, marks = scan_pictures(folder)
    assert [row for row, known in enumerate(hashes.lookup(marks)) if known is None] == [5]
    hashes.close()
