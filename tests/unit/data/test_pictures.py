"""Reading pictures: every odd kind becomes RGB the right way up, every broken one gives its reason."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shoal.data import pictures
from shoal.data.modes import GREY
from shoal.data.pictures import check_picture, is_picture, make_thumbnail, picture_size, read_picture
from shoal.errors import BadInputError, MissingError
from shoal.review import sorting
from shoal.review.review import open_review
from tests.unit.data.dng import write_dng

RED, BLUE = (200, 30, 40), (20, 40, 210)


def _halves(width: int = 64, height: int = 32) -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def _close(pixel: object, colour: tuple[int, int, int], by: int = 14) -> bool:
    return bool(np.abs(np.subtract(np.asarray(pixel, dtype=int)[:3], colour)).max() <= by)


@pytest.mark.parametrize(
    "name", ["a.png", "a.JPG", "a.webp", "a.bmp", "a.tif", "a.gif", "a.ppm", "a.avif", "a.jfif"]
)
def test_every_format_comes_back_as_rgb(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    _halves().save(path, {"jfif": "JPEG", "JPG": "JPEG"}.get(name[2:]))
    picture = read_picture(path)
    assert (picture.mode, picture.size) == ("RGB", (64, 32))
    assert _close(picture.getpixel((8, 16)), RED) and _close(picture.getpixel((56, 16)), BLUE)
    assert check_picture(path) is None and is_picture(path)
    assert picture_size(path) == (64, 32)


@pytest.mark.parametrize("mode", ["CMYK", "P", "L", "1", "YCbCr", "LA", "RGBA", "PA"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tif" if mode in ("CMYK", "YCbCr", "PA") else "a.png")
    source = _halves().convert("P").convert("PA") if mode == "PA" else _halves().convert(mode)
    if mode == "PA":
        source = source.convert("RGBA")
    source.save(path)
    picture = read_picture(path)
    assert picture.mode == "RGB"
    expected = np.asarray(_halves().convert(mode if mode != "PA" else "P").convert("RGB"), dtype=int)
    assert np.abs(np.asarray(picture, dtype=int) - expected).max() <= 3


def test_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    _halves().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert _close(read_picture(tmp_path / "a.jpg").getpixel((8, 16)), RED, 20)


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        (np.array([[0, 32768, 65535]], dtype=np.uint16), 128),
        (np.array([[0, 1 << 20, 1 << 21]], dtype=np.int32), 128),
        (np.array([[0.0, 0.5, 1.0]], dtype=np.float32), 128),
        (np.array([[0.0, 100.0, 255.0]], dtype=np.float32), 100),
        (np.array([[-3.0, np.nan, 3.0]], dtype=np.float32), 128),
    ],
)
def test_deep_grey_is_scaled_not_clipped(tmp_path: Path, values: np.ndarray, middle: int) -> None:
    path = tmp_path / "deep.tif"
    Image.fromarray(values).save(path)
    got = np.asarray(read_picture(path))[0, :, 0]
    assert got[0] == 0 and got[2] == 255 and abs(int(got[1]) - middle) <= 1


def test_sixteen_bit_png_and_its_thumbnail(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (256, 1))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    small = np.asarray(Image.open(io.BytesIO(make_thumbnail(tmp_path / "a.png", 64))).convert("L"))
    assert small.shape == (64, 64) and small[32, 2] < 20 and small[32, 61] > 235


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = _halves()
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.size == picture_size(tmp_path / "a.jpg") == (64, 32)
    assert _close(picture.getpixel((8, 16)), RED) and _close(picture.getpixel((56, 16)), BLUE)
    assert picture.getexif().get(0x0112, 1) == 1


def test_animation_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (20, 20), RED), Image.new("RGB", (20, 20), BLUE)
    for name in ("a.gif", "a.webp", "a.png"):
        first.save(tmp_path / name, save_all=True, append_images=[second], duration=50)
        assert _close(read_picture(tmp_path / name).getpixel((10, 10)), RED), name


def test_transparency_goes_on_grey_or_stays(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    picture.paste((0, 255, 0, 255), (0, 0, 5, 10))
    picture.save(tmp_path / "a.png")
    flat = read_picture(tmp_path / "a.png")
    assert flat.mode == "RGB" and flat.getpixel((8, 5)) == GREY and flat.getpixel((1, 5)) == (0, 255, 0)
    assert read_picture(tmp_path / "a.png", alpha="keep").mode == "RGBA"
    assert read_picture(tmp_path / "a.png", alpha="keep", max_side=5).size == (5, 5)


def test_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    picture = Image.new("P", (10, 10), 0)
    picture.putpalette([255, 0, 255, 0, 255, 0])
    picture.paste(1, (0, 0, 5, 10))
    picture.save(tmp_path / "a.png", transparency=0)
    assert read_picture(tmp_path / "a.png").getpixel((8, 5)) == GREY


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 128))
@settings(max_examples=25, deadline=None)
def test_a_thumbnail_is_whole_and_fits(
    tmp_path_factory: pytest.TempPathFactory, w: int, h: int, side: int
) -> None:
    path = tmp_path_factory.mktemp("t") / "a.jpg"
    Image.new("RGB", (w, h), RED).save(path)
    thumb = Image.open(io.BytesIO(make_thumbnail(path, side)))
    assert max(thumb.size) == min(side, max(w, h))
    # rounding moves the short side by less than one pixel
    assert abs(min(thumb.size) - min(1.0, side / max(w, h)) * min(w, h)) <= 1
    assert thumb.format == "JPEG"


def test_a_thumbnail_keeps_transparency_as_webp(tmp_path: Path) -> None:
    Image.new("RGBA", (100, 50), (255, 0, 0, 0)).save(tmp_path / "a.png")
    thumb = Image.open(io.BytesIO(make_thumbnail(tmp_path / "a.png", 20)))
    assert (thumb.format, thumb.mode, thumb.size) == ("WEBP", "RGBA", (20, 10))


def _bomb(path: Path) -> None:
    """A PNG of 60,000 × 60,000 pixels in a few bytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def test_broken_files_are_refused_with_the_reason(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    for name in ("cut.jpg", "cut.png", "cut.webp", "cut.gif", "cut.bmp", "cut.tif"):
        noise.save(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadInputError, match=name):
            read_picture(tmp_path / name)
    for name in ("cut.jpg", "cut.png", "cut.webp"):
        reason = check_picture(tmp_path / name)
        assert reason is not None and str(tmp_path) not in reason
    (tmp_path / "empty.png").write_bytes(b"")
    assert "empty" in str(check_picture(tmp_path / "empty.png"))
    (tmp_path / "text.jpg").write_text("<html>not a picture</html>")
    assert "no picture" in str(check_picture(tmp_path / "text.jpg"))
    (tmp_path / "script.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    assert "no picture" in str(check_picture(tmp_path / "script.png"))
    _bomb(tmp_path / "bomb.png")
    assert "pixels" in str(check_picture(tmp_path / "bomb.png"))
    with pytest.raises(BadInputError, match="60000 × 60000"):
        make_thumbnail(tmp_path / "bomb.png", 64)
    (tmp_path / "dir.png").mkdir()
    assert "cannot be opened" in str(check_picture(tmp_path / "dir.png"))
    assert "does not exist" in str(check_picture(tmp_path / "gone.png"))
    with pytest.raises(MissingError):
        read_picture(tmp_path / "gone.png")


def test_the_pixel_limit_is_ours_not_a_global(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _halves().save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert read_picture(tmp_path / "a.png").size == (64, 32)
    with pytest.raises(BadInputError, match="million"):
        read_picture(tmp_path / "a.png", max_pixels=64 * 32 - 1)


def test_content_decides_not_the_suffix(tmp_path: Path) -> None:
    _halves().save(tmp_path / "really.png")
    (tmp_path / "really.png").rename(tmp_path / "named.jpg")
    assert read_picture(tmp_path / "named.jpg").size == (64, 32)
    assert check_picture(tmp_path / "named.jpg") is None


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_flipped_bytes_give_pixels_or_bad_input_never_another_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["jpg", "png", "webp", "gif", "tif", "bmp", "ppm"]))
    path = tmp_path_factory.mktemp("f") / f"a.{kind}"
    _halves().save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content) - 1, 200)))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    check_picture(path)
    try:
        assert read_picture(path, max_side=32).mode == "RGB"
    except BadInputError as error:
        assert "a." + kind in error.message


