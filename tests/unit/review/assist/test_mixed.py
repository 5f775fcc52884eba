"""Clusters that look mixed: found a few a turn, judged by such answers, left alone once enough is known."""

from dataclasses import replace

import numpy as np

from shoal.review.assist.mixed import Mixed
from shoal.review.assist.queue import PAIR_OPINION, ReviewQueue
from tests.unit.review.reviews import mixed


def mixed_search():
    """A review with two people in each cluster, and what the queue looks at."""
    review = mixed()[0]
    return review, ReviewQueue(review).search()


def test_parts_of_a_mixed_cluster_are_found_and_kept():
    _, search = mixed_search()
    found = Mixed(PAIR_OPINION)
    claims = found.claims(search, [])
    assert any(claim.clusters == ("c0",) and len(claim.features) == 4 for claim in claims)
    assert found.claims(search, []) == claims  # not looked for again


def test_what_was_put_off_is_not_asked_until_it_changes():
    review, search = mixed_search()
    found = Mixed(PAIR_OPINION)
    found.claims(search, [])
    found.put_off(0, review.session.state.size(0))
    assert all(claim.clusters != ("c0",) for claim in found.claims(search, []))
    found.clear()
    assert any(claim.clusters == ("c0",) for claim in found.claims(search, []))


def test_answers_about_parts_teach_their_own_judge():
    _, search = mixed_search()
    found = Mixed(PAIR_OPINION)
    claim = next(claim for claim in found.claims(search, []) if claim.clusters == ("c0",))
    before = found.judge.probability(np.array(claim.features))
    found.hear([claim, replace(claim, features=())] * 6, [True, False] * 6)
    assert found.judge.probability(np.array(claim.features)) > before
    after = found.judge.weights.copy()
    found.hear([claim], [None])
    assert (found.judge.weights == after).all()


def test_a_cluster_of_which_enough_is_confirmed_is_left_to_the_head():
    review, truth = mixed()
    queue = ReviewQueue(review)
    for person in (0, 2):
        review.pin(np.flatnonzero(truth == person)[:10])
    assert any(claim.clusters == ("c0",) for claim in Mixed(PAIR_OPINION).claims(queue.search(), []))
    queue.learn()
    assert queue.head is not None and not Mixed(PAIR_OPINION).claims(queue.search(), [])
