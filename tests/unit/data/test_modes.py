"""From any mode to RGB; the rarer paths (the common ones are in test_pictures)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.data.modes import GREY, as_rgb, has_alpha, on_grey


@given(st.integers(0, 255), st.integers(0, 255))
def test_on_grey_blends_by_alpha(value: int, alpha: int) -> None:
    flat = on_grey(Image.new("RGBA", (1, 1), (value, value, value, alpha)))
    expected = (value * alpha + GREY[0] * (255 - alpha)) / 255
    assert flat.mode == "RGB" and abs(flat.getpixel((0, 0))[0] - expected) <= 1


def test_has_alpha_knows_bands_and_palette_transparency() -> None:
    assert has_alpha(Image.new("RGBA", (1, 1))) and has_alpha(Image.new("LA", (1, 1)))
    palette = Image.new("P", (1, 1))
    assert not has_alpha(palette)
    palette.info["transparency"] = 0
    assert has_alpha(palette)
    assert as_rgb(palette, keep_alpha=True).mode == "RGBA"


def test_rgb_with_a_transparent_colour_is_composited() -> None:
    picture = Image.new("RGB", (1, 1), (255, 0, 255))
    picture.info["transparency"] = (255, 0, 255)
    assert as_rgb(picture).getpixel((0, 0)) == GREY


def test_a_constant_deep_picture_does_not_divide_by_zero() -> None:
    flat = as_rgb(Image.fromarray(np.full((2, 2), 300.0, dtype=np.float32)))
    assert flat.mode == "RGB" and flat.getpixel((0, 0)) == (0, 0, 0)
