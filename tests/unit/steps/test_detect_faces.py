"""Faces of pictures: found, measured, written as crops; broken pictures listed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Items
from shoal.errors import BadInputError, ExistsError
from shoal.steps import detect_faces as module
from shoal.steps.detect_faces import detect_faces
from tests.unit.backends.portraits import portraits
from tests.unit.steps.fake_faces import ColourFaces
from tests.unit.steps.fixtures import save_pictures


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Items:
    monkeypatch.setattr(module, "choose_faces", lambda model: ("colours", "for the test"))
    monkeypatch.setattr(module, "load_faces", lambda name: ColourFaces())
    two = Image.new("RGB", (120, 80), (90, 90, 90))
    two.paste((255, 0, 0), (10, 10, 40, 40))
    two.paste((0, 0, 255), (60, 20, 110, 70))
    full = Image.new("RGB", (50, 50), (0, 255, 0))
    none = Image.new("RGB", (50, 50), (90, 90, 90))
    items = save_pictures(
        tmp_path / "in", {"a/x.png": two, "b/x.png": full, "none.png": none, "bad.png": none}
    )
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    return items


def test_faces_are_found_and_measured(pictures: Items) -> None:
    faces = detect_faces(pictures, progress=False)
    assert faces.row.tolist() == [0, 0, 1] and faces.model == "colours" and faces.crops is None
    assert faces.box[0].tolist() == [10, 10, 40, 40] and faces.size.tolist() == [30, 50, 50]
    assert np.abs(faces.yaw).max() < 10
    assert [entry["path"] for entry in faces.meta["unreadable"]] == ["bad.png"]
    assert detect_faces(pictures, min_size=40, progress=False).row.tolist() == [0, 1]
    assert len(detect_faces(pictures, min_score=0.95, progress=False)) == 0


def test_crops_are_written_once(pictures: Items, tmp_path: Path) -> None:
    out = tmp_path / "faces"
    faces = detect_faces(pictures, out=out, progress=False)
    assert faces.crops is not None and list(faces.crops.paths) == ["x_0.png", "x_1.png", "x_1_0.png"]
    assert Image.open(faces.crops.file(0)).size == (112, 112)
    listed = json.loads((out / "faces.json").read_text())
    assert [face["file"] for face in listed["faces"]] == list(faces.crops.paths)
    assert listed["faces"][2]["picture"] == "b/x.png"
    with pytest.raises(ExistsError):
        detect_faces(pictures, out=out, progress=False)
    assert len(detect_faces(pictures, out=out, force=True, progress=False)) == 3


def test_arguments_out_of_range(pictures: Items) -> None:
    with pytest.raises(BadInputError, match="min_score"):
        detect_faces(pictures, min_score=2, progress=False)


@pytest.mark.weights
def test_real_portraits_that_fill_their_pictures() -> None:
    items, _ = portraits(3, 3)
    faces = detect_faces(items, model="yunet-sface", progress=False)
    assert faces.main().min() >= 0 and (faces.size > 12).all() and (np.abs(faces.yaw) < 75).all()
