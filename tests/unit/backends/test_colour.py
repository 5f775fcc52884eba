"""Colour histograms: near for near colours, far for others, blind to what is transparent."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shoal.backends.colour import ColourHistogram, load, srgb_to_lab

RED, CRIMSON, BLUE = (200, 30, 30), (190, 35, 45), (30, 40, 200)


def _vector(picture: Image.Image) -> np.ndarray:
    model = ColourHistogram()
    vector = model.embed(model.preprocess(picture)[None])[0]
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [((255, 255, 255), (100, 0, 0)), ((0, 0, 0), (0, 0, 0)), ((255, 0, 0), (53.24, 80.09, 67.20)),
     ((0, 0, 255), (32.30, 79.19, -107.86)), ((119, 119, 119), (50.03, 0, 0))],
)  # fmt: skip
def test_lab_values_of_known_colours(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert srgb_to_lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(lab, abs=0.06)


def test_near_colours_are_nearer_than_others() -> None:
    red, crimson, blue = (_vector(Image.new("RGB", (20, 30), c)) for c in (RED, CRIMSON, BLUE))
    assert red @ crimson > 0.8 > 0.3 > red @ blue


def test_the_zones_matter() -> None:
    left, right = (Image.new("RGB", (60, 20), BLUE) for _ in range(2))
    left.paste(RED, (0, 0, 20, 20))
    right.paste(RED, (40, 0, 60, 20))
    assert _vector(left) @ _vector(right) < 0.6


def test_transparent_pixels_do_not_count() -> None:
    subject = Image.new("RGBA", (64, 64), (*BLUE, 0))
    subject.paste((*RED, 255), (0, 0, 64, 40))
    assert np.allclose(_vector(subject), _vector(Image.new("RGB", (64, 64), RED)), atol=1e-5)
    nothing = load().embed(load().preprocess(Image.new("RGBA", (8, 8), (1, 2, 3, 0)))[None])
    assert (nothing == 0).all()


def test_no_pictures_give_no_rows() -> None:
    assert load().embed(np.empty((0, 64, 64, 4), dtype=np.uint8)).shape == (0, 192)
