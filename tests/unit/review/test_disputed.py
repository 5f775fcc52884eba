"""Items about which two models disagree, asked one by one."""

from shoal.review.disputed import Disputed
from tests.unit.review.reviews import people, review_of
from tests.unit.review.test_opinions import STRANGE, two_models


def test_the_disputed_are_asked_about_until_all_is_said():
    review, truth = two_models()
    queue = Disputed(review)
    assert set(queue.left) == set(STRANGE)
    first = queue.next()
    row = review.session.table.row(first)
    assert queue.favourites(first)[0] == f"c{truth[row]}"
    assert queue.answer(first, True) == f"Left in character_{truth[row]}"
    assert row in review.session.state.notes["pin"] and queue.next() != first
    second = queue.next()
    other = queue.favourites(second)[1]
    assert queue.answer(second, other).startswith("Assigned to character_")
    assert second in review.items(other) and queue.next() is None
    review.undo()
    assert queue.next() == second, "what was undone is asked again"


def test_what_is_put_off_comes_again_when_asked_for():
    review, _ = two_models()
    queue = Disputed(review)
    first = queue.next()
    queue.later(first)
    assert queue.put_off == 1 and queue.next() not in (first, None)
    queue.again()
    assert queue.next() == first and queue.put_off == 0


def test_without_a_second_model_nothing_is_disputed():
    vectors, truth = people(30, 3)
    queue = Disputed(review_of(vectors, truth))
    assert queue.next() is None and queue.favourites("item/0000.png") == []
