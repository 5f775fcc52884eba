"""How pictures look in small."""

import numpy as np
from PIL import Image

from shoal.review.assist.looks import COLOURS, LOOK_DIMS, look, looks_of, views_of


def stripes(across: bool, size=(90, 60)):
    width, height = size
    wave = (np.arange(width)[None, :] if across else np.arange(height)[:, None]) // 6 % 2 * 255
    return Image.fromarray(np.broadcast_to(wave, (height, width)).astype(np.uint8)).convert("RGB")


def test_colours_and_edges_have_their_places():
    found = look(Image.new("RGB", (200, 100), (255, 0, 0)))
    colours = found[:COLOURS].reshape(16, 16, 3)
    assert found.shape == (LOOK_DIMS,) and found.dtype == np.float32
    assert np.allclose(colours[8, 8], (1, 0, 0)) and np.allclose(colours[0, 0], 127 / 255, atol=0.01)
    assert np.allclose((found[COLOURS:] ** 2).sum(), 1, atol=1e-4)


def test_stripes_of_two_directions_differ_in_their_edges_alone():
    across, down = look(stripes(True)), look(stripes(False))
    again = look(stripes(True, (180, 120)).resize((90, 60), Image.Resampling.NEAREST))
    edges = [each[COLOURS:] for each in (across, down, again)]
    assert edges[0] @ edges[1] < edges[0] @ edges[2]
    assert abs(across[:COLOURS].mean() - down[:COLOURS].mean()) < 0.05


def test_a_picture_that_cannot_be_read_is_unknown_and_a_stop_is_heard(tmp_path):
    stripes(True).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    found = looks_of([tmp_path / "a.png", tmp_path / "b.png", tmp_path / "gone.png"])
    assert not np.isnan(found[0]).any() and np.isnan(found[1:]).all()
    assert np.isnan(looks_of([tmp_path / "a.png"], stopped=lambda: True)).all()
    colours, edges = views_of(found)
    assert colours.shape == (3, COLOURS) and edges.shape == (3, LOOK_DIMS - COLOURS)
