"""Thumbnails from a folder."""

import io

from PIL import Image

from shoal.widgets import pictures
from shoal.widgets.pictures import FolderPictures


def picture(path, colour, size=(400, 200)):
    Image.new("RGB", size, colour).save(path)


def shown(thumb):
    return Image.open(io.BytesIO(thumb.data))


def test_a_thumbnail_is_made_kept_and_made_anew_when_the_file_changes(tmp_path, monkeypatch):
    source = FolderPictures(tmp_path)
    picture(tmp_path / "a.png", "red")
    first = source.thumbnail("a.png", 100).result(10)
    assert shown(first).size == (100, 50)
    assert source.thumbnail("a.png", 100).result(10) is first
    picture(tmp_path / "a.png", "blue", (200, 400))
    assert shown(source.thumbnail("a.png", 100).result(10)).size == (50, 100)


def test_reasons_instead_of_exceptions(tmp_path):
    source = FolderPictures(tmp_path)
    (tmp_path / "empty.png").write_bytes(b"")
    reason = source.thumbnail("empty.png", 64).result(10).reason
    assert reason.startswith("it is empty")
    assert str(tmp_path) not in reason
    assert "No such file" in source.thumbnail("gone.png", 64).result(10).reason
    assert source.preview("empty.png", 64)[0].reason


def test_the_cache_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "CACHE_BYTES", 3_000)
    source = FolderPictures(tmp_path)
    for i in range(12):
        picture(tmp_path / f"{i}.png", (i * 20, 0, 0))
        source.thumbnail(f"{i}.png", 100).result(10)
    assert source._bytes <= 3_000
    assert 0 < len(source._cache) < 12


def test_a_preview_says_the_size_of_the_original(tmp_path):
    picture(tmp_path / "a.png", "red")
    found, size = FolderPictures(tmp_path).preview("a.png", 200)
    assert size == (400, 200)
    assert shown(found).size == (200, 100)
    assert found.media_type == "image/jpeg"
