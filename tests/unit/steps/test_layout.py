"""The layout: UMAP's weights and forces, the same bytes on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from shoal.steps import layout
from shoal.steps.layout import (
    curve_parameters,
    graph_layout,
    graph_weights,
    layout_of_neighbours,
    smooth_start,
)
from shoal.steps.neighbours import find_neighbours
from tests.unit.steps.fixtures import blobs


def test_weights_and_curve_are_those_of_umap_learn() -> None:
    umap_ = pytest.importorskip("umap.umap_")
    indices, distances, space = find_neighbours(blobs((40, 50, 60), spread=0.2).vectors, k=14, pca=32, seed=0)
    itself = np.arange(len(space), dtype=np.int32)[:, None]
    theirs, _, _ = umap_.fuzzy_simplicial_set(
        space, 15, np.random.RandomState(0), "euclidean",
        knn_indices=np.hstack([itself, indices]),
        knn_dists=np.hstack([np.zeros((len(space), 1), dtype=np.float32), distances]),
    )  # fmt: skip
    assert abs(theirs - graph_weights(indices, distances)).max() < 1e-4
    assert np.allclose(curve_parameters(0.1), umap_.find_ab_params(1.0, 0.1))


def test_threads_do_not_change_a_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    indices, distances, space = find_neighbours(blobs((60, 70)).vectors, k=10, pca=20, seed=0)

    def run(workers: int) -> bytes:
        monkeypatch.setattr(layout, "_ITEMS_FOR_A_THREAD", 10)
        monkeypatch.setattr(layout, "default_workers", lambda: workers)
        found = layout_of_neighbours(indices, distances, space, dims=2, min_dist=0.1, seed=1, epochs=40)
        return found.tobytes()

    assert run(1) == run(2) == run(5)


def test_neighbours_stay_neighbours() -> None:
    manifold = pytest.importorskip("sklearn.manifold")
    vectors = blobs((80, 90, 100), spread=0.2).vectors
    indices, distances, space = find_neighbours(vectors, k=14, pca=32, seed=0)
    xy = layout_of_neighbours(indices, distances, space, dims=2, min_dist=0.1, seed=0)
    assert manifold.trustworthiness(vectors, xy, n_neighbors=10) > 0.85
    start = smooth_start(graph_weights(indices, distances), space, 2)
    assert start.shape == (270, 2) and np.isclose(np.abs(start).max(), 10.0)


def test_an_empty_graph_stays_where_it_is() -> None:
    weights = graph_weights(np.empty((3, 0), dtype=np.int32), np.empty((3, 0), dtype=np.float32))
    start = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert weights.nnz == 0
    assert (graph_layout(weights, start, min_dist=0.1, epochs=3, seed=0) == start).all()


def test_a_neighbour_that_was_not_found_weighs_nothing() -> None:
    indices = np.array([[1, 0], [0, 2], [1, 0]], dtype=np.int32)
    distances = np.array([[1.0, np.inf], [1.0, 2.0], [2.0, 3.0]], dtype=np.float32)
    weights = graph_weights(indices, distances)
    assert np.isfinite(weights.data).all() and (weights.diagonal() == 0).all()
