"""Pages of items, what teaches most, and whose an item may be."""

import numpy as np

from shoal.review.assist.placing import (
    PAGE_ITEMS,
    fragment,
    page_of_items,
    places_of,
    seeds,
    single_item,
    suggestions_for,
)
from shoal.review.assist.queue import ReviewQueue
from tests.unit.review.reviews import over_split


def test_a_page_asks_about_one_cluster_and_about_nobody_twice():
    review, _ = over_split(n=400, spread=0.9)
    search = ReviewQueue(review).search()
    page = page_of_items(search, places_of(search))
    assert page is not None and 0 < len(page.claims) <= PAGE_ITEMS and all(page.guesses)
    rows = [claim.rows[0] for claim in page.claims]
    assert len(set(rows)) == len(rows) and page.shown
    assert page.cluster not in {found.cluster for found in page.suggestions}
    search.pinned[rows] = True
    again = page_of_items(search, places_of(search))
    assert again is None or not set(rows) & {claim.rows[0] for claim in again.claims}


def test_the_page_to_learn_from_is_what_is_typical_and_not_yet_confirmed():
    review, _ = over_split(n=400, spread=0.9)
    search = ReviewQueue(review).search()
    first = seeds(search, places_of(search))
    assert first is not None and set(first.shown) <= {claim.rows[0] for claim in first.claims}
    members = review.session.state.members(review.session.state.code_of(str(first.cluster)))
    assert {claim.rows[0] for claim in first.claims} <= set(members.tolist())
    search.confirmed[members] = True
    after = seeds(search, places_of(search))
    assert after is None or after.cluster != first.cluster


def test_with_a_head_the_places_are_its_own_and_what_was_refused_is_ruled_out():
    review, truth = over_split(n=400, spread=0.9)
    queue = ReviewQueue(review)
    codes = review.session.state.codes
    review.pin(np.flatnonzero((codes == truth) & (np.arange(400) % 3 == 0)))
    queue.learn()
    assert queue.head is not None and queue.head.accuracy > 0.8
    search = queue.search()
    found = places_of(search)
    strays = np.flatnonzero(search.likeness.codes == -1)
    right = found.target[strays] % 4 == truth[strays]
    assert right.mean() > 0.8
    row = int(strays[np.argmax(found.other[strays])])
    search.not_in = {row: {int(found.target[row])}}
    after = places_of(search)
    assert after.target[row] != found.target[row] and abs(after.own[row]) <= 1


def test_a_single_item_is_one_of_a_doubtful_place():
    review, _ = over_split(spread=1.3)
    search = ReviewQueue(review).search()
    row = int(review.rows(review.items("noise")[0])[0])
    search.not_in = {row: {int(places_of(search).target[row])}}
    question = single_item(search, places_of(search))
    assert question is not None and question.kind == "who" and question.shown == (row,)
    search.later = {row}
    after = single_item(search, places_of(search))
    assert after is None or after.shown != (row,)


def test_a_fragment_is_offered_the_clusters_it_may_be_part_of():
    review, truth = over_split(n=240)
    new = review.split(review.items("character_2")[:4], name="piece")
    search = ReviewQueue(review).search()
    search.apart = {}
    question = fragment(search)
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
