"""Cohesion and similarity."""

import numpy as np
import pytest

from shoal.errors import BadInputError
from shoal.review.commands import MergeClusters, MoveItems
from shoal.review.quality import Quality
from tests.unit.review.fixtures import N, small_state
from tests.unit.widgets.fixtures import memory_review


def vectors():
    return np.random.default_rng(3).normal(size=(N, 6)).astype(np.float32) + 1


def test_cohesion_is_the_mean_cosine_to_the_centroid():
    state, x = small_state(), vectors()
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    part = unit[state.members(2)]
    centre = part.mean(axis=0) / np.linalg.norm(part.mean(axis=0))
    quality = Quality(x, state)
    assert np.isclose(quality.cohesion(2), (part @ centre).mean(), atol=1e-6)
    assert np.allclose(quality.similarity(state)[state.members(2)], part @ centre, atol=1e-6)
    assert np.isnan(quality.similarity(state)[state.members(-1)]).all()


def test_deltas_lead_to_the_same_as_starting_anew():
    state, x = small_state(), vectors()
    quality = Quality(x, state)
    for command in (MoveItems(np.array([1, 2, 3]), "c0"), MergeClusters(["c1", "c3"], "bunny")):
        change = command.prepare(state).change
        state.apply(change)
        quality.follow(change)
    fresh = Quality(x, state)
    for record in state.clusters.values():
        assert np.isclose(quality.cohesion(record.code), fresh.cohesion(record.code), atol=1e-6)
    assert np.allclose(quality.similarity(state), fresh.similarity(state), atol=1e-5, equal_nan=True)


def test_items_without_a_vector_do_not_count():
    state, x = small_state(), vectors()
    x[state.members(2)] = np.nan
    quality = Quality(x, state)
    assert quality.cohesion(2) is None
    assert quality.cohesion(1) is not None


def test_outliers_are_robust_z_scores_of_similarity():
    state, x = small_state(), vectors()
    quality = Quality(x, state)
    rows = state.members(1)
    s = quality.similarity(state)[rows]
    spread = max(0.02, 1.4826 * np.median(np.abs(s - np.median(s))))
    assert np.allclose(quality.outlier(state)[rows], np.maximum(0, (np.median(s) - s) / spread), atol=1e-5)
    assert np.isnan(quality.outlier(state)[state.members(-1)]).all()


def test_an_odd_one_out_stands_out():
    state, x = small_state(), np.ones((N, 6), np.float32)
    x += 0.05 * vectors()
    odd = int(state.members(2)[1])
    x[odd] = [-1, 1, 0, 0, 0, 0]
    outlier = Quality(x, state).outlier(state)
    assert outlier[odd] > 3.5
    assert outlier[odd] == np.nanmax(outlier)


def test_only_clusters_that_changed_are_computed_anew():
    state, x = small_state(), vectors()
    quality = Quality(x, state)
    quality.similarity(state)
    quality._similarity[state.members(0)] = 9  # would be overwritten by a fresh count
    change = MoveItems(np.array([2, 3]), "noise").prepare(state).change
    state.apply(change)
    quality.follow(change)
    now = quality.similarity(state)
    assert (now[state.members(0)] == 9).all()
    assert np.isnan(now[[2, 3]]).all()


def test_the_nearest_cluster_of_noise_and_its_lead():
    state, x = small_state(), vectors()
    quality = Quality(x, state)
    codes, centres = quality.centroids(state)
    rows = state.members(-1)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    all_of_them = np.sort(unit[rows] @ centres.T, axis=1)
    near, best, lead = quality.nearest(state, rows)
    assert near.tolist() == codes[(unit[rows] @ centres.T).argmax(axis=1)].tolist()
    assert np.allclose(best, all_of_them[:, -1], atol=1e-5)
    assert np.allclose(lead, all_of_them[:, -1] - all_of_them[:, -2], atol=1e-5)
    x[rows[0]] = np.nan
    near, best, _ = Quality(x, state).nearest(state, rows)
    assert (near[0], np.isnan(best[0])) == (-1, True)


def test_vectors_can_be_given_and_must_fit():
    review = memory_review()
    assert review.quality is None
    with pytest.raises(BadInputError, match="3 vectors for 24"):
        review.use_vectors(vectors()[:3])
    review.use_vectors(vectors())
    before = review.quality.cohesion(0)
    review.move(["a/1.png"], "c3")
    assert review.quality.cohesion(0) != before
    review.use_vectors(vectors())
    assert np.isclose(review.quality.cohesion(3), Quality(vectors(), review.session.state).cohesion(3))


def test_a_cluster_of_two_kinds_looks_mixed_and_others_do_not():
    state, rng = small_state(200, 4), np.random.default_rng(1)
    x = 0.1 * rng.normal(size=(200, 12)).astype(np.float32)
    x[np.arange(200), np.maximum(state.codes, 0)] += 1
    rows = state.members(2)
    x[rows[::2], 2] -= 1
    x[rows[::2], 7] += 1
    quality = Quality(x, state)
    found = [quality.mixed(state, code) for code in range(4)]
    assert found[2] > 0.8
    assert max(found[0], found[1], found[3]) < 0.3
    change = MoveItems(rows[::2], "noise").prepare(state).change
    state.apply(change)
    quality.follow(change)
    assert quality.mixed(state, 2) < 0.3
    assert quality.mixed(state, 99) is None
