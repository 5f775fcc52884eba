"""Any ONNX tower with a declaration: what is computed is what was declared, and mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.onnx import facts, load, read_declaration
from shoal.errors import BadInputError, MissingError
from tests.unit.backends.tiny import onnx_tower, pictures

onnxruntime = pytest.importorskip("onnxruntime")


def _edit(declaration: Path, **change: object) -> Path:
    lines = [f"{key} = {json.dumps(value)}" for key, value in change.items()]
    kept = [line for line in declaration.read_text().splitlines() if line.partition(" =")[0] not in change]
    declaration.write_text("\n".join([*kept, *lines]) + "\n")
    return declaration


def test_vectors_are_those_of_the_session(tmp_path: Path) -> None:
    declaration = onnx_tower(tmp_path)
    model = load(str(declaration), How())
    assert (model.dims, model.least_side) == (6, 32)
    batch = np.stack([model.preprocess(p) for p in pictures((64, 64), (80, 40))])
    inputs = (batch / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    session = onnxruntime.InferenceSession(str(tmp_path / "tower.onnx"), providers=["CPUExecutionProvider"])
    wanted = session.run(None, {"pixels": inputs.astype(np.float32).transpose(0, 3, 1, 2)})[0]
    assert np.allclose(model.embed(batch), wanted, atol=1e-4)
    # blue first is another input, and a file for one picture at a time gives the same
    turned = load(str(_edit(declaration, channels="bgr")), How()).embed(batch[..., ::-1])
    assert np.allclose(turned.shape, wanted.shape)
    one_by_one = load(str(onnx_tower(tmp_path / "alone", alone=True)), How())
    assert np.allclose(one_by_one.embed(batch), wanted, atol=1e-4)


def test_facts_follow_file_and_settings(tmp_path: Path) -> None:
    declaration = onnx_tower(tmp_path)
    first = facts(str(declaration))
    assert first["dims"] == 6 and first["licence"] == "MIT"
    assert facts(str(_edit(declaration, mean=[0, 0, 0])))["version"] != first["version"]
    (tmp_path / "tower.json").write_text(json.dumps({"file": "tower.onnx", "side": 32, "dims": 6}))
    assert read_declaration(tmp_path / "tower.json").std == (0.229, 0.224, 0.225)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sides": 3}, "unknown fields: sides"),
        ({"layout": "hwc"}, "layout"),
        ({"mean": [1, 2]}, "mean"),
        ({"file": "other.onnx"}, "not beside it"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, change: dict[str, object], word: str) -> None:
    declaration = _edit(onnx_tower(tmp_path), **change)
    with pytest.raises((BadInputError, MissingError), match=word):
        read_declaration(declaration)


def test_what_the_file_does_not_hold_is_named(tmp_path: Path) -> None:
    declaration = _edit(onnx_tower(tmp_path), output="pooled")
    with pytest.raises(BadInputError) as refused:
        load(str(declaration), How())
    assert "vector" in refused.value.hint
    model = load(str(_edit(declaration, output="vector", dims=7)), How())
    with pytest.raises(BadInputError, match="shape"):
        model.embed(np.zeros((2, 32, 32, 3), np.uint8))
    (tmp_path / "tower.onnx").write_bytes(b"no model")
    with pytest.raises(BadInputError, match="cannot be loaded"):
        load(str(declaration), How())
    (tmp_path / "bad.toml").write_text("side = ")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_declaration(tmp_path / "bad.toml")
    with pytest.raises(MissingError):
        read_declaration(tmp_path / "gone.toml")
