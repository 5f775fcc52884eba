"""From any pixel mode that Pillow decodes to 8-bit RGB or RGBA."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["GREY", "as_rgb", "has_alpha", "on_grey"]

GREY = (127, 127, 127)
"""Background of transparent pictures; the middle of the range, so that neither edge nor fill stands out."""


def has_alpha(picture: Image.Image) -> bool:
    """Whether a picture has an alpha band or a transparent colour."""
    return "A" in picture.getbands() or "a" in picture.getbands() or "transparency" in picture.info


def on_grey(picture: Image.Image, colour: tuple[int, int, int] = GREY) -> Image.Image:
    """Composite an RGBA picture on one colour; returns RGB."""
    background = Image.new("RGB", picture.size, colour)
    background.paste(picture, mask=picture.getchannel("A"))
    return background


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale a single-band 16-bit, 32-bit or floating-point picture to 8-bit grey.

    16-bit values are divided by 257 (65535 → 255). Wider integers and floats have no agreed range: 0..1 and
    0..255 are recognised for floats, all else is stretched from its own least to its own largest value.
    """
    values: npt.NDArray[Any] = np.asarray(picture)
    fits_16 = picture.mode == "I" and bool(values.min() >= 0 and values.max() <= 65535)
    if picture.mode.startswith("I;16") or fits_16:
        scaled = values.astype(np.float32) / 257.0
    else:
        finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = float(finite.min()), float(finite.max())
        if low >= 0.0 and high <= 1.0:
            scaled = finite * 255.0
        elif low >= 0.0 and high <= 255.0:
            scaled = finite
        else:
            scaled = (finite - low) * (255.0 / (high - low)) if high > low else np.zeros_like(finite)
    return Image.fromarray(np.rint(scaled).clip(0, 255).astype(np.uint8))


def as_rgb(picture: Image.Image, *, keep_alpha: bool = False) -> Image.Image:
    """Convert to RGB; transparency goes on mid-grey, or stays (RGBA) with ``keep_alpha``.

    Parameters
    ----------
    picture : PIL.Image.Image
        Any mode.
    keep_alpha : bool
        Return RGBA for pictures with transparency.

    Returns
    -------
    PIL.Image.Image
        Mode RGB or RGBA.
    """
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        return _eight_bits(picture).convert("RGB")
    if has_alpha(picture):
        rgba = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        return rgba if keep_alpha else on_grey(rgba)
    return picture.convert("RGB")
