"""Standing and waving are two buckets of one view, and identities do not mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Clusters, Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps.estimate_poses import Poses
from shoal.steps.subcluster_poses import subcluster_poses
from tests.unit.steps.bodies import body


def _poses() -> Poses:
    made = [body(0, arm=150 * (i % 2), seed=i, size=20 + i, place=(i, i)) for i in range(24)]
    made += [body(90, seed=i) for i in range(8)]
    made.append(np.full((17, 3), np.nan, np.float32))
    return Poses.of(Items(Path("x"), [f"{i}.png" for i in range(33)]), np.stack(made))


def test_buckets_within_a_view() -> None:
    items = subcluster_poses(_poses(), progress=False)
    pose = items.columns["pose"].tolist()
    assert len(set(pose[0:24:2])) == 1 and len(set(pose[1:24:2])) == 1 and pose[0] != pose[1]
    assert pose[0].startswith("front_") and set(pose[24:32]) == {"profile_0"} and pose[32] == ""
    assert items.columns["view"].tolist()[24] == "profile"
    assert pose == subcluster_poses(_poses(), progress=False).columns["pose"].tolist()


def test_identities_are_parted_on_their_own() -> None:
    names = ["a", "b"] * 16 + ["a"]
    pose = subcluster_poses(_poses(), identities=names, progress=False).columns["pose"].tolist()
    assert set(pose[:24]) == {"front_0"}  # a only stands, b only waves
    labels = Clusters(np.array([0, 1] * 16 + [0], np.int32), np.ones(33, np.float32), "made-up")
    assert subcluster_poses(_poses(), identities=labels, progress=False).columns["pose"].tolist() == pose


def _turned(n: int = 40) -> tuple[Items, Embeddings]:
    """Two identities far apart, each seen from two sides."""
    random = np.random.default_rng(3)
    who, side = np.arange(n) % 2, np.arange(n) // 2 % 2
    middle = np.zeros((n, 32))
    middle[np.arange(n), who] = 4.0
    middle[np.arange(n), 2 + 2 * who + side] = 1.5
    items = Items(Path("x"), [f"{i}.png" for i in range(n)])
    return items, Embeddings(items, (middle + random.normal(0, 0.1, (n, 32))).astype(np.float32), "made-up")


def test_without_keypoints_looks_part_each_identity() -> None:
    items, vectors = _turned()
    names = ["ab"[i % 2] for i in range(40)]
    found = subcluster_poses(items, identities=names, embeddings=vectors, progress=False)
    pose = found.columns["pose"]
    for who in (0, 1):
        sides = [set(pose[who + 2 * side :: 4].tolist()) for side in (0, 1)]
        assert sorted(map(sorted, sides)) == [["unknown_0"], ["unknown_1"]]
    assert set(found.columns["view"].tolist()) == {""}
    again = subcluster_poses(items, identities=names, embeddings=vectors, progress=False)
    assert pose.tolist() == again.columns["pose"].tolist()


def test_views_of_faces_are_parted_apart() -> None:
    items, vectors = _turned()
    seen = items.with_columns(view=np.array(["front", ""] * 20))
    pose = subcluster_poses(seen, embeddings=vectors, progress=False).columns["pose"].tolist()
    assert {p.rpartition("_")[0] for p in pose[::2]} == {"front"}
    assert {p.rpartition("_")[0] for p in pose[1::2]} == {"unknown"}


def test_looks_stand_in_where_keypoints_are_not_seen() -> None:
    poses = _poses()
    vectors = np.zeros((33, 8), np.float32)
    vectors[:, 0] = 1.0
    vectors[31] = np.nan
    points = poses.keypoints.copy()
    points[30:] = np.nan
    held = Poses.of(poses.items, points)
    found = subcluster_poses(held, embeddings=Embeddings(poses.items, vectors, "made-up"), progress=False)
    assert found.columns["pose"].tolist()[24:] == ["profile_0"] * 6 + ["unknown_0", "", "unknown_0"]


def test_arguments() -> None:
    with pytest.raises(BadInputError, match="33 poses"):
        subcluster_poses(_poses(), identities=["a"], progress=False)
    with pytest.raises(BadInputError, match="embeddings"):
        subcluster_poses(_poses(), embeddings=_turned()[1], progress=False)
    with pytest.raises(BadInputError, match="most"):
        subcluster_poses(_poses(), most=0, progress=False)
    empty = Poses.of(Items(Path("x"), []), np.empty((0, 17, 3)))
    assert subcluster_poses(empty, progress=False).columns["pose"].shape == (0,)
