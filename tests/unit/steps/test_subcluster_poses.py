"""Standing and waving are two buckets of one view, and identities do not mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Clusters, Items
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


def test_arguments() -> None:
    with pytest.raises(BadInputError, match="33 poses"):
        subcluster_poses(_poses(), identities=["a"], progress=False)
    with pytest.raises(BadInputError, match="most"):
        subcluster_poses(_poses(), most=0, progress=False)
    empty = Poses.of(Items(Path("x"), []), np.empty((0, 17, 3)))
    assert subcluster_poses(empty, progress=False).columns["pose"].shape == (0,)
