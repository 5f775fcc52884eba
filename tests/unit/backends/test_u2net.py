"""The matte finds a subject that stands out, and little where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from shoal.backends import u2net


def _scene(subject: bool) -> Image.Image:
    picture = Image.new("RGB", (320, 180), (120, 170, 220))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 120, 320, 180), fill=(90, 140, 60))
    if subject:
        draw.ellipse((120, 60, 200, 160), fill=(150, 60, 30))
        draw.ellipse((135, 30, 185, 80), fill=(160, 70, 40))
    return picture


@pytest.mark.weights
def test_a_subject_is_found_where_it_is() -> None:
    alpha = u2net.load().alpha(_scene(True))
    assert alpha.shape == (180, 320)
    assert alpha[110, 160] > 0.8 and alpha[20, 20] < 0.1 and alpha[110, 300] < 0.1


@pytest.mark.weights
def test_nothing_is_not_stretched_into_something() -> None:
    assert u2net.load().alpha(Image.new("RGB", (64, 64), (127, 127, 127))).mean() < 0.5
    black = u2net.load().alpha(Image.new("RGB", (64, 64)))
    assert np.isfinite(black).all()
