"""Every registered backend fits the protocol of its kind, in what it takes and what it gives."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shoal.backends.protocols import ImageEmbedder, Matte
from shoal.backends.registry import entries, load_embedder, load_matte
from shoal.backends.rembg_files import file_of

PICTURES = [
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (h, w, 3), dtype=np.uint8))
    for w, h in ((300, 200), (7, 90), (1, 1))
]
NEEDS = pytest.mark.weights
EMBEDDERS = [
    pytest.param(e.name, marks=NEEDS if e.weights else ()) for e in entries("embedding") if not e.repository
]
# Files that people bring themselves are tried where they are.
THEIR_OWN = {
    e.name: pytest.mark.skipif(file_of(e.file) is None, reason=f"{e.file}.onnx is not in rembg's folder")
    for e in entries("matte")
    if e.file
}
MATTES = [
    pytest.param(e.name, marks=THEIR_OWN.get(e.name, NEEDS if e.weights else ())) for e in entries("matte")
]


@pytest.mark.parametrize("name", EMBEDDERS)
def test_embedders_take_any_picture_and_give_float32_rows(name: str) -> None:
    model = load_embedder(name)
    assert isinstance(model, ImageEmbedder) and model.name == name
    inputs = [model.preprocess(p) for p in [*PICTURES, PICTURES[0].convert("RGBA")]]
    assert {x.dtype for x in inputs} == {np.dtype(np.uint8)} and len({x.shape for x in inputs}) == 1
    rows = model.embed(np.stack(inputs))
    assert rows.shape == (4, model.dims) and rows.dtype == np.float32 and np.isfinite(rows).all()
    assert model.dims == next(e.dims for e in entries("embedding") if e.name == name)
    # an opaque picture is the same with and without an alpha band
    assert np.allclose(rows[0], rows[3], atol=1e-4)


@pytest.mark.parametrize("name", EMBEDDERS)
def test_a_row_does_not_depend_on_its_neighbours(name: str) -> None:
    model = load_embedder(name)
    inputs = [model.preprocess(p) for p in PICTURES] * 2
    forward = model.embed(np.stack(inputs))
    backward = model.embed(np.stack(inputs[::-1]))[::-1]
    assert forward.tobytes() == np.ascontiguousarray(backward).tobytes()


@pytest.mark.parametrize("name", MATTES)
def test_mattes_are_as_large_as_the_picture(name: str) -> None:
    model = load_matte(name)
    assert isinstance(model, Matte) and model.name == name
    for picture in PICTURES:
        alpha = model.alpha(picture)
        assert alpha.shape == (picture.height, picture.width) and alpha.dtype == np.float32
        assert alpha.min() >= 0 and alpha.max() <= 1
