"""Neighbours: exact on few items, nearly so on many, the same bytes for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import BadInputError
from shoal.steps import neighbours as module
from shoal.steps.neighbours import find_neighbours, neighbours, shared_graph
from tests.unit.steps.fixtures import blobs


@given(st.integers(2, 60), st.integers(1, 20), st.integers(0, 9))
@settings(deadline=None)
def test_few_items_get_their_true_neighbours(n: int, k: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 6)).astype(np.float32)
    indices, distances, space = find_neighbours(vectors, k=k, pca=50, seed=0)
    assert indices.shape == distances.shape == (n, min(k, n - 1))
    apart = np.linalg.norm(space[:, None].astype(float) - space[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    k = min(k, n - 1)
    assert np.allclose(distances, np.sort(apart, axis=1)[:, :k], atol=1e-5)
    assert np.allclose(np.take_along_axis(apart, indices, axis=1), distances, atol=1e-5)


def test_many_items_get_nearly_their_true_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = blobs((300, 400, 500), dims=16, spread=0.3).vectors
    true = find_neighbours(vectors, k=10, pca=16, seed=0)[0]
    monkeypatch.setattr(module, "_EXACT_UP_TO", 100)
    found, distances, _ = find_neighbours(vectors, k=10, pca=16, seed=0)
    again = find_neighbours(vectors, k=10, pca=16, seed=0)
    assert found.tobytes() == again[0].tobytes() and distances.tobytes() == again[1].tobytes()
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), true.tolist(), strict=True)])
    assert recall > 0.97
    assert (found != np.arange(len(found))[:, None]).all() and (np.diff(distances, axis=1) >= 0).all()


def test_equal_pictures_are_neighbours_of_each_other() -> None:
    indices, distances, _ = find_neighbours(np.ones((20, 4), dtype=np.float32), k=5, pca=4, seed=0)
    assert (distances == 0).all() and (indices != np.arange(20)[:, None]).all()


def test_unreadable_pictures_take_no_part() -> None:
    embeddings = blobs((10, 10))
    vectors = embeddings.vectors.copy()
    vectors[3] = np.nan
    graph = neighbours(replace(embeddings, vectors=vectors), k=4, progress=False)
    assert len(graph) == 19 and 3 not in graph.rows and graph.k == 4 and graph.n_items == 20
    assert "exact" in repr(graph)


def test_the_last_graph_is_found_again() -> None:
    embeddings = blobs((12, 9), seed=77)
    first = shared_graph(embeddings, None, k=5, pca=10, seed=0)
    assert shared_graph(replace(embeddings, model="other"), None, k=5, pca=10, seed=0) is first
    assert shared_graph(embeddings, None, k=6, pca=10, seed=0) is not first
    assert shared_graph(embeddings, first, k=9, pca=9, seed=9) is first
    with pytest.raises(BadInputError, match="21 items"):
        shared_graph(blobs((5,)), first, k=5, pca=10, seed=0)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"pca": 1}])
def test_arguments_out_of_range(wrong: dict[str, int]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        neighbours(blobs((9,)), progress=False, **wrong)
