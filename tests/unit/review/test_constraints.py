"""What is known of the items."""

import numpy as np
import pytest

from shoal.data.constraints import Constraints
from shoal.review.commands import MergeClusters, MoveItems, PinItems, SplitCluster, Together
from shoal.review.constraints import Known, most_in
from shoal.review.history import History
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.table import ItemTable
from tests.unit.review.fixtures import small_state


def small_review(n=24, k=4):
    table = ItemTable([f"i/{row}.jpg" for row in range(n)])
    return Review(Session(table, small_state(n, k), History(), None), None)


@pytest.fixture
def review():
    return small_review()


def kinds(known):
    return [fact.kind for fact in known.standing()]


def test_moving_pins_and_says_that_two_clusters_are_two(review):
    known = Known(review)
    review.move(review.items("character_1")[:2], to="character_2")
    rows = np.flatnonzero(known.placed)
    assert len(rows) == 2 and (review.session.state.codes[rows] == 2).all()
    assert kinds(known) == ["apart"] and set(known.apart()) == {(1, 2)}
    assert known.confirmed().sum() == 2


def test_merging_pins_nothing_but_says_that_two_are_one(review):
    known = Known(review)
    review.merge(["character_0", "character_1"], name="bunny")
    assert not known.placed.any() and kinds(known) == ["together"] and not known.apart()


def test_splitting_says_apart_and_a_later_merge_overrules_it(review):
    known = Known(review)
    review.split(review.items("character_0")[:2], name="half")
    assert kinds(known) == ["apart"] and known.placed.sum() == 2
    review.merge(["character_0", "half"], name="whole")
    assert kinds(known) == ["together"] and known.placed.sum() == 2


def test_deleting_a_cluster_unpins_and_noise_by_hand_is_kept(review):
    known = Known(review)
    review.move(review.items("character_1")[:2], to="character_2")
    review.to_noise(review.items("character_3")[:1])
    review.delete("character_2")
    assert known.placed.sum() == 1 and known.pinned().sum() == 1 and not known.confirmed().any()


def test_undo_jump_and_redo_take_the_knowledge_along(review):
    known = Known(review)
    review.move(review.items("character_1")[:2], to="character_2")
    review.split(review.items("character_0")[:2], name="half")
    review.merge(["character_0", "half"], name="whole")
    seen = known.placed.copy(), len(known.facts)
    review.undo()
    review.jump(0)
    assert not known.placed.any() and not known.facts
    review.jump(3)
    assert (known.placed == seen[0]).all() and len(known.facts) == seen[1]
    fresh = Known(review)
    assert (fresh.placed == seen[0]).all()
    for a, b in zip(fresh.facts, known.facts, strict=True):
        assert a.kind == b.kind and np.array_equal(a.a, b.a) and np.array_equal(a.b, b.b)


def test_machines_teach_nothing(review):
    known = Known(review)
    rows = review.rows(review.items("character_1")[:2])
    review.session.do(MoveItems(rows, "c2"), note="auto")
    assert not known.placed.any() and not known.facts
    assert not Known(review).placed.any()
    review.session.do(MoveItems(rows, "c3"), actor="disk")
    assert not known.placed.any()


def test_pins_links_and_reviewed_clusters_count(review):
    known = Known(review)
    review.pin(review.items("noise")[:1])
    review.mark_reviewed("character_0")
    size = review.session.state.size(0)
    assert known.pinned().sum() == size + 1 and known.confirmed().sum() == size
    one, other = review.items("character_1")[0], review.items("character_2")[0]
    review.link(other, one, "cannot")
    assert known.said("cannot").tolist() == [sorted([review.rows(one)[0], review.rows(other)[0]])]
    assert not known.apart()  # one of the two may only be in the wrong place
    review.pin([one, other])
    assert set(known.apart()) == {(1, 2)}
    review.link(one, other, "must")
    assert not known.apart() and len(known.said("must")) == 1
    review.undo()
    assert set(known.apart()) == {(1, 2)}


def test_what_stands_for_two_clusters_says_that_they_are_two(review):
    known = Known(review)
    review.link(review.items("character_1")[0], review.items("character_2")[0], "apart")
    assert known.apart() == {(1, 2): 1}


def test_an_answer_pins_what_it_says_and_no_more(review):
    known = Known(review)
    rows = review.rows(review.items("character_1")[:2])
    review.session.do(Together([SplitCluster(rows, "two"), PinItems(rows[:1])], "x"), note="answer")
    assert not known.placed.any() and not known.facts and known.pinned().sum() == 1
    review.session.do(MergeClusters(["c2", "c3"], "one"), note="answer")
    assert [fact.kind for fact in known.facts] == ["together"]


def test_film_pairs_come_from_the_table(review):
    ids = review.session.table.ids
    known = Known(
        review, film=Constraints([ids[3], ids[5]], [ids[4], "gone"], ["must", "cannot"], ["track", "frame"])
    )
    must, cannot = known.film()
    assert must.tolist() == [[3, 4]] and not len(cannot)


def test_most_in_prefers_the_larger_and_knows_noise():
    codes = np.array([2, 2, 1, -2, -2], np.int32)
    assert most_in(codes, np.arange(3)) == 2 and most_in(codes, np.array([3, 4])) == -1
