"""The table of faces: shapes are checked, and the main face of a picture is the largest certain one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data.faces import Faces
from shoal.data.tables import Items
from shoal.errors import BadInputError


def make(rows: list[int], scores: list[float], sizes: list[float], pictures: int = 4) -> Faces:
    n = len(rows)
    return Faces(
        items=Items(Path("x"), [f"{i}.png" for i in range(pictures)]),
        row=np.array(rows, np.int32),
        box=np.zeros((n, 4), np.float32),
        points=np.zeros((n, 5, 2), np.float32),
        score=np.array(scores, np.float32),
        size=np.array(sizes, np.float32),
        sharpness=np.zeros(n, np.float32),
        yaw=np.zeros(n, np.float32),
        model="made-up",
    )


def test_the_main_face_is_the_largest_of_the_certain_ones() -> None:
    faces = make([0, 0, 0, 2, 2], [0.9, 0.85, 0.5, 0.9, 0.9], [30, 40, 90, 20, 20])
    assert faces.main().tolist() == [1, -1, 3, -1]
    assert "5 in 2 of 4 pictures" in repr(faces) and make([], [], []).main().tolist() == [-1] * 4


def test_taking_faces_keeps_the_pictures() -> None:
    faces = make([0, 1, 1], [0.9, 0.8, 0.7], [10, 20, 30])
    some = faces.take(faces.size > 15)
    assert some.row.tolist() == [1, 1] and some.items is faces.items and len(some) == 2
    assert faces.take([2, 0]).size.tolist() == [30, 10]


def test_columns_must_fit() -> None:
    with pytest.raises(BadInputError, match="outside"):
        make([9], [1.0], [1.0])
    with pytest.raises(BadInputError, match="score"):
        make([0, 1], [1.0], [1.0, 1.0])
