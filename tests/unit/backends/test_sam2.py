"""SAM 2 is loaded and run by transformers' own code, here with weights that know nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends.sam2 import load
from shoal.backends.torch_tower import guard_torchvision
from shoal.errors import MissingError


def _save_small(folder: Path) -> None:
    """A model of SAM 2's own classes with few layers and random weights."""
    torch = pytest.importorskip("torch")
    guard_torchvision()
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=16, embed_dim_per_stage=[16, 32, 64, 128], num_attention_heads_per_stage=[1, 1, 2, 2],
    )  # fmt: skip
    vision = transformers.Sam2VisionConfig(
        backbone_config=backbone, backbone_channel_list=[128, 64, 32, 16], fpn_hidden_size=256
    )
    transformers.Sam2Model(transformers.Sam2Config(vision_config=vision)).save_pretrained(folder)
    transformers.Sam2Processor(transformers.Sam2ImageProcessor()).save_pretrained(folder)


def test_it_runs_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    _save_small(tmp_path / "model")
    model = load(str(tmp_path / "model"))
    masks, scores = model.masks(Image.new("RGB", (120, 70), (90, 20, 30)), [(10, 20), (100, 60)])
    assert masks.shape == (6, 70, 120) and masks.dtype == bool
    assert scores.shape == (6,) and np.isfinite(scores).all()
    assert model.masks(Image.new("RGB", (120, 70)), [])[0].shape == (0, 70, 120)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    with pytest.raises(MissingError, match="HF_HUB_OFFLINE"):
        load()
    with pytest.raises(MissingError, match="no folder"):
        load(str(tmp_path / "gone"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingError, match="could not be loaded"):
        load(str(tmp_path / "empty"))
