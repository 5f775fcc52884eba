"""Cohesion and similarity."""

import numpy as np

from shoal.review.commands import MergeClusters, MoveItems
from shoal.review.quality import Quality
from tests.unit.review.fixtures import N, small_state


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
