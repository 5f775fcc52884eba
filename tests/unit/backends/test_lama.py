"""LaMa's own shapes, run by a toy network: what is filled, what stays, and what a stranger's file is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends import lama
from shoal.errors import BadInputError, MissingError


def _toy(path: Path, *, top: float, channels: int = 3) -> None:
    """A network with LaMa's inputs that paints the hole in the mean colour of the rest and repeats that."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("Sub", ["one", "mask"], ["rest"]),
        helper.make_node("Mul", ["image", "rest"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "axes"], ["sum"]),
        helper.make_node("ReduceSum", ["rest", "axes"], ["count"]),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("Mul", ["mean", "mask"], ["painted"]),
        helper.make_node("Add", ["seen", "painted"], ["both"]),
        helper.make_node("Mul", ["both", "top"], ["output"]),
    ]
    held = [
        helper.make_tensor("one", kind, [1], [1.0]),
        helper.make_tensor("top", kind, [1], [top]),
        helper.make_tensor("axes", onnx.TensorProto.INT64, [2], [2, 3]),
    ]
    given = [
        helper.make_tensor_value_info("image", kind, ["batch", channels, 512, 512]),
        helper.make_tensor_value_info("mask", kind, ["batch", 1, 512, 512]),
    ]
    outputs = [helper.make_tensor_value_info("output", kind, ["batch", channels, 512, 512])]
    graph = helper.make_graph(nodes, "toy", given, outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    onnx.save(model, str(path))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is found but what lies here."""
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    monkeypatch.delenv("U2NET_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path


def _picture() -> tuple[Image.Image, np.ndarray]:
    """Blue, with a red square that is to go."""
    pixels = np.full((90, 160, 3), (20, 40, 200), dtype=np.uint8)
    pixels[30:60, 60:90] = (250, 10, 10)
    hole = np.zeros((90, 160), dtype=bool)
    hole[28:62, 58:92] = True
    return Image.fromarray(pixels), hole


@pytest.mark.parametrize("top", [255.0, 1.0])
def test_the_hole_is_filled_and_the_rest_keeps_its_pixels(folder: Path, top: float) -> None:
    pytest.importorskip("onnxruntime")
    _toy(folder / "lama_fp32.onnx", top=top)
    picture, hole = _picture()
    filled = np.asarray(lama.load().fill(picture, hole)).astype(int)
    assert np.array_equal(filled[~hole], np.asarray(picture)[~hole])
    assert np.abs(filled[hole] - (20, 40, 200)).max() <= 3


def test_a_dark_picture_is_not_lifted(folder: Path) -> None:
    """Whether a model gives 0..1 or 0..255 is told by what it repeats, not by how bright it is."""
    pytest.importorskip("onnxruntime")
    _toy(folder / "lama_fp32.onnx", top=255.0)
    hole = np.zeros((64, 64), dtype=bool)
    hole[20:40, 20:40] = True
    filled = lama.load().fill(Image.new("RGB", (64, 64), (1, 1, 1)), hole)
    assert np.asarray(filled).max() <= 2


def test_nothing_to_fill_is_left_alone(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    _toy(folder / "lama_fp32.onnx", top=255.0)
    picture, hole = _picture()
    assert lama.load().fill(picture, np.zeros_like(hole)) is picture


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(MissingError, match=r"lama_fp32\.onnx") as caught:
        lama.load()
    assert "telea" in caught.value.hint


def test_another_model_is_refused(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    _toy(folder / "lama.onnx", top=1.0, channels=1)
    with pytest.raises(BadInputError, match="no LaMa"):
        lama.load()
