"""From clusters to a review in one call."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Clusters, Items, Projection
from shoal.errors import ExistsError
from shoal.handover import write_clusters
from shoal.steps.write_clusters import write_clusters as step


@pytest.fixture
def items(tmp_path: Path) -> Items:
    root = tmp_path / "crops"
    root.mkdir()
    for i in range(6):
        Image.new("RGB", (20, 20), (40 * i, 90, 200)).save(root / f"{i}.png")
    return Items(root, [f"{i}.png" for i in range(6)])


@pytest.fixture
def clusters() -> Clusters:
    labels = np.array([0, 0, 0, 1, 1, -1], np.int32)
    return Clusters(labels, np.where(labels < 0, 0, 0.8).astype(np.float32), "hdbscan")


def test_the_review_is_what_was_clustered(items: Items, clusters: Clusters, tmp_path: Path) -> None:
    points = Projection(np.arange(12, dtype=np.float32).reshape(6, 2), "test")
    review = write_clusters(items, clusters, points, out=tmp_path / "out", progress=False)
    sizes = {row.name: row.size for row in review.clusters.itertuples()}
    assert sizes == {"character_0": 3, "character_1": 2}
    assert len(review.items("noise")) == 1
    assert np.isfinite(review.session.table.columns["xy"]).all()
    assert review.root == tmp_path / "out"


def test_what_is_there_is_not_replaced_unasked(items: Items, clusters: Clusters, tmp_path: Path) -> None:
    write_clusters(items, clusters, out=tmp_path / "out", progress=False).merge(
        ["character_0", "character_1"], name="x"
    )
    with pytest.raises(ExistsError):
        write_clusters(items, clusters, out=tmp_path / "out", progress=False)
    again = write_clusters(items, clusters, out=tmp_path / "out", force=True, progress=False)
    assert len(again.clusters) == 2
    assert len(again.history) == 0
    (kept,) = (p for p in tmp_path.iterdir() if p.name.startswith("out."))
    assert (kept / ".shoal" / "actions.jsonl").stat().st_size > 0, (
        "the edits made in the old folder are kept with it"
    )


def test_it_takes_what_the_step_takes() -> None:
    ours, its = inspect.signature(write_clusters).parameters, inspect.signature(step).parameters
    assert list(ours) == list(its)
    assert [p.default for p in ours.values()] == [p.default for p in its.values()]
