"""Vectors of faces: one a picture or one a face, of people told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.errors import BadInputError
from shoal.steps import detect_faces as detecting
from shoal.steps import embed_faces as module
from shoal.steps.detect_faces import detect_faces
from shoal.steps.embed_faces import embed_faces
from tests.unit.backends.portraits import portraits
from tests.unit.steps.fake_faces import ColourFaces
from tests.unit.steps.fixtures import save_pictures


def test_one_row_a_picture_or_one_a_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (detecting, module):
        monkeypatch.setattr(room, "choose_faces", lambda model: ("colours", "for the test"))
        monkeypatch.setattr(room, "load_faces", lambda name: ColourFaces())
    two = Image.new("RGB", (120, 80), (90, 90, 90))
    two.paste((255, 0, 0), (10, 10, 40, 40))
    two.paste((0, 0, 255), (60, 20, 110, 70))
    items = save_pictures(tmp_path / "in", {"a.png": two, "b.png": Image.new("RGB", (50, 50), (90, 90, 90))})
    faces = detect_faces(items, out=tmp_path / "faces", progress=False)
    pictures = embed_faces(faces, progress=False)
    assert np.isnan(pictures.vectors[1]).all() and pictures.items is items
    assert pictures.vectors[0].argmax() == 2 and np.isclose(np.linalg.norm(pictures.vectors[0]), 1)
    each = embed_faces(faces, per="face", progress=False)
    assert each.vectors.argmax(axis=1).tolist() == [0, 2] and each.items is faces.crops
    (tmp_path / "in" / "a.png").unlink()
    assert embed_faces(faces, progress=False).meta["unreadable"] == ["a.png"]
    with pytest.raises(BadInputError, match="crops"):
        embed_faces(detect_faces(items, progress=False), per="face")


@pytest.mark.weights
def test_real_people_are_told_apart() -> None:
    items, who = portraits(4, 3)
    vectors = embed_faces(detect_faces(items, model="yunet-sface", progress=False), progress=False).vectors
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1)
    assert [who[i] for i in near.argmax(axis=1)] == who
