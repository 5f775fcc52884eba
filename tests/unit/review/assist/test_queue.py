"""The queue: what it asks, what answers do, and what an undo takes back."""

import numpy as np
import pytest

from shoal.errors import BadInputError, ConflictError, MissingError
from shoal.review.assist.questions import Question
from shoal.review.assist.queue import ReviewQueue
from shoal.review.history import History
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.table import ItemTable
from tests.benchmarks.reviewer import Reviewer, pair_scores
from tests.unit.review.fixtures import small_state
from tests.unit.review.reviews import mixed, over_split


def asked(queue: ReviewQueue, kind: str, person: Reviewer, most: int = 60) -> Question:
    """Answer truthfully until a question of this kind comes."""
    for _ in range(most):
        question = queue.next()
        assert question is not None, f"no question of kind {kind} came"
        if question.kind == kind:
            return question
        person.reply(queue, question)
    raise AssertionError(f"no question of kind {kind} came")


def put_off_until(queue: ReviewQueue, kind: str) -> Question:
    """Put questions off until one of this kind comes."""
    while (question := queue.next()) is not None and question.kind != kind:
        queue.skip(question)
    assert question is not None, f"no question of kind {kind} came"
    return question


def test_it_finds_the_pieces_that_are_one_and_one_key_joins_them():
    review, truth = over_split()
    queue = ReviewQueue(review)
    question = asked(queue, "same", Reviewer(review, truth))
    joins = [claim for claim in question.claims if len(claim.clusters) == 2]
    assert len(joins) >= 4 and all(claim.guess for claim in joins[:4])
    before = len(review.session.history)
    queue.answer(question)
    assert len(review.session.history) == before + 1 and len(review.clusters) <= 5
    review.undo()
    assert len(review.clusters) == 8


def test_a_truthful_person_is_soon_done():
    review, truth = over_split(spread=0.5)
    person = Reviewer(review, truth)
    person.by_queue()
    assert person.done() and person.gestures <= 14
    other = Reviewer(over_split(spread=0.5)[0], truth)
    assert other.by_browsing(careful=True) >= 2 * person.gestures


def test_mixed_clusters_are_taken_apart():
    review, truth = mixed()
    person = Reviewer(review, truth)
    person.by_queue()
    assert pair_scores(review.session.state.codes, truth)[0] > 0.99 and person.gestures <= 6


def test_no_is_remembered_and_not_asked_again():
    review, truth = over_split(k=6, spread=1.1)
    queue = ReviewQueue(review)
    question = asked(queue, "same", Reviewer(review, truth))
    pairs = {frozenset(c.clusters) for c in question.claims if len(c.clusters) == 2}
    queue.answer(question, False)
    again = queue.next()
    while again is not None and again.kind != "same":
        queue.skip(again)
        again = queue.next()
    assert again is None or not pairs & {frozenset(c.clusters) for c in again.claims if c.probability > 0.1}
    links = review.session.state.notes["links"]
    assert sum(len(of) for of in links.values()) == len(question.claims)


def test_who_takes_a_cluster_a_new_one_or_later():
    review, _ = over_split(k=8, spread=1.3)
    queue = ReviewQueue(review)
    found = queue.suggestions(review.items("noise")[0])
    assert found[0].votes >= found[-1].votes and all(-1 <= s.similarity <= 1 for s in found)
    question = put_off_until(queue, "who")
    with pytest.raises(BadInputError):
        queue.answer(question)
    queue.skip(question)
    assert queue.next() != question
    queue.again()
    question = put_off_until(queue, "who")
    size = len(review.clusters)
    queue.answer(question, choice="new", name="somebody")
    if question.cluster is None:
        assert len(review.clusters) == size + 1
        assert review.session.state.notes["pin"][question.shown[0]] == "confirmed"
    else:
        assert len(review.clusters) == size and review.session.state.notes["links"]


def test_confirmed_items_are_pinned_and_denied_ones_leave():
    review, truth = over_split(spread=0.9)
    queue = ReviewQueue(review)
    question = asked(queue, "place", Reviewer(review, truth))
    rows = [claim.rows[0] for claim in question.claims]
    code = review.session.state.code_of(str(question.cluster))
    verdicts = [i % 2 == 0 for i in range(len(rows))]
    queue.answer(question, verdicts)
    codes, pins = review.session.state.codes, review.session.state.notes["pin"]
    for row, yes in zip(rows, verdicts, strict=True):
        assert (codes[row] == code) == yes and (row in pins) == yes
    asked_again = queue.next()
    if asked_again is not None and asked_again.kind == "place" and asked_again.cluster == question.cluster:
        assert not set(rows) & {claim.rows[0] for claim in asked_again.claims}
    review.undo()
    assert not any(row in review.session.state.notes["pin"] for row in rows)


