"""How alike items and clusters are, kept up to date by changes."""

import numpy as np

from shoal.review.assist.likeness import Likeness
from shoal.review.assist.neighbours import unit
from tests.unit.review.reviews import over_split, people


def test_features_put_random_pairs_at_zero_and_neighbours_at_one():
    vectors, truth = people(200)
    likeness = Likeness(vectors, truth.astype(np.int32))
    assert abs(likeness.low) < 0.1 and 0.5 < likeness.high <= 1
    pairs = likeness.pairs(likeness.clusters())
    assert pairs[0, 1, 0] < 0.3 and abs(pairs[0, 0, 1]) < 0.05
    half = likeness.between(np.flatnonzero(truth == 0)[::2], np.flatnonzero(truth == 0)[1::2])
    other = likeness.between(np.flatnonzero(truth == 0), np.flatnonzero(truth == 1))
    assert half[0] > 0.6 > 0.3 > other[0] and half[2] > 0.3 and other[2] == 0


def test_changes_are_followed_as_if_measured_anew():
    review, _ = over_split()
    likeness = Likeness(review.quality.unit, review.session.state.codes)
    review.session.listen(lambda event: likeness.follow(event.change))
    review.merge(["character_0", "character_1"], name="one")
    review.move(review.items("noise")[:3], to="character_2")
    review.split(review.items("character_3")[:4], name="new")
    review.trash(review.items("character_3")[:1])
    review.undo()
    fresh = Likeness(review.quality.unit, review.session.state.codes)
    assert (fresh.codes == likeness.codes).all() and (fresh.clusters() == likeness.clusters()).all()
    for one, other in zip(fresh.means(fresh.clusters()), likeness.means(likeness.clusters()), strict=True):
        assert np.allclose(one, other, atol=1e-5)
    assert np.allclose(fresh.pairs(fresh.clusters()), likeness.pairs(likeness.clusters()), atol=1e-4)


def test_an_item_does_not_vouch_for_itself():
    vectors, truth = people(80, k=2)
    codes = truth.astype(np.int32).copy()
    codes[0] = 1  # alone among strangers
    likeness = Likeness(vectors, codes)
    rows = np.array([0, 2])
    near, share = likeness.votes(rows, np.zeros(80, bool))
    votes = np.where(near == codes[rows][:, None], share, 0).max(axis=1)
    features = likeness.items(rows, codes[rows], votes)
    assert features[0, 0] < 0.3 < features[1, 0] and features[0, 2] == 0 < features[1, 2]


def test_unknown_vectors_belong_nowhere():
    vectors, truth = people(60)
    vectors[:5] = np.nan
    likeness = Likeness(vectors, truth.astype(np.int32))
    assert (
        not likeness.known[:5].any()
        and (likeness.near[:5] == -1).all()
        and not np.isin(likeness.near, range(5)).any()
    )


def test_another_metric_is_another_table():
    vectors, truth = people(60)
    likeness = Likeness(vectors, truth.astype(np.int32))
    twin = likeness.by(
        lambda points: points * np.r_[np.full(3, 5.0), np.ones(points.shape[1] - 3)], likeness.codes
    )
    assert np.allclose(np.linalg.norm(twin.points, axis=1), 1, atol=1e-5)
    assert not np.allclose(twin.points, likeness.points)
    assert np.allclose(likeness.by(None, likeness.codes).points, likeness.points)


def test_exemplars_are_typical_and_unlike_each_other():
    vectors, truth = people(200, k=2)
    likeness = Likeness(vectors, truth.astype(np.int32))
    rows = np.flatnonzero(truth == 0)
    rows = np.append(rows, 1)  # one stranger
    shown = likeness.exemplars(rows, 6)
    assert len(set(shown)) == 6 and 1 not in shown and set(shown) <= set(rows.tolist())
    typical = unit(likeness.points[rows].mean(axis=0)[None])[0]
    assert np.argmax(likeness.points[rows] @ typical) == rows.tolist().index(shown[0])
    assert likeness.exemplars(rows[:2], 6) and not likeness.exemplars(rows[:0], 6)
