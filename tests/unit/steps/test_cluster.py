"""Clusters: right on clear groups, numbered by size, repeatable, calm on little or broken data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shoal.data.tables import Clusters, Embeddings
from shoal.errors import BadInputError
from shoal.steps.cluster import cluster
from shoal.steps.neighbours import neighbours
from tests.unit.steps.fixtures import blobs

TRUTH = np.repeat([2, 0, 1], [20, 40, 30])  # by size
METHODS = [
    {"method": "hdbscan"},
    {"method": "leiden"},
    {"method": "kmeans"},
    {"method": "agglomerative", "threshold": 0.8},
]


def _cluster(embeddings: Embeddings, **change: object) -> Clusters:
    return cluster(embeddings, progress=False, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", METHODS, ids=lambda how: how["method"])
def test_clear_groups_are_found_and_numbered_by_size(how: dict[str, object]) -> None:
    found = _cluster(blobs((20, 40, 30)), **how)
    clear = found.labels >= 0
    assert clear.mean() > 0.9 and (found.labels[clear] == TRUTH[clear]).all() and found.n_clusters == 3
    assert (found.probability[clear] > 0).all() and found.probability.max() <= 1
    assert (found.probability[~clear] == 0).all()


@pytest.mark.parametrize(
    "how", [*METHODS, {"reduce": "umap"}, {"reduce": "pca"}, {"reduce": "none"}], ids=str
)
def test_the_same_seed_gives_the_same_bytes(how: dict[str, object]) -> None:
    embeddings = blobs((20, 25, 30), spread=0.22)
    first, second = (_cluster(embeddings, seed=3, **how) for _ in range(2))
    assert first.labels.tobytes() == second.labels.tobytes()
    assert first.probability.tobytes() == second.probability.tobytes()


@pytest.mark.parametrize("how", METHODS, ids=lambda how: how["method"])
def test_unreadable_pictures_are_noise(how: dict[str, object]) -> None:
    embeddings = blobs((20, 40, 30))
    vectors = embeddings.vectors.copy()
    vectors[[0, 50]] = np.nan
    found = _cluster(replace(embeddings, vectors=vectors), **how)
    assert found.labels[[0, 50]].tolist() == [-1, -1] and found.n_clusters == 3


@pytest.mark.parametrize("how", METHODS, ids=lambda how: how["method"])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 11])
def test_few_pictures(n: int, how: dict[str, object]) -> None:
    embeddings = blobs((11,))
    few = Embeddings(embeddings.items.take(range(n)), embeddings.vectors[:n], "made-up")
    found = _cluster(few, **how)
    assert len(found) == n and found.labels.min(initial=-1) >= -1
    if how["method"] == "hdbscan":
        assert (found.labels == -1).all()  # fewer than min_cluster_size


@pytest.mark.parametrize("how", METHODS, ids=lambda how: how["method"])
def test_equal_pictures(how: dict[str, object]) -> None:
    embeddings = blobs((30,))
    same = replace(embeddings, vectors=np.repeat(embeddings.vectors[:1], 30, axis=0))
    assert np.isfinite(_cluster(same, **how).probability).all()


def test_numbers_of_clusters_can_be_asked_for() -> None:
    embeddings = blobs((20, 40, 30))
    assert _cluster(embeddings, method="kmeans", n_clusters=5).n_clusters == 5
    assert _cluster(embeddings, method="agglomerative", n_clusters=2).n_clusters == 2
    assert _cluster(embeddings, method="kmeans").meta["chosen_n_clusters"] == 3


def test_vectors_may_bring_their_own_threshold() -> None:
    embeddings = replace(blobs((20, 40, 30)), meta={"threshold": 0.363})
    assert np.isclose(_cluster(embeddings, method="agglomerative").meta["threshold"], 0.637)
    assert _cluster(blobs((20,)), method="agglomerative").meta["threshold"] == 0.45


def test_auto_says_which_space_it_took() -> None:
    assert _cluster(blobs((20, 40, 30))).meta["space"] == "umap"
    assert _cluster(blobs((13,))).meta["space"] == "pca"


def test_a_graph_can_be_shared_and_must_fit() -> None:
    embeddings = blobs((20, 40, 30))
    graph = neighbours(embeddings, k=14, progress=False)
    assert _cluster(embeddings, graph=graph).labels.tobytes() == _cluster(embeddings).labels.tobytes()
    with pytest.raises(BadInputError, match="90 items"):
        _cluster(blobs((20,)), graph=graph)


def test_exemplars_medoids_and_tree_belong_to_their_clusters() -> None:
    embeddings = blobs((20, 40, 30))
    vectors = embeddings.vectors.copy()
    vectors[[0, 50]] = np.nan
    found = _cluster(replace(embeddings, vectors=vectors))
    assert found.labels[found.medoids].tolist() == [0, 1, 2]
    assert found.exemplar is not None and (found.labels[found.exemplar] >= 0).all()
    assert set(found.labels[found.exemplar].tolist()) == {0, 1, 2}
    assert found.tree is not None and len(found.tree.chosen) == 3
    for number, node in enumerate(found.tree.chosen.tolist()):
        assert found.tree.members(node).tolist() == np.flatnonzero(found.labels == number).tolist()
    for rows in (_cluster(embeddings, method="kmeans", n_clusters=3).medoids,):
        for number, row in enumerate(rows.tolist()):
            mine = np.flatnonzero(_cluster(embeddings, method="kmeans", n_clusters=3).labels == number)
            similarity = embeddings.vectors[mine] @ embeddings.vectors[mine].T
            assert mine[similarity.mean(axis=1).argmax()] == row


def test_a_pair_in_one_cluster_is_a_natural_split() -> None:
    found = _cluster(blobs((60, 60, 90, 90), spread=0.05), selection="leaf")
    whole = _cluster(blobs((60, 60, 90, 90), spread=0.05))
    assert found.n_clusters >= whole.n_clusters == 4
    assert whole.tree is not None
    for number in range(4):
        parts = whole.tree.children(number)
        rows = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        assert len(np.unique(rows)) == len(rows) and (whole.labels[rows] == number).all()


@pytest.mark.parametrize("resolution", [(0.1, 1.0), (1.0, 3.0)])
@pytest.mark.parametrize("method", ["hdbscan", "leiden"])
def test_more_resolution_never_makes_fewer_clusters(method: str, resolution: tuple[float, float]) -> None:
    embeddings = blobs((30, 30, 40, 50, 60), spread=0.2)
    few, many = (
        _cluster(embeddings, method=method, resolution=r, min_cluster_size=5).n_clusters for r in resolution
    )
    assert few <= many


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "eye"},
        {"reduce": "all"},
        {"min_cluster_size": 1},
        {"min_samples": 0},
        {"n_clusters": 0},
        {"selection": "all"},
        {"resolution": 0.0},
    ],
)
def test_arguments_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        _cluster(blobs((5,)), **wrong)
