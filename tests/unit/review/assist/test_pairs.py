"""Pairs of items: the most useful first, one key each, links that clustering again keeps."""

import numpy as np
import pytest

from shoal.errors import ConflictError
from shoal.review.assist.pairs import ItemPairs
from shoal.review.assist.queue import ReviewQueue
from shoal.review.constraints import Known
from shoal.review.recluster import recluster
from tests.unit.review.reviews import over_split, people, review_of


@pytest.fixture
def work():
    review, truth = over_split()
    queue = ReviewQueue(review)
    yield review, truth, ItemPairs(queue)
    queue.close()


def pair_of(question):
    [claim] = question.claims
    [a], [b] = claim.rows, claim.beside
    return a, b


def test_two_items_are_asked_about_until_something_changes(work):
    review, _, pairs = work
    first = pairs.next()
    a, b = pair_of(first)
    assert first.kind == "pair" and a != b and first is pairs.next()
    assert 0 <= first.claims[0].probability <= 1 and first.gain > 0
    review.create("somebody")
    assert pairs.next() is not first


@pytest.mark.parametrize(("said", "kind"), [(True, "must"), (False, "cannot"), (None, "unsure")])
def test_an_answer_is_a_link_an_edit_and_not_asked_again(work, said, kind):
    review, _, pairs = work
    question = pairs.next()
    a, b = sorted(pair_of(question))
    before = review.session.state.codes.copy()
    label = pairs.answer(question, said)
    assert label and (review.session.state.codes == before).all(), "a link moves nothing"
    known = Known(review)
    assert [a, b] in known.said(kind).tolist() and len(review.history) == 1
    known.close()
    with pytest.raises(ConflictError):
        pairs.answer(question, said)
    seen = {tuple(sorted((a, b)))}
    for _ in range(10):
        asked = pairs.next()
        assert tuple(sorted(pair_of(asked))) not in seen
        seen.add(tuple(sorted(pair_of(asked))))
        pairs.answer(asked, said)
    review.jump(0)
    assert sorted(pair_of(pairs.next())) == [a, b], "what was taken back is asked again"


def test_items_in_the_wrong_place_come_first(work):
    review, truth, pairs = work
    codes = review.session.state.codes
    astray = {row for row in range(len(truth)) if codes[row] >= 0 and codes[row] % 4 != truth[row]}
    left_out = set(np.flatnonzero(codes < 0).tolist())
    asked = []
    for _ in range(12):
        question = pairs.next()
        asked.append(pair_of(question)[0])
        a, b = pair_of(question)
        pairs.answer(question, bool(truth[a] == truth[b]))
    share = (len(astray) + len(left_out)) / len(truth)
    assert len([row for row in asked if row in astray | left_out]) / len(asked) > 3 * share


def test_clustering_again_keeps_what_was_said():
    vectors, truth = people(n=160)
    labels = truth.copy()
    labels[::9] = (labels[::9] + 1) % 4
    review = review_of(vectors, labels)
    queue = ReviewQueue(review)
    pairs = ItemPairs(queue)
    for _ in range(15):
        question = pairs.next()
        a, b = pair_of(question)
        pairs.answer(question, bool(truth[a] == truth[b]))
    queue.close()
    proposal = recluster(review)
    known = Known(review)
    for a, b in known.said("must").tolist():
        assert proposal.codes[a] == proposal.codes[b]
    for a, b in known.said("cannot").tolist():
        assert proposal.codes[a] != proposal.codes[b]
    known.close()


def test_later_brings_another_pair_until_all_are_wanted_again(work):
    _, _, pairs = work
    first = pairs.next()
    pairs.skip(first)
    second = pairs.next()
    assert pair_of(second) != pair_of(first) and pairs.later == 1
    pairs.skip("p999")
    assert pairs.next() is second, "only the question that is shown is put off"
    pairs.again()
    assert pair_of(pairs.next()) == pair_of(first) and pairs.later == 0


def test_pinned_items_are_known_already(work):
    review, _, pairs = work
    review.pin(review.items())
    assert pairs.next() is None
