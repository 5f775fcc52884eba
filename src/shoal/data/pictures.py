"""Safe reading of pictures: every format that people have, no bomb, no surprise, always a reason."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import struct
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from PIL import Image, ImageOps

from shoal.data.modes import as_rgb
from shoal.errors import BadInputError, MissingError

__all__ = [
    "MAX_PIXELS",
    "PICTURE_SUFFIXES",
    "RAW_SUFFIXES",
    "check_picture",
    "is_picture",
    "make_thumbnail",
    "picture_size",
    "read_picture",
]

RAW_SUFFIXES = frozenset({".arw", ".cr2", ".dng", ".nef"})
"""Camera files, read through ``rawpy`` when it is installed."""

PICTURE_SUFFIXES = RAW_SUFFIXES | frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg"}
    | {".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
"""Lower-case suffixes of the files that count as pictures."""

MAX_PIXELS = 200_000_000
"""Largest picture that is decoded, width × height; above it a file is taken for a decompression bomb."""

# Only decoders that parse bytes: Pillow can also hand a file to external programs (EPS, WMF), which a
# downloaded folder must never be able to start.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")

_COPY_AGAIN = "Move it aside, or copy it again from where it came."

# What Pillow's decoders raise on bytes that are not what they expect.
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, AttributeError,
    OverflowError, ZeroDivisionError, struct.error,
)  # fmt: skip
_EXIF_ERRORS = (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error)

_TAIL = 4096
_THUMBNAIL_WEBP_EFFORT = 0


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Whether the suffix of ``path`` (in any case) says that it is a picture; the file is not opened."""
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def _is_raw(path: Path) -> bool:
    return path.suffix.lower() in RAW_SUFFIXES


def _open(file: IO[bytes], path: Path, max_pixels: int) -> Image.Image:
    """Open without decoding, with our own formats and our own pixel limit.

    ``Image.open`` would apply ``Image.MAX_IMAGE_PIXELS``, a global of the whole process that other code may
    have changed or removed; so the decoders are asked directly, in the same way as it does.
    """
    Image.init()
    prefix = file.read(16)
    if not prefix:
        raise BadInputError(f"{str(path)!r} is empty (0 bytes)", hint=_COPY_AGAIN)
    for name in _FORMATS:
        if name not in Image.OPEN:  # Pillow built without that codec
            continue
        factory, accept = Image.OPEN[name]
        accepted = accept is None or accept(prefix)
        if not accepted or isinstance(accepted, str):
            continue
        file.seek(0)
        try:
            picture = factory(file, str(path))
        except _DECODER_ERRORS as error:
            raise BadInputError(
                f"{str(path)!r} has a damaged {name} header: {error}",
                hint=_COPY_AGAIN,
            ) from error
        _check_pixels(picture.size, path, max_pixels)
        return picture
    raise BadInputError(
        f"{str(path)!r} is no picture: its first bytes are {prefix[:8]!r}",
        hint="Its content is of another kind than its name says; move it out of the folder.",
    )


