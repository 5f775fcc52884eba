"""Parts cover the frame undistorted, and a soft matte follows the picture's edges."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.steps.mattes import follow_edges, parts, tiled_matte


@given(st.integers(2, 4000), st.integers(2, 4000))
def test_parts_cover_the_frame(width: int, height: int) -> None:
    seen_x, seen_y = np.zeros(width, dtype=int), np.zeros(height, dtype=int)
    for left, top, right, bottom in parts(width, height):
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        seen_x[left:right] += 1
        seen_y[top:bottom] += 1
    assert seen_x.min() >= 1 and seen_y.min() >= 1


def test_wide_frames_are_two_squares() -> None:
    assert parts(1920, 1080) == [(0, 0, 1080, 1080), (840, 0, 1920, 1080)]
    assert parts(1080, 1920) == [(0, 0, 1080, 1080), (0, 840, 1080, 1920)]
    assert len(parts(640, 480)) == 1 and len(parts(2400, 1000)) == 2 and len(parts(4000, 1000)) == 4


class _Shares:
    """Takes the brightest pixels of what it is shown for the subject: one thing at a time."""

    name = "shares"

    def alpha(self, picture: Image.Image) -> np.ndarray:
        values = np.asarray(picture.convert("L"), dtype=np.float32)
        return (values >= values.max()).astype(np.float32) * 0.9


def test_a_small_subject_at_the_edge_is_seen_beside_a_large_one() -> None:
    pixels = np.zeros((180, 320), dtype=np.uint8)
    pixels[40:140, 200:300] = 255
    pixels[60:120, 10:40] = 200
    picture = Image.fromarray(pixels).convert("RGB")
    assert _Shares().alpha(picture)[90, 20] == 0
    matte = tiled_matte(_Shares(), picture)
    assert matte.shape == (180, 320) and matte[90, 20] > 0.8 and matte[90, 250] > 0.8 and matte[5, 5] == 0


def test_a_matte_beside_the_edge_is_brought_to_it() -> None:
    rows, columns = np.indices((180, 320))
    true = ((columns - 160) ** 2 + (rows - 90) ** 2 < 50**2).astype(np.float32)
    random = np.random.default_rng(0)
    pixels = np.where(true[..., None] > 0, (200, 60, 40), (40, 90, 160)) + random.normal(0, 4, (180, 320, 3))
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    # a model is often a few pixels off, here at one side
    soft = np.roll(true, 3, axis=1)
    fitted = follow_edges(soft, picture)
    assert ((fitted > 0.5) != (true > 0.5)).sum() < 0.5 * ((soft > 0.5) != (true > 0.5)).sum()
    assert 0 <= fitted.min() <= fitted.max() <= 1
    large = follow_edges(np.asarray(Image.fromarray(soft).resize((1600, 900))), picture.resize((1600, 900)))
    assert large.shape == (900, 1600) and large[450, 800] > 0.95
