"""The learned metric helps where it can, and is left alone where it cannot."""

import numpy as np

from shoal.review.assist.metric import learn_metric
from shoal.review.assist.neighbours import nearest_neighbours, unit


def with_a_nuisance(n=240, k=6, seed=0):
    """Who it is lies in 6 of 24 dimensions; the rest, and louder, is something else."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    who = np.eye(6)[truth] + 0.25 * rng.normal(size=(n, 6))
    return unit(np.concatenate([who, 0.8 * rng.normal(size=(n, 18))], axis=1).astype(np.float32)), truth


def right(points, truth):
    near, _ = nearest_neighbours(points, 1)
    return float((truth[near[:, 0]] == truth).mean())


def test_it_names_items_it_has_not_seen():
    points, truth = with_a_nuisance()
    seen = np.arange(len(truth)) < 120
    metric = learn_metric(points[seen], truth[seen].astype(np.int32))
    assert metric is not None and metric.accuracy > metric.plain + 0.1
    before, after = right(points[~seen], truth[~seen]), right(unit(metric(points[~seen])), truth[~seen])
    assert after > before + 0.2


def test_it_is_not_used_where_it_does_not_help():
    points, truth = with_a_nuisance()
    rng = np.random.default_rng(1)
    assert learn_metric(points, rng.permutation(truth).astype(np.int32)) is None
    assert learn_metric(points[:10], truth[:10].astype(np.int32)) is None
    assert learn_metric(points, np.zeros(len(truth), np.int32)) is None
