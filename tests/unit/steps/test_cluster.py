"""Clusters: right on clear groups, numbered by size, repeatable, calm on little or broken data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.data.tables import Clusters, Embeddings
from shoal.errors import BadInputError
from shoal.steps.cluster import cluster, number_by_size, score_partition
from tests.unit.steps.fixtures import blobs

TRUTH = np.repeat([2, 0, 1], [20, 40, 30])  # by size
METHODS = [{"method": "hdbscan"}, {"method": "kmeans"}, {"method": "agglomerative", "threshold": 0.8}]


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


def test_auto_says_which_space_it_took() -> None:
    found = _cluster(blobs((20, 40, 30)))
    assert found.meta["space"] in ("pca", "umap") and set(found.meta["scores"]) == {"pca", "umap"}
    best = max(found.meta["scores"], key=found.meta["scores"].get)
    assert found.meta["scores"][found.meta["space"]] == found.meta["scores"][best]


def test_the_score_prefers_the_truth() -> None:
    vectors = blobs((20, 40, 30)).vectors
    right = score_partition(vectors, TRUTH.astype(np.int32), 0)
    wrong = score_partition(vectors, np.roll(TRUTH, 15).astype(np.int32), 0)
    half = score_partition(vectors, np.where(np.arange(90) % 2, TRUTH, -1).astype(np.int32), 0)
    assert right > half > wrong and score_partition(vectors, np.zeros(90, dtype=np.int32), 0) == -1


@given(st.lists(st.integers(-1, 6), max_size=40), st.integers(1, 5))
def test_numbering_keeps_the_partition(labels: list[int], least: int) -> None:
    given_labels = np.array(labels, dtype=np.int64)
    numbered = number_by_size(given_labels, least=least)
    sizes = [int((numbered == n).sum()) for n in range(numbered.max(initial=-1) + 1)]
    assert sizes == sorted(sizes, reverse=True) and all(size >= least for size in sizes)
    for name in set(labels) - {-1}:
        mine = numbered[given_labels == name]
        assert len(set(mine.tolist())) == 1 and (mine[0] >= 0) == (labels.count(name) >= least)
    assert (numbered[given_labels == -1] == -1).all()


@pytest.mark.parametrize(
    "wrong",
    [{"method": "eye"}, {"reduce": "all"}, {"min_cluster_size": 1}, {"min_samples": 0}, {"n_clusters": 0}],
)
def test_arguments_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        _cluster(blobs((5,)), **wrong)
