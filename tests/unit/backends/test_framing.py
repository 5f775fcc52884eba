"""Pictures in a square, whole and undistorted."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.backends.framing import letterbox
from shoal.data.modes import GREY


@given(st.integers(1, 200), st.integers(1, 200), st.integers(8, 64))
def test_the_whole_picture_is_centred_on_grey(width: int, height: int, side: int) -> None:
    square = letterbox(Image.new("RGB", (width, height), (250, 0, 0)), side)
    assert square.shape == (side, side, 3)
    red = (np.abs(square.astype(int) - (250, 0, 0)) <= 1).all(axis=2)
    grey = (square == GREY).all(axis=2)
    assert (red | grey).all()
    rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
    assert max(rows, columns) == side
    assert abs(rows - max(1, side * height / max(width, height))) <= 1
    first, last = np.flatnonzero(red.any(axis=1))[[0, -1]]
    assert abs(first - (side - 1 - last)) <= 1


def test_transparent_parts_become_grey() -> None:
    picture = Image.new("RGBA", (10, 10), (250, 0, 0, 0))
    assert (letterbox(picture, 16) == GREY).all()
