"""The search for questions."""

import numpy as np

from shoal.review.assist.asking import PAGE_PAIRS
from shoal.review.assist.queue import ReviewQueue
from tests.unit.review.reviews import mixed, over_split


def test_pairs_are_a_forest_of_at_most_nine_with_the_surest_first():
    review, truth = over_split(n=400, k=10)
    search = ReviewQueue(review).search()
    (question,) = search.same([])
    assert len(question.claims) == PAGE_PAIRS
    seen: list[set[str]] = []
    for claim in question.claims:
        touched = [group for group in seen if group & set(claim.clusters)]
        assert not any(set(claim.clusters) <= group for group in touched), "a pair that follows from others"
        seen = [g for g in seen if g not in touched] + [set(claim.clusters).union(*touched)]
        assert truth[list(claim.rows)].tolist() and claim.sort == "merge"
    two = search.same([], pages=2)
    assert two[0].claims == question.claims and not set(two[1].claims) & set(question.claims)
    probabilities = [claim.probability for claim in question.claims]
    assert probabilities == sorted(probabilities, reverse=True)


def test_parts_of_a_mixed_cluster_and_what_keeps_them_together():
    review, truth = mixed()
    search = ReviewQueue(review).search()
    (claim,) = search.parts(0)
    assert len(set(truth[list(claim.part)])) == 1 and not claim.guess and claim.sort == "split"
    other = next(r for r in review.session.state.members(0).tolist() if r not in set(claim.part))
    assert search.parts(0, [(claim.part[0], other)]) == []
    search.confirmed = np.ones(len(review), bool)
    assert search.parts(0) == []


def test_noise_is_grouped_but_not_what_is_known_to_be_two():
    review, truth = over_split(n=200, k=5)
    review.delete("character_0")
    review.delete("character_5")
    search = ReviewQueue(review).search()
    question = search.groups()
    assert question is not None
    best = max(question.claims, key=lambda claim: claim.size)
    assert len(set(truth[list(best.part)])) == 1 and best.guess
    search.denied = {tuple(sorted((best.rows[0], best.rows[1])))}
    again = search.groups()
    assert again is None or all(claim.part != best.part for claim in again.claims)
