"""Quantising: a model that `embed` takes, with the drift and the gain that were measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Items
from shoal.errors import BadInputError, ExistsError
from shoal.steps.embed import embed
from shoal.steps.quantise import quantise
from tests.unit.backends.tiny import open_clip_folder
from tests.unit.steps.fixtures import noise_picture, save_pictures

pytest.importorskip("onnx")


@pytest.fixture
def pile(tmp_path: Path) -> Items:
    return save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i, 80) for i in range(12)})


def test_the_copy_is_used_and_its_drift_is_what_was_told(pile: Items, tmp_path: Path) -> None:
    name = f"local-dir:{open_clip_folder(tmp_path / 'clip')}"
    pile.file(3).write_bytes(b"broken")
    made = quantise(pile, model=name, out=tmp_path / "small", progress=False)
    assert made.method == "dynamic" and made.speed_up > 0 and 0 <= made.same_nearest <= 1
    exact = embed(pile, model=name, precision="fp32", cache=False, progress=False).vectors
    small = embed(pile, model=made.model, cache=False, progress=False).vectors
    rows = [row for row in range(12) if row != 3]
    cosine = (exact[rows] * small[rows]).sum(axis=1)
    assert cosine.mean() == pytest.approx(made.mean_cosine, abs=1e-3) and made.mean_cosine > 0.99
    assert made.worst_cosine <= made.mean_cosine and not np.array_equal(exact[rows], small[rows])
    record = json.loads((tmp_path / "small" / ".shoal_step.json").read_text())
    assert record["complete"] and record["drift"]["mean_cosine"] == made.mean_cosine
    assert sorted(p.name for p in (tmp_path / "small").glob("[!.]*")) == ["tower.onnx", "tower.toml"]
    with pytest.raises(ExistsError):
        quantise(pile, model=name, out=tmp_path / "small", progress=False)


def test_refusals(pile: Items, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="colour"):
        quantise(pile, model="colour", out=tmp_path / "a", progress=False)
    name = f"local-dir:{open_clip_folder(tmp_path / 'clip')}"
    with pytest.raises(BadInputError, match="can be read"):
        quantise(pile.take([1]), model=name, out=tmp_path / "b", progress=False)
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()
