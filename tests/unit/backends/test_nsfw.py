"""The scorer's input is what the network was trained on."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shoal.backends.nsfw import OpenNsfw, load


def test_the_input_is_bgr_less_the_mean() -> None:
    pixels = OpenNsfw.prepare(None, Image.new("RGB", (300, 100), (255, 10, 20)))  # type: ignore[arg-type]
    assert pixels.shape == (224, 224, 3) and pixels.dtype == np.float32
    assert np.allclose(pixels[100, 100], (20 - 104, 10 - 117, 255 - 123))
    clear = OpenNsfw.prepare(None, Image.new("RGBA", (50, 50), (255, 0, 0, 0)))  # type: ignore[arg-type]
    assert np.allclose(clear[0, 0], (128 - 104, 128 - 117, 128 - 123))


@pytest.mark.weights
def test_it_scores_a_plain_picture_low() -> None:
    assert 0.0 <= load().score(Image.new("RGB", (320, 240), (90, 140, 200))) < 0.5
