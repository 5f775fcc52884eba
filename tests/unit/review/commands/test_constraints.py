"""Pins, links, and several commands as one."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review.changes import reverse
from shoal.review.commands import Link, LinkItems, MoveItems, PinItems, SplitCluster, Together, TrashItems
from shoal.review.commands.constraints import read_link
from tests.unit.review.fixtures import small_state

ROWS = np.array([1, 2, 3])


def done(state, command):
    verdict = command.prepare(state)
    state.apply(verdict.change)
    return verdict


def test_pins_are_kept_with_their_reason_and_taken_back():
    state = small_state()
    assert done(state, PinItems(ROWS, why="audit")).label == "Pinned 3 items"
    assert state.notes["pin"] == {1: "audit", 2: "audit", 3: "audit"}
    done(state, PinItems(ROWS[:1], pinned=False))
    assert sorted(state.notes["pin"]) == [2, 3]
    with pytest.raises(NotAllowedError, match="nothing"):
        PinItems(ROWS[1:]).prepare(state)


def test_trash_is_not_pinned():
    state = small_state()
    done(state, TrashItems(ROWS[:2]))
    done(state, PinItems(ROWS))
    assert sorted(state.notes["pin"]) == [3]


def test_a_later_answer_replaces_the_earlier_one_of_the_same_pair():
    state = small_state()
    done(state, LinkItems([Link(1, 7, "a b/7.jpg", "must"), Link(1, 8, "a b/8.jpg", "cannot")]))
    assert {read_link(text) for text in state.notes["links"][1]} == {
        ("must", "a b/7.jpg"),
        ("cannot", "a b/8.jpg"),
    }
    assert done(state, LinkItems([Link(1, 7, "a b/7.jpg", "cannot")])).label == "Different: 1 pair"
    assert {read_link(text)[0] for text in state.notes["links"][1]} == {"cannot"}
    done(state, LinkItems([Link(1, 7, "a b/7.jpg", None), Link(1, 8, "a b/8.jpg", None)]))
    assert state.notes["links"] == {}


@pytest.mark.parametrize(
    "link", [Link(1, 1, "x", "must"), Link(1, 99, "x", "must"), Link(1, 2, "x", "perhaps")]
)
def test_pairs_that_cannot_be_are_refused(link):
    with pytest.raises(BadInputError):
        LinkItems([link]).prepare(small_state())


def test_together_is_one_change_and_leaves_the_state_alone():
    state = small_state()
    before = state.copy()
    steps = [
        MoveItems(ROWS, "c3"),
        PinItems(ROWS),
        SplitCluster(ROWS[:2], "two"),
        SplitCluster(ROWS[2:], "one"),
    ]
    verdict = Together(steps, "Answered").prepare(state)
    assert state.equals(before)
    state.apply(verdict.change)
    assert sorted(r.name for r in state.clusters.values())[-2:] == ["one", "two"]
    assert state.codes[1] == state.codes[2] != state.codes[3]
    assert sorted(state.notes["pin"]) == [1, 2, 3]
    state.apply(reverse(verdict.change))
    assert state.equals(before)


def test_together_passes_over_what_is_so_already_and_refuses_what_cannot_be():
    state = small_state()
    before = state.copy()
    there = MoveItems(state.members(2), "c2")
    assert Together([there, PinItems(ROWS)], "x").prepare(state).label == "x"
    with pytest.raises(NotAllowedError):
        Together([there], "x").prepare(state)
    with pytest.raises(MissingError):
        Together([PinItems(ROWS), MoveItems(ROWS, "gone")], "x").prepare(state)
    assert state.equals(before)
