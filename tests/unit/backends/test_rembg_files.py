"""Files that people bring themselves: found where rembg keeps them, and named when they are absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends import registry
from shoal.backends.rembg_files import Isnet, file_of, load_isnet
from shoal.errors import MissingError


def _toy(path: Path) -> None:
    """A network with ISNet's shapes whose matte is the red channel with the mean added again."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("Split", ["x"], ["r", "g", "b"], axis=1, num_outputs=3),
        helper.make_node("Add", ["r", "half"], ["y"]),
    ]
    half = helper.make_tensor("half", kind, [1], [0.5])
    graph = helper.make_graph(
        nodes, "toy", [helper.make_tensor_value_info("x", kind, [1, 3, 1024, 1024])],
        [helper.make_tensor_value_info("y", kind, [1, 1, 1024, 1024])], [half],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    onnx.save(model, str(path))


def test_a_file_that_is_there_is_found_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path / "none"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert file_of("isnet-general-use") is None
    with pytest.raises(MissingError, match="isnet-general-use"):
        load_isnet()
    with pytest.raises(MissingError, match=r"isnet-general-use\.onnx"):
        registry.choose("matte", "isnet-general-use")
    _toy(tmp_path / "isnet-general-use.onnx")
    model = load_isnet()
    assert isinstance(model, Isnet) and registry.choose("matte", "isnet-general-use")[0].name == model.name
    pixels = np.zeros((90, 160, 3), dtype=np.uint8)
    pixels[:, 80:] = (255, 255, 255)
    alpha = model.alpha(Image.fromarray(pixels))
    assert alpha.shape == (90, 160) and alpha[:, :70].max() < 0.05 and alpha[:, 90:].min() > 0.95
    assert registry.choose("matte", "auto")[0].name == "isnet-general-use"