def test_a_jpeg_is_decoded_no_larger_than_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    _halves(1920, 1080).save(path)
    assert read_picture(path, min_side=224).size == (480, 270)  # 1/8 would leave 135
    assert read_picture(path, min_side=1081).size == (1920, 1080)
    _halves(1920, 1080).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png", min_side=224).size == (1920, 1080)


# --- camera files, developed by rawpy
def _mosaic() -> np.ndarray:
    """Red on the left, blue on the right."""
    colours = np.zeros((64, 96, 3))
    colours[:, :48], colours[:, 48:] = (0.6, 0.1, 0.1), (0.1, 0.1, 0.6)
    return colours


def _redder(picture: Image.Image, at: tuple[int, int]) -> bool:
    red, _, blue = picture.getpixel(at)
    return red > blue + 60


@pytest.fixture
def dng(tmp_path: Path) -> Path:
    pytest.importorskip("rawpy")
    return write_dng(tmp_path / "shot.DNG", _mosaic())


def test_a_raw_photo_is_developed(dng: Path) -> None:
    picture = read_picture(dng)
    assert picture.mode == "RGB" and picture.size == (96, 64) == picture_size(dng)
    assert _redder(picture, (24, 32)) and not _redder(picture, (72, 32))
    assert is_picture(dng) and check_picture(dng) is None


def test_it_is_turned_and_shrunk(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    turned = write_dng(tmp_path / "turned.dng", _mosaic(), orientation=6)  # to be turned a quarter clockwise
    picture = read_picture(turned, max_side=32)
    assert picture_size(turned) == (64, 96) and max(picture.size) == 32 and picture.height > picture.width
    assert _redder(picture, (10, 8)) and not _redder(picture, (10, 24))
    with Image.open(io.BytesIO(make_thumbnail(turned, 24))) as small:
        assert small.height == 24


def test_a_folder_of_raw_photos_is_a_review(dng: Path, tmp_path: Path) -> None:
    root = tmp_path / "photos"
    (root / "sunset").mkdir(parents=True)
    dng.rename(root / "sunset" / "shot.DNG")
    review = open_review(root)
    assert review.items("sunset") == ["sunset/shot.DNG"] and review.broken == []
    with Image.open(io.BytesIO(sorting.image(review, "sunset/shot.DNG", max_side=48))) as shown:
        assert max(shown.size) == 48
    review.close()


def test_damaged_and_huge_ones_are_refused_in_words(dng: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.nef"
    broken.write_bytes(dng.read_bytes()[:100])
    with pytest.raises(BadInputError, match=r"broken\.nef"):
        read_picture(broken)
    assert check_picture(broken)
    with pytest.raises(BadInputError, match="pixels"):
        read_picture(dng, max_pixels=1_000)


def test_without_rawpy_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(pictures.importlib, "import_module", missing)
    with pytest.raises(MissingError) as failed:
        read_picture(write_dng(tmp_path / "a.dng", _mosaic()))
    assert "shoal[raw]" in failed.value.hint
