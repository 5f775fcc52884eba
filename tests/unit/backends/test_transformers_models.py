"""transformers' towers from a folder: the same vectors as by its own means, whatever shape the model has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.torch_tower import guard_torchvision
from shoal.backends.transformers_models import facts, framing_of, load
from shoal.errors import BadInputError, MissingError
from tests.unit.backends.tiny import pictures

torch = pytest.importorskip("torch")
guard_torchvision()
transformers = pytest.importorskip("transformers")

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
PIXELS: dict[str, Any] = {
    "size": {"height": 32, "width": 32},
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
}


def _save(folder: Path, model: Any, pixels: dict[str, Any]) -> Path:
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels))
    return folder


def _dinov2(folder: Path) -> Path:
    torch.manual_seed(0)
    config = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    pixels = {**PIXELS, "size": {"shortest_edge": 32}, "crop_size": {"height": 28, "width": 28}}
    return _save(folder, transformers.Dinov2Model(config), pixels)


def _siglip(folder: Path) -> Path:
    torch.manual_seed(0)
    config = transformers.SiglipConfig(
        text_config={**SMALL, "vocab_size": 50, "max_position_embeddings": 8},
        vision_config={**SMALL, "image_size": 32, "patch_size": 16},
    )
    return _save(folder, transformers.SiglipModel(config), PIXELS)


@pytest.mark.parametrize("make", [_dinov2, _siglip])
def test_vectors_are_those_of_transformers_itself(tmp_path: Path, make: Any) -> None:
    folder = make(tmp_path / "model")
    about = facts(str(folder))
    assert about["dims"] == 32 and about["version"] and not about["repository"]
    shown = pictures((64, 64), (90, 50))
    model = transformers.AutoModel.from_pretrained(folder).eval()
    framing = framing_of(json.loads((folder / "preprocessor_config.json").read_text()))
    inputs = torch.from_numpy(np.stack([framing.apply(p) for p in shown])).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        if make is _siglip:
            wanted = model.get_image_features(pixel_values=inputs).pooler_output.numpy()
        else:
            wanted = model(pixel_values=inputs).pooler_output.numpy()
    found = load(str(folder), How())
    assert np.allclose(found.embed(np.stack([found.preprocess(p) for p in shown])), wanted, atol=1e-4)


def test_pixels_are_prepared_as_the_configuration_says() -> None:
    framing = framing_of({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}})
    assert (framing.resize, framing.scale_to, framing.side) == ("shortest", 256, 224)
    assert framing_of({"size": 224, "crop_size": 224, "resample": 2}).interpolation == "bilinear"
    assert framing_of({"size": {"height": 384, "width": 384}}).resize == "squash"
    with pytest.raises(BadInputError, match="squares"):
        framing_of({"size": {"height": 384, "width": 128}})


def test_refusals(tmp_path: Path) -> None:
    for argument in ("/nowhere/at/all", "nobody/nothing"):
        with pytest.raises(MissingError):
            facts(argument)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BadInputError, match="damaged"):
        facts(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "whisper"}')
    with pytest.raises(BadInputError, match="whisper"):
        facts(str(tmp_path))
