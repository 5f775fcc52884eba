"""Pictures in a square, whole and undistorted."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.backends.framing import Framing, letterbox
from shoal.backends.torch_tower import guard_torchvision
from shoal.data.modes import GREY
from tests.unit.steps.fixtures import noise_picture


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


@pytest.mark.parametrize("size", [(64, 64), (200, 81), (81, 200), (33, 32)])
@pytest.mark.parametrize(("scale_to", "filter_name"), [(0, "bicubic"), (48, "bilinear")])
def test_shortest_is_torchvisions_resize_and_crop(
    size: tuple[int, int], scale_to: int, filter_name: Literal["bicubic", "bilinear"]
) -> None:
    pytest.importorskip("torch")
    guard_torchvision()
    transforms = pytest.importorskip("torchvision.transforms")
    picture = noise_picture(3, 96).resize(size)
    wanted = transforms.Compose(
        [
            transforms.Resize(scale_to or 32, transforms.InterpolationMode(filter_name)),
            transforms.CenterCrop(32),
        ]
    )(picture)
    framing = Framing(32, "shortest", scale_to, filter_name)
    assert (framing.apply(picture) == np.asarray(wanted)).all()


def test_versions_differ_where_pixels_do() -> None:
    framings = [Framing(32), Framing(32, "squash"), Framing(64), Framing(32, scale_to=48)]
    framings.append(Framing(32, interpolation="bilinear"))
    assert len({framing.version for framing in framings}) == len(framings)
    assert Framing(32).version == Framing(32, scale_to=32).version and Framing(32, scale_to=48).least == 48
