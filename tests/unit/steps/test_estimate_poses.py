"""Keypoints of pictures, by a model that is there; what is missing is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends import rtmlib_pose
from shoal.data.faces import Faces
from shoal.data.tables import Items
from shoal.errors import BadInputError
from shoal.steps import estimate_poses as module
from shoal.steps.estimate_poses import Poses, estimate_poses, views_of_faces
from tests.unit.steps.bodies import body
from tests.unit.steps.fixtures import save_pictures


class _Recorded:
    """Gives recorded keypoints: a picture's red says how far its body is turned."""

    def keypoints(self, picture: Image.Image) -> np.ndarray:
        return body(float(np.asarray(picture.convert("RGB"))[0, 0, 0]))


def test_views_come_with_the_keypoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmlib_pose, "load", lambda name: _Recorded())
    module._model.cache_clear()
    items = save_pictures(
        tmp_path, {f"{y}.png": Image.new("RGB", (40, 80), (y, 0, 0)) for y in (0, 45, 90, 170)}
    )
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    poses = estimate_poses(Items(tmp_path, [*items.paths, "broken.png"]), progress=False)
    module._model.cache_clear()
    assert poses.items.columns["view"].tolist() == ["front", "three-quarter", "profile", "back", ""]
    assert np.isnan(poses.keypoints[4]).all() and "broken.png" in poses.meta["unreadable"]
    assert len(Poses.of(items.take([]), np.empty((0, 17, 3)))) == 0
    with pytest.raises(BadInputError, match="17"):
        Poses(items, np.zeros((2, 17, 3), np.float32))


def test_faces_name_views_too() -> None:
    items = Items(Path("x"), ["a", "b", "c", "d"])
    row = np.array([0, 0, 1, 3], dtype=np.int32)
    one = np.ones(4, np.float32)
    yaw = np.array([-40.0, 0.0, 80.0, 5.0], np.float32)
    faces = Faces(
        items, row, np.ones((4, 4), np.float32), np.ones((4, 5, 2), np.float32), one, one, one, yaw, "x"
    )
    assert views_of_faces(faces).columns["view"].tolist() == ["three-quarter", "profile", "", "front"]
