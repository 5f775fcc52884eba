"""Vectors of faces: one a picture or one a face, of people told apart, described once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.compute.cancel import CancelledError, CancelToken
from shoal.data.tables import Items
from shoal.errors import BadInputError
from shoal.steps import detect_faces as detecting
from shoal.steps import embed_faces as module
from shoal.steps.detect_faces import detect_faces
from shoal.steps.embed_faces import embed_faces
from tests.unit.backends.portraits import portraits
from tests.unit.steps.fake_faces import ColourFaces
from tests.unit.steps.fixtures import save_pictures


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many faces the model has described, call by call."""
    counts: list[int] = []

    class Counting(ColourFaces):
        def embed(self, crops: np.ndarray) -> np.ndarray:
            counts.append(len(crops))
            return super().embed(crops)

    for room in (detecting, module):
        monkeypatch.setattr(room, "choose_faces", lambda model: ("colours", "for the test"))
        monkeypatch.setattr(room, "load_faces", lambda name: Counting())
    return counts


def _pictures(folder: Path) -> Items:
    two = Image.new("RGB", (120, 80), (90, 90, 90))
    two.paste((255, 0, 0), (10, 10, 40, 40))
    two.paste((0, 0, 255), (60, 20, 110, 70))
    green = Image.new("RGB", (60, 60), (90, 90, 90))
    green.paste((0, 255, 0), (10, 10, 50, 50))
    empty = Image.new("RGB", (50, 50), (90, 90, 90))
    return save_pictures(folder, {"a.png": two, "b.png": empty, "c.png": green})


def test_one_row_a_picture_or_one_a_face(tmp_path: Path, described: list[int]) -> None:
    items = _pictures(tmp_path / "in")
    faces = detect_faces(items, out=tmp_path / "faces", progress=False)
    pictures = embed_faces(faces, cache=False, progress=False)
    assert np.isnan(pictures.vectors[1]).all() and pictures.items is items
    assert pictures.vectors[0].argmax() == 2 and np.isclose(np.linalg.norm(pictures.vectors[0]), 1)
    assert pictures.meta["weak"] == ["a.png", "c.png"]  # flat colour is as soft as can be
    each = embed_faces(faces, per="face", cache=False, progress=False)
    assert each.vectors.argmax(axis=1).tolist() == [0, 2, 1] and each.items is faces.crops
    (tmp_path / "in" / "a.png").unlink()
    (tmp_path / "in" / "c.png").write_bytes(b"no picture")
    broken = embed_faces(faces, cache=False, progress=False)
    assert broken.meta["unreadable"] == ["a.png", "c.png"] and np.isnan(broken.vectors).all()
    with pytest.raises(BadInputError, match="crops"):
        embed_faces(detect_faces(items, progress=False), per="face")


def test_a_second_call_describes_nothing(tmp_path: Path, described: list[int]) -> None:
    items, cache = _pictures(tmp_path / "in"), tmp_path / "cache"
    faces = detect_faces(items, out=tmp_path / "faces", progress=False)
    first = embed_faces(faces, per="face", cache=cache, progress=False)
    assert sorted(described) == [1, 2] and first.meta["from_cache"] == 0
    again = embed_faces(faces, per="face", cache=cache, progress=False)
    assert sorted(described) == [1, 2] and again.meta["from_cache"] == 3
    assert again.vectors.tobytes() == first.vectors.tobytes()
    # the same faces without a cache, and the main ones of the pictures: the same bytes
    fresh = embed_faces(faces, per="face", cache=False, progress=False)
    assert fresh.vectors.tobytes() == first.vectors.tobytes()
    main = embed_faces(faces, cache=cache, progress=False)
    assert main.vectors[[0, 2]].tobytes() == first.vectors[[1, 2]].tobytes() and main.meta["from_cache"] == 2
    # files that were moved are found again
    moved = tmp_path / "moved"
    (tmp_path / "in").rename(moved)
    there = detect_faces(Items(moved, items.paths), out=tmp_path / "faces2", progress=False)
    del described[:]
    assert embed_faces(there, per="face", cache=cache, progress=False).meta["from_cache"] == 3
    assert not described


def test_only_what_changed_is_described(tmp_path: Path, described: list[int]) -> None:
    items, cache = _pictures(tmp_path / "in"), tmp_path / "cache"
    faces = detect_faces(items, out=tmp_path / "faces", progress=False)
    embed_faces(faces, per="face", cache=cache, progress=False)
    del described[:]
    blue = Image.new("RGB", (60, 60), (90, 90, 90))
    blue.paste((0, 0, 255), (10, 10, 50, 50))
    blue.save(items.file(2))
    changed = embed_faces(faces, per="face", cache=cache, progress=False)
    assert described == [1] and changed.vectors[2].argmax() == 2
    # another place in the same picture is another face
    elsewhere = replace(faces, points=faces.points + np.float32(3.0))
    assert embed_faces(elsewhere, per="face", cache=cache, progress=False).meta["from_cache"] == 0


def test_what_is_done_is_kept_when_stopped(tmp_path: Path, described: list[int]) -> None:
    items, cache = _pictures(tmp_path / "in"), tmp_path / "cache"
    faces = detect_faces(items, out=tmp_path / "faces", progress=False)
    token = CancelToken()

    def stop(what: str, done: int, total: int | None) -> None:
        if what.startswith("Describing") and done == 2:
            token.cancel()

    with ThreadPoolExecutor(1) as one, pytest.raises(CancelledError):
        embed_faces(faces, per="face", cache=cache, progress=stop, cancel=token, executor=one)
    assert embed_faces(faces, per="face", cache=cache, progress=False).meta["from_cache"] == 2


@pytest.mark.weights
def test_real_people_are_told_apart() -> None:
    items, who = portraits(4, 3)
    faces = detect_faces(items, model="yunet-sface", progress=False)
    vectors = embed_faces(faces, cache=False, progress=False).vectors
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1)
    assert [who[i] for i in near.argmax(axis=1)] == who
