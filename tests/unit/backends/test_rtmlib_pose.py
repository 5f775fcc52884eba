"""rtmlib's own class runs a file with RTMPose's shapes; what is missing is named with its remedy."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends.rtmlib_pose import load
from shoal.errors import MissingError


def _toy(path: Path) -> None:
    """A network with RTMPose's outputs (SimCC): every point at the middle of the input."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    axes = {"simcc_x": 384, "simcc_y": 512}
    nodes, held, outputs = [], [], []
    for name, width in axes.items():
        peak = np.zeros((1, 17, width), np.float32)
        peak[:, :, width // 2] = 0.8
        held.append(helper.make_tensor(f"{name}_peak", kind, peak.shape, peak.ravel()))
        nodes.append(helper.make_node("Mul", [f"{name}_peak", "one"], [name]))
        outputs.append(helper.make_tensor_value_info(name, kind, [1, 17, width]))
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nought"]),
        helper.make_node("Add", ["nought", "unit"], ["one"]),
        *nodes,
    ]
    held += [helper.make_tensor("zero", kind, [], [0.0]), helper.make_tensor("unit", kind, [], [1.0])]
    given = [helper.make_tensor_value_info("input", kind, [1, 3, 256, 192])]
    graph = helper.make_graph(nodes, "toy", given, outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    onnx.save(model, str(path))


def test_keypoints_are_in_pixels_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rtmlib", reason="pip install --no-deps rtmlib")
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    _toy(tmp_path / "rtmpose.onnx")
    for picture in (Image.new("RGB", (120, 200)), Image.new("RGBA", (300, 90), (9, 9, 9, 255))):
        found = load().keypoints(picture)
        assert found.shape == (17, 3) and found.dtype == np.float32
        assert np.allclose(found[:, :2], (picture.width / 2, picture.height / 2), atol=2.0)
        assert np.allclose(found[:, 2], 0.8, atol=1e-3)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingError, match=r"rtmpose\.onnx"):
        load()
    with pytest.raises(MissingError, match=r"gone\.onnx"):
        load("gone.onnx")
    monkeypatch.setitem(sys.modules, "rtmlib", None)
    (tmp_path / "rtmpose.onnx").touch()
    with pytest.raises(MissingError, match="rtmlib") as caught:
        load()
    assert "--no-deps" in caught.value.hint
