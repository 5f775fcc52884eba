"""Commands on items."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review.commands import (
    CaptionItems,
    DeleteCluster,
    MoveItems,
    RestoreItems,
    SetCover,
    TagItems,
    TrashItems,
)
from tests.unit.review.fixtures import small_state

ROWS = np.array([1, 2, 3])


def done(state, command):
    verdict = command.prepare(state)
    state.apply(verdict.change)
    return verdict


def test_only_the_named_items_move():
    state = small_state()
    before = state.codes.copy()
    assert done(state, MoveItems(ROWS, "c3")).label == "Moved 3 items to character_3"
    assert state.codes[ROWS].tolist() == [3, 3, 3]
    others = np.setdiff1d(np.arange(len(state)), ROWS)
    assert (state.codes[others] == before[others]).all()


def test_moving_nowhere_is_said():
    state = small_state()
    with pytest.raises(NotAllowedError, match="already"):
        MoveItems(state.members(2), "c2").prepare(state)
    with pytest.raises(MissingError):
        MoveItems(ROWS, "c99").prepare(state)


def test_trash_remembers_where_items_came_from():
    state = small_state()
    before = state.codes[ROWS].copy()
    done(state, TrashItems(ROWS))
    assert state.size(-2) == 3
    done(state, RestoreItems(ROWS))
    assert state.codes[ROWS].tolist() == before.tolist()


def test_items_of_a_deleted_cluster_are_restored_to_noise():
    state = small_state()
    rows = state.members(2)[:2]
    done(state, TrashItems(rows))
    done(state, DeleteCluster("c2"))
    done(state, RestoreItems(rows))
    assert state.codes[rows].tolist() == [-1, -1]


def test_restoring_what_is_not_in_the_trash_is_said():
    with pytest.raises(NotAllowedError, match="trash"):
        RestoreItems(ROWS).prepare(small_state())


def test_a_cover_that_leaves_is_no_cover_any_more():
    state = small_state()
    row = int(state.members(1)[0])
    done(state, SetCover("c1", row))
    done(state, MoveItems(np.array([row]), "c2"))
    assert state.clusters["c1"].cover is None


def test_tags_and_captions():
    state = small_state()
    done(state, TagItems(ROWS, ["night", " blur "]))
    done(state, TagItems(ROWS[:1], (), ["night"]))
    assert state.notes["tags"] == {1: ("blur",), 2: ("blur", "night"), 3: ("blur", "night")}
    done(state, CaptionItems(ROWS[:1], " a bunny "))
    assert state.notes["caption"] == {1: "a bunny"}
    done(state, CaptionItems(ROWS[:1], ""))
    assert state.notes["caption"] == {}
    with pytest.raises(NotAllowedError):
        CaptionItems(ROWS, "").prepare(state)
    with pytest.raises(BadInputError, match="tag"):
        TagItems(ROWS, ["a,b"]).prepare(state)
