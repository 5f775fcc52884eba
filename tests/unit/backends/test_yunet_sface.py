"""The offline pair finds a face where it is, and knows it again."""

from __future__ import annotations

import numpy as np
import pytest

from shoal.backends.face_geometry import align_face
from shoal.backends.face_models import OFFLINE, load_faces
from tests.unit.backends.portraits import portrait

pytestmark = pytest.mark.weights


def test_one_face_is_found_where_it_is() -> None:
    picture = portrait()
    model = load_faces(OFFLINE)
    found = model.detect(picture)
    assert len(found) == 1 and found.score[0] > 0.6
    left, top, right, bottom = found.box[0]
    assert 90 < left < right < 300 and 60 < top < bottom < 320
    eyes, mouth = found.points[0, :2], found.points[0, 3:]
    assert eyes[0, 0] < eyes[1, 0] and mouth[0, 0] < mouth[1, 0] and eyes[:, 1].max() < mouth[:, 1].min()
    again = model.detect(picture, share=0.5)
    assert len(again) == 1 and np.abs(again.box[0] - found.box[0]).max() < 20


def test_vectors_do_not_depend_on_their_batch() -> None:
    picture = portrait()
    model = load_faces(OFFLINE)
    crop = align_face(picture, model.detect(picture).points[0])
    vectors = model.embed(np.stack([crop, crop[:, ::-1], np.zeros_like(crop)]))
    assert vectors.shape == (3, model.dims) and np.isfinite(vectors).all()
    assert (model.embed(crop[None])[0] == vectors[0]).all()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert model.threshold is not None and unit[0] @ unit[1] > model.threshold > unit[0] @ unit[2]
