"""The report and the arrays say of every picture where it is from, and why it was rejected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shoal.data.constraints import Constraints
from shoal.data.tables import Clusters, Embeddings, Items
from shoal.errors import BadInputError
from shoal.review.review import Review
from shoal.steps.cluster import cluster
from shoal.steps.write_clusters import write_clusters
from tests.unit.steps.fixtures import blobs, noise_picture, save_pictures


def _review(tmp_path: Path, **change: object) -> Review:
    names = [f"f{i // 2}_{i % 2}.png" for i in range(6)]
    items = save_pictures(tmp_path / "cast" / "character", {n: noise_picture(i) for i, n in enumerate(names)})
    items = items.with_columns(
        track=np.array([0, 1] * 3), source=np.repeat(["a", "b", "c"], 2), shot=np.zeros(6)
    )
    bad = save_pictures(
        tmp_path / "cast" / "rejected", {"f0_0.png": noise_picture(9), "g.png": noise_picture(8)}
    )
    bad = bad.with_columns(shot=np.array([0, 3]), reason=["small: 9 px, less than 48", "blurred: 2.0"])
    clusters = Clusters(np.array([0, 1] * 3, np.int32), np.ones(6, np.float32), "made-up")
    vectors = Embeddings(items, np.eye(6, 4, dtype=np.float32), "made-up")
    given = {"rejected": bad, "embeddings": vectors, "out": tmp_path / "out", "progress": False, **change}
    return write_clusters(items, clusters, **given)  # type: ignore[arg-type]


def test_what_was_rejected_lies_in_the_trash_and_comes_back(tmp_path: Path) -> None:
    review = _review(tmp_path)
    trash = sorted(p.name for p in (tmp_path / "out/trash").iterdir())
    assert len(trash) == 2 and len(review) == 8
    held = json.loads((tmp_path / "out/cluster_report.json").read_text())
    assert {i["reason"] for i in held["trash"]["items"]} == {"small: 9 px, less than 48", "blurred: 2.0"}
    assert held["trash"]["cover"] is None and held["noise"]["size"] == 0 and held["n_clusters"] == 2
    assert len(review.items("trash")) == 2
    with np.load(tmp_path / "out/.shoal/vectors.npz", allow_pickle=False) as arrays:
        assert sorted(set(arrays["reason"].tolist())) == ["", "blurred: 2.0", "small: 9 px, less than 48"]
        assert np.isnan(arrays["vectors"][6:]).all() and arrays["vectors"].shape == (8, 4)
        assert arrays["probability"].tolist() == [1] * 6 + [0] * 2
    review.restore_items(review.items("trash"))
    review.save()
    assert not list((tmp_path / "out/trash").glob("*.png"))


def test_the_review_gets_what_the_film_tells(tmp_path: Path) -> None:
    _review(tmp_path)
    known = Constraints.read(tmp_path / "out/.shoal/constraints.csv")
    rows = set(zip(known.a, known.b, known.kind, strict=True))
    assert ("character_1/f0_1.png", "character_1/f1_1.png", "must") in rows
    assert sum(kind == "must" for *_, kind in rows) == 4 and sum(kind == "cannot" for *_, kind in rows) == 3
    _review(tmp_path, out=tmp_path / "none", constraints=Constraints())
    assert not (tmp_path / "none/.shoal/constraints.csv").exists()


def test_a_rejection_needs_its_reason(tmp_path: Path) -> None:
    bare = save_pictures(tmp_path / "bare", {"x.png": noise_picture(1)})
    with pytest.raises(BadInputError, match="reason"):
        _review(tmp_path, rejected=bare)
    assert len(_review(tmp_path, rejected=Items(tmp_path, []))) == 6


def test_the_tree_and_the_medoids_are_kept(tmp_path: Path) -> None:
    embeddings = blobs((16, 20))
    items = save_pictures(tmp_path / "in", {f"{i}.png": noise_picture(i, 16) for i in range(36)})
    found = cluster(Embeddings(items, embeddings.vectors, "made-up"), progress=False)
    review = write_clusters(items, found, out=tmp_path / "out", progress=False)
    held = json.loads((tmp_path / "out/cluster_report.json").read_text())
    assert [c["cover"] for c in held["clusters"]] == [items.paths[row] for row in found.medoids.tolist()]
    with np.load(tmp_path / "out/.shoal/vectors.npz", allow_pickle=False) as arrays:
        assert found.tree is not None and (arrays["tree_home"] == found.tree.home).all()
        assert (arrays["exemplar"] == found.exemplar).all()
    assert len(review) == 36
