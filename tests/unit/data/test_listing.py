"""A folder becomes items: pictures only, sub-folders included, hidden ones not."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.data.listing import list_pictures
from shoal.errors import MissingError


def test_pictures_are_listed_by_path(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/c.webp", "notes.txt", ".hidden/d.png", "sub/.e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    items = list_pictures(tmp_path)
    assert list(items.paths) == ["a.png", "b.JPG", "sub/c.webp"]
    assert items.file(2) == tmp_path / "sub" / "c.webp"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="gone"):
        list_pictures(tmp_path / "gone")
