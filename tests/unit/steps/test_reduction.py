"""PCA is exact and repeatable, UMAP repeatable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.steps import reduction
from shoal.steps.neighbours import find_neighbours
from shoal.steps.reduction import finite_rows, principal_components, umap_embedding
from tests.unit.steps.fixtures import blobs


@given(st.integers(2, 30), st.integers(2, 30), st.integers(1, 40))
@settings(deadline=None)
def test_components_are_those_of_the_svd(n: int, d: int, dims: int) -> None:
    vectors = np.random.default_rng(n * 100 + d).normal(size=(n, d)).astype(np.float32)
    ours = principal_components(vectors, dims)
    assert ours.shape == (n, min(dims, n - 1, d)) and ours.dtype == np.float32
    centred = vectors - vectors.mean(axis=0)
    _, values, _ = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(np.linalg.norm(ours, axis=0), values[: ours.shape[1]], atol=1e-3)
    # components are uncorrelated
    gram = ours.T @ ours
    assert np.allclose(gram, np.diag(np.diag(gram)), atol=1e-2)


def test_distances_are_kept_when_nothing_is_left_out() -> None:
    vectors = blobs((5, 6)).vectors
    full = principal_components(vectors, 99)
    before = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    assert np.allclose(np.linalg.norm(full[:, None] - full[None], axis=2), before, atol=1e-4)


def test_one_row_and_equal_rows() -> None:
    assert principal_components(np.ones((1, 4), dtype=np.float32), 2).tolist() == [[0.0]]
    assert np.allclose(principal_components(np.ones((5, 4), dtype=np.float32), 2), 0.0)


def test_finite_rows() -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    vectors[1, 0] = np.nan
    assert finite_rows(vectors).tolist() == [0, 2]


def test_many_rows_are_worked_on_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = blobs((40, 50)).vectors
    whole = principal_components(vectors, 5)
    monkeypatch.setattr(reduction, "_BLOCK_ROWS", 7)
    monkeypatch.setattr(reduction, "_DOUBLE_UP_TO", 0)
    assert np.allclose(principal_components(vectors, 5), whole, atol=1e-4)


def test_umap_learn_is_repeatable_and_keeps_groups() -> None:
    vectors = blobs((25, 25)).vectors
    indices, distances, space = find_neighbours(vectors, k=9, pca=20, seed=0)

    def run() -> np.ndarray:
        return umap_embedding(space, indices=indices, distances=distances, dims=2, min_dist=0.1, seed=4)

    first, second = run(), run()
    assert first.tobytes() == second.tobytes() and np.isfinite(first).all()
    gap = np.linalg.norm(first[:25].mean(axis=0) - first[25:].mean(axis=0))
    assert gap > 2 * max(first[:25].std(), first[25:].std())
