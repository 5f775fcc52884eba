"""Sharpness falls with blur and looks only at the subject."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from shoal.steps.measures import sharpness


def _noise(side: int = 128) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8))


def test_blur_lowers_it() -> None:
    values = [sharpness(_noise().filter(ImageFilter.GaussianBlur(r))) for r in (0, 1, 2, 4)]
    assert values == sorted(values, reverse=True) and values[0] > 10 * values[2]


def test_a_known_value() -> None:
    # one white pixel on black: the Laplacian is −4·255 there, 255 at its neighbours, 0 elsewhere
    picture = np.zeros((5, 5), dtype=np.uint8)
    picture[2, 2] = 255
    inner = np.zeros((3, 3))
    inner[1, 1], inner[0, 1], inner[1, 0], inner[2, 1], inner[1, 2] = -1020, 255, 255, 255, 255
    assert np.isclose(sharpness(Image.fromarray(picture)), inner.var())


def test_the_edge_of_a_mask_does_not_count() -> None:
    picture = np.zeros((64, 64), dtype=np.uint8)
    picture[16:48, 16:48] = 200
    mask = picture > 0
    assert sharpness(Image.fromarray(picture)) > 100
    assert sharpness(Image.fromarray(picture), mask) == 0
    assert sharpness(Image.fromarray(picture), np.zeros_like(mask)) == 0


def test_tiny_and_huge_pictures() -> None:
    assert sharpness(Image.new("RGB", (2, 900))) == 0
    assert sharpness(_noise(1024)) > 0