def _check_pixels(size: tuple[int, int], path: Path, max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise BadInputError(f"{str(path)!r} says it is {width} × {height} pixels", hint="Move it aside.")
    if width * height > max_pixels:
        raise BadInputError(
            f"{str(path)!r} has {width} × {height} pixels, more than {max_pixels / 1e6:g} million",
            hint="Scale it down with another program, or pass a larger max_pixels if you trust it.",
        )


def _rawpy() -> Any:
    try:
        return importlib.import_module("rawpy")
    except ImportError as error:
        raise MissingError(
            "Camera RAW files need the package rawpy", hint='pip install "shoal[raw]", then try again.'
        ) from error


def _read_raw(path: Path, max_side: int | None, max_pixels: int) -> Image.Image:
    rawpy = _rawpy()
    try:
        with rawpy.imread(str(path)) as raw:
            _check_pixels((int(raw.sizes.width), int(raw.sizes.height)), path, max_pixels)
            half = max_side is not None and max(raw.sizes.width, raw.sizes.height) >= 2 * max_side
            # postprocess turns the picture by its own orientation flag
            pixels = raw.postprocess(use_camera_wb=True, half_size=half, output_bps=8)
    except rawpy.LibRawError as error:
        raise BadInputError(f"{str(path)!r} cannot be read as RAW: {error}", hint="Move it aside.") from error
    return Image.fromarray(np.asarray(pixels, dtype=np.uint8))


def _decode(
    file: IO[bytes], path: Path, max_side: int | None, max_pixels: int, min_side: int | None = None
) -> Image.Image:
    """Open, decode (JPEG at a reduced scale where that is enough), turn by EXIF and shrink."""
    picture = _open(file, path, max_pixels)
    try:
        # draft keeps at least the asked size on both sides; twice the longest side leaves room for a clean
        # resize
        enough = min_side if min_side is not None else 2 * max_side if max_side is not None else None
        if enough is not None:
            picture.draft(None, (enough, enough))
        picture.load()
    except _DECODER_ERRORS as error:
        raise BadInputError(f"{str(path)!r} cannot be decoded: {error}", hint=_COPY_AGAIN) from error
    # Damaged EXIF says nothing about the pixels: such a picture is shown unturned.
    with contextlib.suppress(*_EXIF_ERRORS):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _shrink(picture: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is not None and max(picture.size) > max_side:
        picture.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return picture


def _file_error(path: Path, error: OSError) -> BadInputError | MissingError:
    if isinstance(error, FileNotFoundError):
        return MissingError(f"{str(path)!r} does not exist", hint="Scan the folder again.")
    why = error.strerror or error
    return BadInputError(f"{str(path)!r} cannot be opened: {why}", hint="Check its permissions.")


def read_picture(
    path: str | os.PathLike[str],
    *,
    max_side: int | None = None,
    min_side: int | None = None,
    alpha: Literal["grey", "keep"] = "grey",
    max_pixels: int = MAX_PIXELS,
) -> Image.Image:
    """Read one picture as 8-bit RGB, the right way up.

    CMYK, palette, 1-bit, 16-bit and floating-point pictures are converted; of an animation the first frame is
    taken; the EXIF orientation is applied; RAW files are developed by ``rawpy``.

    Parameters
    ----------
    path : path
        File to read; its content, not its suffix, decides the format (except for RAW).
    max_side : int, optional
        Longest side of the result in pixels. JPEG is then decoded at a reduced scale, several times faster.
    min_side : int, optional
        What the caller will scale the picture down to: JPEG is decoded at the smallest scale (1/2, 1/4, 1/8)
        that leaves both sides at least so long. The picture is not scaled further.
    alpha : {"grey", "keep"}
        ``"grey"`` puts transparent pictures on mid-grey (127); ``"keep"`` returns them as RGBA.
    max_pixels : int
        Limit on width × height, checked before decoding.

    Returns
    -------
    PIL.Image.Image
        Mode ``"RGB"``, or ``"RGBA"`` with ``alpha="keep"`` where the file has transparency.

    Raises
    ------
    BadInputError
        The file is empty, truncated, damaged, too large or of another kind; the message says which.
    MissingError
        There is no such file, or it is RAW and ``rawpy`` is not installed.
    """
    path = Path(path)
    if _is_raw(path):
        return _shrink(_read_raw(path, max_side, max_pixels), max_side)
    try:
        with path.open("rb") as file:
            picture = _decode(file, path, max_side, max_pixels, min_side)
    except OSError as error:
        raise _file_error(path, error) from error
    # 16-bit pictures are scaled to 8 bits first: the resize filters work on 8-bit bands.
    return _shrink(as_rgb(picture, keep_alpha=alpha == "keep"), max_side)


def _looks_cut(file: IO[bytes], name: str | None) -> bool:
    """Whether the file does not end as a whole file of that format does (it may still be fine)."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    if name in ("JPEG", "MPO"):
        return b"\xff\xd9" not in tail
    if name == "PNG":
        return b"IEND" not in tail
    if name == "WEBP":
        file.seek(4)
        return int.from_bytes(file.read(4), "little") + 8 > size
    if name == "GIF":
        return b"\x3b" not in tail
    return False


def check_picture(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> str | None:
    """Say in words why a picture cannot be used, or ``None`` when it looks fine.

    Cheap: the header and the last bytes are read, and only a file whose end looks cut off is decoded (at a
    small scale). Damage in the middle is found when the picture is read.

    Parameters
    ----------
    path : path
        File to check.
    max_pixels : int
        Limit on width × height.

    Returns
    -------
    str or None
        The reason, without the path, or ``None``.
    """
    path = Path(path)
    try:
        if _is_raw(path):
            picture_size(path, max_pixels=max_pixels)
            return None
        with path.open("rb") as file:
            name = _open(file, path, max_pixels).format
            if _looks_cut(file, name):
                file.seek(0)
                _decode(file, path, 64, max_pixels)
    except (BadInputError, MissingError) as error:
        return error.message.removeprefix(repr(str(path))).strip()
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    return None


def picture_size(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Width and height in pixels as the picture is shown (EXIF orientation applied), from its header.

    Raises
    ------
    BadInputError
        The header is damaged or the picture is too large.
    MissingError
        There is no such file, or it is RAW and ``rawpy`` is not installed.
    """
    path = Path(path)
    if _is_raw(path):
        rawpy = _rawpy()
        try:
            with rawpy.imread(str(path)) as raw:
                size = (int(raw.sizes.width), int(raw.sizes.height))
                turned = int(raw.sizes.flip) in (5, 6)
        except rawpy.LibRawError as error:
            raise BadInputError(f"{str(path)!r} cannot be read as RAW: {error}", hint=_COPY_AGAIN) from error
        _check_pixels(size, path, max_pixels)
        return (size[1], size[0]) if turned else size
    try:
        with path.open("rb") as file:
            picture = _open(file, path, max_pixels)
            width, height = picture.size
            try:
                orientation = picture.getexif().get(0x0112, 1)
            except _EXIF_ERRORS:
                orientation = 1  # as in _decode
    except OSError as error:
        raise _file_error(path, error) from error
    return (height, width) if orientation in (5, 6, 7, 8) else (width, height)


def make_thumbnail(
    path: str | os.PathLike[str], side: int, *, quality: int = 80, max_pixels: int = MAX_PIXELS
) -> bytes:
    """Encode a small version of a picture, whole (not cropped) inside ``side`` × ``side`` pixels.

    Parameters
    ----------
    path : path
        Picture to read.
    side : int
        Longest side in pixels; a smaller picture is not enlarged.
    quality : int
        1..95, of the encoder.

    Returns
    -------
    bytes
        A JPEG file, or a WebP file when the picture has transparency. No metadata is carried over.

    Raises
    ------
    BadInputError, MissingError
        As `read_picture`.
    """
    picture = read_picture(path, max_side=side, alpha="keep", max_pixels=max_pixels)
    target = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(target, "WEBP", quality=quality, method=_THUMBNAIL_WEBP_EFFORT)
    else:
        picture.save(target, "JPEG", quality=quality)
    return target.getvalue()
