"""A folder becomes items: pictures only, sub-folders included, hidden ones not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data import listing
from shoal.data.listing import file_marks, list_pictures, scan_pictures
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


def test_marks_are_the_same_by_listing_and_by_looking(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "sub/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    items, marks = scan_pictures(tmp_path)
    looked, gone = file_marks(items)
    assert (marks == looked).all() and not gone
    stat = (tmp_path / "sub/c.png").stat()
    assert marks[2].tolist() == [stat.st_dev, stat.st_ino, 9, stat.st_mtime_ns]
    (tmp_path / "a.png").unlink()
    looked, gone = file_marks(items)
    assert looked[0].tolist() == [0, 0, 0, 0] and (looked[1:] == marks[1:]).all()
    assert list(gone) == [0] and "a.png" in gone[0]


def test_numbers_of_64_bits_are_kept_wrapped() -> None:
    marks = listing._as_marks([1, 2**64 - 3, 4, 5, 6, 7, 8, 9])
    assert marks.dtype == np.int64 and marks.tolist() == [[1, -3, 4, 5], [6, 7, 8, 9]]
    assert listing._as_marks([]).shape == (0, 4)
