"""Auto-move: what goes where, how much of it rightly, and that it is one edit of a machine."""

import numpy as np
import pytest

from shoal.errors import BadInputError, NotAllowedError
from shoal.review.assist.auto_move import AutoMoves
from shoal.review.constraints import Known
from tests.benchmarks.bench_automove import one_start
from tests.unit.review.reviews import people, review_of


def started(n=300, k=5, spread=0.35, every=4):
    vectors, truth = people(n, k, spread=spread)
    labels = np.where(np.arange(n) % every == 0, truth, -1)
    review = review_of(vectors, labels)
    review.pin(np.flatnonzero(labels >= 0))
    return review, truth


def test_alike_items_move_and_the_claim_is_right():
    review, truth = started()
    moves = AutoMoves(review)
    found = moves.at(0.0)
    assert len(found.rows) == 225 and (truth[found.rows] == found.codes).mean() > 0.99
    assert found.precision > 0.99 and found.low > 0.9 and found.held_out == 75
    label = moves.move(0.0)
    assert "225" in label and (review.session.state.codes == truth).mean() > 0.99
    assert review.session.history.entries[-1].record.data["note"] == "auto"
    assert Known(review).pinned().sum() == 75, "what a machine moved is not vouched for"
    review.undo()
    assert review.session.state.size(-1) == 225


def test_a_higher_threshold_moves_less_and_surer():
    steps = AutoMoves(started(spread=1.6)[0]).steps()
    counts = [len(step.rows) for step in steps]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1] == 1
    sure = [step.precision for step in steps if step.held_out > 20]
    assert sure[-1] > sure[0]


def test_the_threshold_for_a_wish():
    moves = AutoMoves(started(spread=1.6)[0])
    threshold = moves.threshold_for(0.9)
    assert threshold is not None and moves.at(threshold).precision >= 0.9
    assert moves.threshold_for(1.01) is None


def test_somebody_alone_stands_for_those_without_a_cluster():
    vectors, _ = people(60, 60)
    labels = np.full(60, -1)
    labels[:6] = np.arange(6)
    review = review_of(vectors, labels)
    review.pin(np.arange(6))
    found = AutoMoves(review).at(-1)
    assert found.held_out == 6 and found.precision == 0 and found.high < 0.6


def test_nothing_placed_by_hand_promises_nothing():
    vectors, truth = people(60, 3)
    labels = truth.copy()
    labels[::5] = -1
    found = AutoMoves(review_of(vectors, labels)).at(0.2)
    assert np.isnan(found.precision) and (found.low, found.high) == (0, 1) and "nothing" in str(found)


def test_what_cannot_be_is_refused():
    review, _ = started()
    moves = AutoMoves(review)
    with pytest.raises(BadInputError):
        moves.at(2)
    with pytest.raises(NotAllowedError, match="that similar"):
        moves.move(1.0)
    review.move(review.items("noise")[:1], to="character_0")
    with pytest.raises(NotAllowedError, match="changed"):
        moves.move(-1)


def test_the_interval_covers_what_comes_out():
    vectors, truth = people(400, 8, spread=1.4)
    found = [one_start(vectors, truth, np.random.default_rng(i)) for i in range(40)]
    assert np.mean([hit for hit, _ in (f for f in found if f)]) >= 0.85