def test_what_does_not_belong_is_sent_where_it_does():
    review, truth = over_split(spread=0.9)
    queue = ReviewQueue(review)
    question = asked(queue, "place", Reviewer(review, truth))
    with pytest.raises(BadInputError):
        queue.answer(question, sent=["c1"] * (len(question.claims) + 1))
    rows = [claim.rows[0] for claim in question.claims]
    target, links = question.suggestions[0].cluster, dict(review.session.state.notes["links"])
    queue.answer(question, sent=[target, *[None] * (len(rows) - 1)])
    state = review.session.state
    assert state.codes[rows[0]] == state.code_of(target) and rows[0] in state.notes["pin"]
    assert dict(state.notes["links"]) == links  # sent elsewhere is more than refused here
    assert (state.codes[rows[1:]] == state.code_of(str(question.cluster))).all()
    review.undo()
    assert rows[0] not in review.session.state.notes["pin"]


def test_unsure_changes_nothing_but_is_remembered():
    review, truth = over_split(spread=0.9)
    queue = ReviewQueue(review)
    question = asked(queue, "same", Reviewer(review, truth))
    codes = review.session.state.codes.copy()
    queue.answer(question, None)
    assert (review.session.state.codes == codes).all()
    assert all(
        of.startswith("unsure") for links in review.session.state.notes["links"].values() for of in links
    )
    after = queue.next()
    assert after is None or {c.clusters for c in after.claims if len(c.clusters) == 2}.isdisjoint(
        c.clusters for c in question.claims
    )


def test_an_answer_to_an_older_question_is_refused():
    review, _ = over_split()
    queue = ReviewQueue(review)
    question = queue.next()
    review.rename("character_0", "bunny")
    assert queue.next().id != question.id
    with pytest.raises(ConflictError):
        queue.answer(question)
    with pytest.raises(BadInputError):
        queue.answer(queue.next(), [True] * 99)


def test_the_metric_is_learned_and_edits_meanwhile_are_kept():
    review, truth = over_split(n=240, spread=1.0)
    queue = ReviewQueue(review)
    assert not queue.learning_due
    review.pin(np.flatnonzero(review.session.state.codes == truth))
    assert queue.learning_due
    queue.learn()
    assert not queue.learning_due
    review.move(review.items("noise")[:2], to="character_1")
    fresh = ReviewQueue(review)
    assert (fresh.likeness.codes == queue.likeness.codes).all()
    person = Reviewer(review, truth)
    for _ in range(5):
        question = queue.next()
        if question is None:
            break
        person.reply(queue, question)
    queue.close()
    figures = queue.figures()
    assert figures["answered"] <= 5 and figures["items"] == 240 and figures["confirmed"] > 100


def test_looks_teach_where_the_vectors_do_not():
    from shoal.review.assist.looks import LOOK_DIMS

    review, truth = over_split(n=240, spread=2.5)
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(4, LOOK_DIMS))[truth] + 0.5 * rng.normal(size=(240, LOOK_DIMS))
    review.pin(np.flatnonzero(review.session.state.codes == truth)[:80])
    found = []
    for given in (None, looks.astype(np.float32)):
        queue = ReviewQueue(review)
        if given is not None:
            queue.use_looks(given)
        queue.learn()
        found.append(queue.head)
    assert found[0].views == 1 and found[1].views == 2 and found[1].accuracy > found[0].accuracy + 0.05


def test_without_vectors_it_says_what_to_do():
    table = ItemTable([f"i/{row}.jpg" for row in range(24)])
    with pytest.raises(MissingError, match="vectors"):
        ReviewQueue(Review(Session(table, small_state(), History(), None), None))


def test_the_same_answers_give_the_same_questions():
    keys = []
    for _ in range(2):
        review, truth = over_split(spread=1.0)
        person = Reviewer(review, truth)
        person.by_queue(most=40)
        keys.append((person.gestures, dict(person.kinds), review.session.state.codes.tolist()))
    assert keys[0] == keys[1]


def test_a_large_review_keeps_questions_that_still_stand(monkeypatch):
    from shoal.review.assist import queue as module

    monkeypatch.setattr(module, "LARGE", 50)
    review, truth = over_split(n=800, k=20)
    person = Reviewer(review, truth)
    queue = ReviewQueue(review)
    for _ in range(60):
        question = queue.next()
        if question is None or person.done():
            break
        clusters = review.session.state.clusters
        assert all(cluster in clusters for claim in question.claims for cluster in claim.clusters)
        person.reply(queue, question)
    assert person.done() and person.gestures < 60
