"""A torch tower as ONNX: the same vectors whole, near ones in 8 bits, and a declaration that reads back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.onnx import load, read_declaration
from shoal.backends.quantising import (
    declaration_for,
    declaration_text,
    export_tower,
    normalised,
    quantise_file,
    tower_of,
)
from shoal.backends.registry import load_embedder
from shoal.backends.torch_tower import TorchTower
from shoal.backends.tower import Tower
from shoal.errors import BadInputError

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

BATCH = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


def _model(convolutions: int) -> Tower:
    torch.manual_seed(0)
    layers: list[torch.nn.Module] = [torch.nn.Conv2d(3, 8, 4, 4), torch.nn.ReLU()]
    for _ in range(convolutions - 1):
        layers += [torch.nn.Conv2d(8, 8, 3, padding=1), torch.nn.ReLU()]
    layers += [torch.nn.Flatten(), torch.nn.Linear(8 * 64, 32), torch.nn.GELU(), torch.nn.Linear(32, 6)]
    run = TorchTower(torch.nn.Sequential(*layers), mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.25), how=How())
    return Tower("tiny", 6, Framing(32, "squash", 0, "bilinear"), run)


@pytest.mark.parametrize(("convolutions", "method"), [(1, "dynamic"), (5, "static")])
def test_a_tower_in_eight_bits_is_near_the_whole_one(tmp_path: Path, convolutions: int, method: str) -> None:
    model = _model(convolutions)
    export_tower(model, 32, tmp_path / "whole.onnx")
    sample = [normalised(tower_of(model), BATCH[i : i + 1]) for i in range(5)]
    assert quantise_file(tmp_path / "whole.onnx", tmp_path / "small.onnx", sample) == method
    wanted = model.embed(BATCH)
    for file, least in (("whole.onnx", 0.99999), ("small.onnx", 0.98)):
        declared = declaration_for(file, model, model.framing, licence="MIT", about='a "tiny" \\ one')
        path = tmp_path / f"{file}.toml"
        path.write_text(declaration_text(declared))
        assert read_declaration(path) == declared
        found = load(str(path), How()).embed(BATCH)
        cosine = (found * wanted).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(wanted, axis=1)
        assert cosine.min() > least
    assert torch.backends.mha.get_fastpath_enabled()


def test_what_is_no_torch_model_is_refused() -> None:
    with pytest.raises(BadInputError, match="colour"):
        tower_of(load_embedder("colour"))
