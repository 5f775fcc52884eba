"""Thumbnails on disk."""

import os
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from shoal.widgets import pictures, thumb_cache
from shoal.widgets.pictures import FolderPictures
from shoal.widgets.thumb_cache import ThumbCache, thumb_folder

JPEG = b"\xff\xd8" + bytes(4_000) + b"\xff\xd9"


def kept(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def a_file(folder: Path, name: str) -> tuple[Path, os.stat_result]:
    path = folder / name
    path.write_bytes(name.encode())
    return path, path.stat()


def test_what_was_put_is_found_by_another_cache_and_follows_a_moved_file(tmp_path):
    path, stat = a_file(tmp_path, "a.png")
    first = ThumbCache(tmp_path / "thumbs")
    first.put(first.place(path, stat, 192), JPEG)
    other = ThumbCache(tmp_path / "thumbs")
    assert other.get(other.place(path, stat, 192)) == JPEG
    assert other.get(other.place(path, stat, 96)) is None
    moved = path.rename(tmp_path / "b.png")
    assert other.get(other.place(moved, moved.stat(), 192)) == JPEG
    moved.write_bytes(b"another picture")
    assert other.get(other.place(moved, moved.stat(), 192)) is None


def test_one_that_was_cut_short_is_missing_and_goes(tmp_path):
    cache = ThumbCache(tmp_path / "thumbs")
    path, stat = a_file(tmp_path, "a.png")
    place = cache.place(path, stat, 192)
    webp = b"RIFF" + (100).to_bytes(4, "little") + b"WEBP" + bytes(96)
    cache.put(place, webp)
    assert cache.get(place) == webp
    for torn in (b"", JPEG[:-2], webp[:-1]):
        cache.put(place, torn)
        assert cache.get(place) is None
        assert not place.exists()


def test_the_longest_unused_go_first(tmp_path):
    cache = ThumbCache(tmp_path / "thumbs", limit=40 * 4_096)
    places = []
    for i in range(60):
        path, stat = a_file(tmp_path, f"{i}.png")
        places.append(cache.place(path, stat, 96))
        cache.put(places[-1], JPEG)
    now = time.time()
    for i, place in enumerate(places):
        if place.exists():
            os.utime(place, (now - 100_000 + i, now - 100_000 + i))
    # used again: it is kept though it is the oldest
    cache.put(places[0], JPEG)
    os.utime(places[0], (now - 200_000, now - 200_000))
    assert cache.get(places[0]) == JPEG
    cache._sweeping.acquire(timeout=10)
    left = cache.sweep()
    assert left <= cache.limit
    there = [place.exists() for place in places]
    assert there[0]
    assert there[-10:] == [True] * 10
    assert there[1:10] == [False] * 9


def test_it_sweeps_by_itself_while_it_is_filled(tmp_path):
    cache = ThumbCache(tmp_path / "thumbs", limit=64 * 4_096)
    for i in range(400):
        path, stat = a_file(tmp_path, f"{i}.png")
        cache.put(cache.place(path, stat, 96), JPEG)
    with cache._sweeping:
        pass
    # what is written while a sweep is under way may stand over the limit until the next
    assert len(kept(cache.folder)) < 250


def test_two_kernels_fill_and_empty_one_folder_at_once(tmp_path):
    code = """
import sys, pathlib
from shoal.widgets.thumb_cache import ThumbCache
root, me = pathlib.Path(sys.argv[1]), sys.argv[2]
cache = ThumbCache(root / "thumbs", limit=50 * 4096)
jpeg = b"\\xff\\xd8" + me.encode() * 4000 + b"\\xff\\xd9"
for i in range(300):
    path = root / f"{i}.png"
    place = cache.place(path, path.stat(), 96)
    cache.put(place, jpeg)
    data = cache.get(place)
    assert data is None or data[2:3] in b"ab" and len(set(data[2:-2])) == 1, data[:9]
cache.sweep()
"""
    for i in range(300):
        a_file(tmp_path, f"{i}.png")
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), me]) for me in "ab"]
    assert [p.wait(60) for p in both] == [0, 0]
    assert not [p for p in kept(tmp_path / "thumbs") if p.name.startswith(".")]


def test_a_disk_that_refuses_is_no_reason_to_fail(tmp_path):
    (tmp_path / "thumbs").write_text("a file where the folder should be")
    cache = ThumbCache(tmp_path / "thumbs")
    path, stat = a_file(tmp_path, "a.png")
    cache.put(cache.place(path, stat, 96), JPEG)
    assert cache.get(cache.place(path, stat, 96)) is None
    assert cache.sweep() == 0


def test_large_pictures_are_decoded_once_for_all_kernels(tmp_path, monkeypatch):
    noisy = Image.effect_noise((600, 600), 80).convert("RGB")
    noisy.save(tmp_path / "large.png")
    Image.new("RGB", (64, 64), "red").save(tmp_path / "small.png")
    disk = ThumbCache(tmp_path / "thumbs")
    first = FolderPictures(tmp_path, disk=disk).thumbnail("large.png", 96).result(20)
    FolderPictures(tmp_path, disk=disk).thumbnail("small.png", 96).result(20)
    assert len(kept(disk.folder)) == 1
    monkeypatch.setattr("shoal.data.pictures.make_thumbnail", None)
    again = FolderPictures(tmp_path, disk=ThumbCache(disk.folder)).thumbnail("large.png", 96).result(20)
    assert again.data == first.data
    assert (tmp_path / "large.png").stat().st_size > pictures.WORTH_KEEPING_BYTES


def test_the_folder_can_be_chosen_and_the_cache_be_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOAL_THUMBS", str(tmp_path))
    assert thumb_folder() == tmp_path
    monkeypatch.setenv("SHOAL_THUMBS", "off")
    assert thumb_folder() is None
    monkeypatch.delenv("SHOAL_THUMBS")
    assert str(thumb_folder()).endswith("thumbs")
    assert thumb_cache.LIMIT_BYTES == 2**30
