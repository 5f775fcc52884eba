"""What is cut out of one frame: solid inside, clean at the edge; what is left is filled."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shoal.steps.cut_outs import _edges, clean_colours, fill_background, opacity
from shoal.steps.instances import Region


def test_a_matte_that_is_fairly_sure_is_solid_and_dust_is_nothing() -> None:
    alpha = np.full((20, 20), 0.7, dtype=np.float32)
    alpha[:, 0], alpha[:, 1] = 0.0, 0.01
    solid = opacity(Region((0, 0, 20, 20), alpha, 380, 0.7))
    assert solid[:, 2:].min() == 1.0 and solid[:, :2].max() == 0.0


def test_the_background_does_not_shine_through_the_edge() -> None:
    rows, columns = np.indices((60, 60))
    distance = np.hypot(columns - 30, rows - 30)
    alpha = np.clip((22 - distance) / 4 + 0.5, 0, 1).astype(np.float32)
    mixed = alpha[..., None] * (200, 40, 40) + (1 - alpha[..., None]) * (20, 220, 20)
    cleaned = clean_colours(mixed.astype(np.uint8), alpha)
    soft = (alpha > 0.1) & (alpha < 0.85)
    assert np.abs(cleaned[soft].astype(int) - (200, 40, 40)).max() < 25
    assert np.abs(mixed[soft] - (200, 40, 40)).max() > 100
    assert (cleaned[alpha >= 0.9] == mixed.astype(np.uint8)[alpha >= 0.9]).all()
    empty = np.zeros_like(alpha)
    assert clean_colours(mixed.astype(np.uint8), empty) is not None


def test_edges_of_the_frame_that_are_touched() -> None:
    alpha = np.zeros((10, 10), dtype=np.float32)
    alpha[2:, 0] = 1.0
    assert _edges((0, 0, 10, 10), alpha, (10, 10)) == "lb"
    assert _edges((5, 5, 15, 15), alpha, (40, 40)) == ""


def test_the_background_is_filled_from_around() -> None:
    pytest.importorskip("cv2", reason="filling needs the film extra")
    gradient = np.tile(np.linspace(40, 200, 160)[None, :, None], (90, 1, 3)).astype(np.uint8)
    covered = np.zeros((90, 160), dtype=bool)
    covered[30:60, 60:90] = True
    pixels = gradient.copy()
    pixels[covered] = (255, 0, 0)
    filled = np.asarray(fill_background(Image.fromarray(pixels), covered))
    assert np.abs(filled[covered].astype(int) - gradient[covered]).mean() < 12
    far = np.ones_like(covered)
    far[22:68, 52:98] = False
    assert (filled[far] == pixels[far]).all()
    large = fill_background(
        Image.fromarray(pixels).resize((1600, 900)), np.kron(covered, np.ones((10, 10))) > 0
    )
    assert large.size == (1600, 900) and np.asarray(large)[450, 750, 1] > 60
