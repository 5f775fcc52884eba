"""The search for questions."""

import numpy as np

from shoal.review.assist.asking import PAGE_ITEMS, PAGE_PAIRS, suggestions_for
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


def test_a_page_asks_about_one_cluster_and_about_nobody_twice():
    review, _ = over_split(n=400, spread=0.9)
    search = ReviewQueue(review).search()
    page, who = search.places_of_items()
    assert (page is not None and 0 < len(page.claims) <= PAGE_ITEMS and who is None) or who.shown
    rows = [claim.rows[0] for claim in page.claims]
    assert len(set(rows)) == len(rows) and not set(rows) & set(page.shown)
    search.pinned[rows] = True
    again, _ = search.places_of_items()
    assert again is None or not set(rows) & {claim.rows[0] for claim in again.claims}


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


def test_a_fragment_is_offered_the_clusters_it_may_be_part_of():
    review, truth = over_split(n=240)
    new = review.split(review.items("character_2")[:4], name="piece")
    search = ReviewQueue(review).search()
    search.apart = {}
    question = search.fragment()
    assert question is not None and question.kind == "who" and question.cluster == new
    assert truth[question.suggestions[0].rows[0]] == truth[question.shown[0]]
    assert new not in {suggestion.cluster for suggestion in question.suggestions}


def test_suggestions_are_best_first_and_leave_out_what_is_banned():
    review, truth = over_split()
    search = ReviewQueue(review).search()
    row = int(review.rows(review.items("noise")[0])[0])
    found = suggestions_for(search, row, count=3)
    assert len(found) == 3 and int(found[0].cluster[1:]) % 4 == truth[row] and found[0].nearest > 0.5
    rest = suggestions_for(search, row, count=3, banned=[int(found[0].cluster[1:])])
    assert found[0].cluster not in {suggestion.cluster for suggestion in rest}
