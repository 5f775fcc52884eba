"""The head names what it has not seen, says how surely, and chooses its views by what is held out."""

import numpy as np
import pytest

from shoal.errors import BadInputError
from shoal.review.assist.head import Choices, Examples, examples_of, joined_views, learn_head
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.looks import LOOK_DIMS
from tests.unit.review.reviews import people

N = 400


def some(codes, rows):
    return Examples(np.asarray(rows), codes[rows].astype(np.int32), np.ones(len(rows), bool))


def test_it_names_items_it_has_not_seen_with_probabilities_that_come_true():
    points, truth = people(N, 5, spread=1.4)
    head = learn_head([joined_views([points])], some(truth, np.arange(100)))
    assert head is not None and head.views == 1
    rest = np.arange(100, N)
    right = head.codes[rest, 0] == truth[rest]
    assert right.mean() > 0.8 and abs(right.mean() - head.probability[rest, 0].mean()) < 0.12
    assert (np.diff(head.probability, axis=1) <= 0).all() and (head.probability.sum(axis=1) <= 1 + 1e-5).all()
    assert abs(head.accuracy - right.mean()) < 0.1


def test_a_second_view_is_taken_where_it_helps_and_only_there():
    points, truth = people(N, 5, spread=2.5)
    other, _ = people(N, 5, spread=0.8, seed=4)
    noise = np.random.default_rng(1).normal(size=(N, 40)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    plain, examples = joined_views([points]), some(truth, np.arange(120))
    good = learn_head([plain, joined_views([points, other])], examples)
    bad = learn_head([plain, joined_views([points, noise])], examples)
    assert good is not None and good.views == 2
    assert bad is not None and bad.views == 1


def test_it_waits_for_enough_and_for_two_clusters():
    points, truth = people(60, 3)
    assert learn_head([points], some(truth, np.arange(8))) is None
    assert learn_head([points], some(np.zeros(60, np.int32), np.arange(40))) is None


def test_clusters_follow_their_examples_when_they_are_joined():
    points, truth = people(N, 4)
    head = learn_head([joined_views([points])], some(truth, np.arange(80)))
    assert head is not None
    codes = np.where(truth == 3, 1, truth).astype(np.int32)
    now = head.now(codes)
    assert set(np.unique(now).tolist()) == {0, 1, 2} and now.shape == head.codes.shape


def test_little_known_clusters_lend_typical_members_and_what_was_refused_stands_for_nobody():
    points, truth = people(N, 4)
    codes = truth.astype(np.int32)
    codes[[7, 11]] = -1
    confirmed = np.zeros(N, bool)
    confirmed[np.flatnonzero(codes == 0)[:20]] = True
    found = examples_of(Likeness(points, codes), codes, confirmed, np.array([7, 11]))
    assert found.sure.sum() == 20 and (found.codes[found.sure] == 0).all()
    weak = found.codes[~found.sure].tolist()
    assert weak.count(-1) == 2 and weak.count(0) == 0 and weak.count(1) == 12
    head = learn_head([joined_views([points])], found)
    # a refused item is told by what is like it, not by having been refused
    assert head is not None and (head.codes[[7, 11], 0] == truth[[7, 11]]).all()


def test_looks_are_one_an_item():
    points, _ = people(20, 2)
    choices = Choices(points)
    with pytest.raises(BadInputError):
        choices.add_looks(np.zeros((19, LOOK_DIMS), np.float32))
    choices.add_looks(np.random.default_rng(0).random((20, LOOK_DIMS)).astype(np.float32))
    assert len(choices.points) == 2 and np.isfinite(choices.points[1]).all()
