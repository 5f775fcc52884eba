"""One character of one shot becomes one track; two never do, and doubt links nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shoal.data.constraints import film_constraints
from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps.tracks import link_instances, link_tracks, look_of
from tests.unit.steps.fixtures import save_pictures


def _figure(*colours: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", (30, 60), (0, 0, 0, 0))
    for i, colour in enumerate(colours):
        picture.paste((*colour, 255), (5, i * 60 // len(colours), 25, (i + 1) * 60 // len(colours)))
    return picture


RED, BLUE = _figure((200, 30, 30), (240, 200, 40)), _figure((30, 40, 200), (30, 160, 60))


def _scene(steps: int, *, twins: bool = False) -> tuple[np.ndarray, ...]:
    """Two figures walk towards each other and past."""
    frame, boxes, looks = [], [], []
    for t in range(steps):
        for left, figure in ((10 + 8 * t, RED), (150 - 8 * t, RED if twins else BLUE)):
            frame.append(t * 12)
            boxes.append((left, 20, left + 30, 80))
            looks.append(look_of(figure))
    n = len(frame)
    return np.zeros(n, np.int32), np.array(frame), np.array(boxes, float), np.array(looks)


def test_a_look_is_a_histogram_of_the_solid_part() -> None:
    look = np.array(look_of(RED)).reshape(3, -1)
    assert np.allclose(look.sum(axis=1), 1.0, atol=1e-3)
    assert np.abs(look[0] - look[2]).sum() > 1.5  # the zones differ
    assert look_of(RED.resize((300, 600))) == pytest.approx(look_of(RED), abs=0.08)
    assert sum(look_of(Image.new("RGBA", (9, 9), (1, 2, 3, 0)))) == 0


def test_two_that_pass_each_other_stay_two() -> None:
    track = link_instances(*_scene(14))
    assert track.tolist() == [0, 1] * 14


def test_twins_are_not_mixed_up() -> None:
    track = link_instances(*_scene(14, twins=True)).reshape(-1, 2)
    # where they are apart they are followed; where they meet, doubt begins new tracks
    assert track[:5].tolist() == [[0, 1]] * 5
    for number in np.unique(track):
        assert len(np.unique(np.nonzero(track == number)[1])) == 1


def test_shots_and_long_gaps_break_a_track() -> None:
    _, frame, boxes, looks = _scene(6)
    half = np.repeat([0, 1], 6).astype(np.int32)
    assert set(link_instances(half, frame, boxes, looks)[:6]).isdisjoint(
        link_instances(half, frame, boxes, looks)[6:]
    )
    blue = np.array(look_of(BLUE))
    still = np.array([[10, 20, 40, 80.0]] * 8)
    alone = np.array([look_of(RED)] + [blue] * 6 + [look_of(RED)])
    stills = np.arange(8)
    assert link_instances(np.zeros(8, np.int32), stills, still, alone).tolist() == [0] + [1] * 6 + [2]


@given(st.integers(0, 500), st.integers(1, 25))
@settings(max_examples=25, deadline=None)
def test_no_track_has_two_of_one_frame(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 80, (n, 2))
    boxes = np.hstack([corner, corner + random.uniform(5, 60, (n, 2))])
    looks = random.dirichlet(np.ones(30), (n, 3)).reshape(n, -1)
    frame, shot = np.sort(random.integers(0, 6, n)), np.zeros(n, np.int32)
    track = link_instances(shot, frame, boxes, looks)
    assert len({(t, f) for t, f in zip(track, frame, strict=True)}) == n
    assert sorted(set(track.tolist())) == list(range(track.max() + 1))


def test_items_get_tracks_and_constraints(tmp_path: Path) -> None:
    names = [f"{t}_{k}.png" for t in range(3) for k in range(2)]
    items = save_pictures(tmp_path, {n: (RED, BLUE)[i % 2] for i, n in enumerate(names)})
    shot, frame, boxes, _ = _scene(3)
    items = items.with_columns(shot=shot, frame=frame, box=boxes, source=np.repeat(["a", "b", "c"], 2))
    linked = link_tracks(items)
    assert linked.columns["track"].tolist() == [0, 1] * 3
    held = film_constraints(linked)
    assert sum(k == "must" for k in held.kind) == 4 and sum(k == "cannot" for k in held.kind) == 3
    vectors = np.tile(np.eye(2, 8, dtype=np.float32), (3, 1))
    by_vectors = link_tracks(items, Embeddings(items, vectors, "made-up"))
    assert by_vectors.columns["track"].tolist() == [0, 1] * 3
    with pytest.raises(BadInputError, match="embeddings"):
        link_tracks(items, Embeddings(items.take([0]), vectors[:1], "made-up"))
    with pytest.raises(BadInputError, match="shot"):
        link_tracks(Items(tmp_path, names))
