"""The hash of every file: from the memo where nothing changed, with a reason where there is none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from shoal.data.listing import file_marks
from shoal.steps import contents as module
from shoal.steps.contents import content_keys, open_cache
from tests.unit.steps.fixtures import noise_picture, save_pictures


def test_files_are_hashed_once_and_missing_ones_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i) for i in range(4)})
    for row in range(4):
        os.utime(items.file(row), (1.7e9, 1.7e9))
    items.file(2).unlink()
    wanted = [hashlib.sha256(items.file(row).read_bytes()).digest() if row != 2 else b"" for row in range(4)]
    with open_cache(tmp_path / "cache") as cache:
        marks, reasons = file_marks(items)
        assert content_keys(items, marks, reasons, cache.hashes, progress=False) == wanted
        assert list(reasons) == [2] and "cannot be opened" in reasons[2]
        monkeypatch.setattr(cache.hashes, "get", lambda path: pytest.fail(f"{path} was read again"))
        assert content_keys(items, marks, dict(reasons), cache.hashes, progress=False) == wanted


def test_a_file_that_goes_meanwhile_has_a_reason(tmp_path: Path) -> None:
    items = save_pictures(tmp_path / "pile", {"a.png": noise_picture(0)})
    marks, reasons = file_marks(items)
    items.file(0).unlink()
    with open_cache(False) as cache:
        assert content_keys(items, marks, reasons, cache.hashes, progress=False) == [b""]
    assert "cannot be opened" in reasons[0]


def test_without_a_cache_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_CACHE", str(tmp_path / "mine"))
    with module.open_cache(False) as cache:
        folder = cache.folder
        assert folder.is_dir()
    assert not folder.exists() and not (tmp_path / "mine").exists()
    with module.open_cache(True) as cache:
        assert cache.folder == tmp_path / "mine"
