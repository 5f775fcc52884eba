"""The algebra of changes: reverse, squash, JSON."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import DamagedError
from shoal.review.changes import CellChange, Change, reverse, squash
from tests.unit.review.fixtures import COMMANDS, small_state, try_command


def run(state, commands):
    """Apply the commands that fit; returns their changes."""
    done = []
    for command in commands:
        verdict = try_command(state, command)
        if verdict is not None and verdict.change:
            state.apply(verdict.change)
            done.append(verdict.change)
    return done


@settings(max_examples=200)
@given(st.lists(COMMANDS, max_size=8))
def test_reversed_changes_lead_back(commands):
    state = small_state()
    start = state.copy()
    for change in reversed(run(state, commands)):
        state.apply(reverse(change))
    assert state.equals(start)


@settings(max_examples=200)
@given(st.lists(COMMANDS, max_size=8))
def test_one_squashed_change_does_what_all_did(commands):
    state, other = small_state(), small_state()
    total = Change()
    for change in run(state, commands):
        total = squash(total, change)
    other.apply(total)
    assert other.equals(state)
    other.apply(reverse(total))
    assert other.equals(small_state())


@settings(max_examples=200)
@given(st.lists(COMMANDS, max_size=6), st.lists(COMMANDS, max_size=6), st.lists(COMMANDS, max_size=6))
def test_squash_is_associative(a, b, c):
    state = small_state()
    parts = []
    for commands in (a, b, c):
        total = Change()
        for change in run(state, commands):
            total = squash(total, change)
        parts.append(total)
    x, y, z = parts
    assert squash(squash(x, y), z).to_json() == squash(x, squash(y, z)).to_json()


@settings(max_examples=200)
@given(st.lists(COMMANDS, max_size=8))
def test_json_gives_the_same_change_back(commands):
    for change in run(small_state(), commands):
        again = Change.from_json(json.loads(json.dumps(change.to_json())))
        assert again.to_json() == change.to_json()
        assert again.cells == {k: v for k, v in change.cells.items() if len(v.rows)}
        assert (again.clusters, again.notes) == (
            dict(change.clusters),
            {k: dict(v) for k, v in change.notes.items()},
        )


def test_undoing_at_once_leaves_nothing():
    change = run(small_state(), [next_command()])[0]
    assert not squash(change, reverse(change))


def next_command():
    from shoal.review.commands import SplitCluster

    return SplitCluster(np.array([0, 3, 5]), "liz")


@pytest.mark.parametrize(
    "data", [{"cells": {"code": [["x"]]}}, {"clusters": {"added": [{"id": "c1"}]}}, {"notes": 3}]
)
def test_damaged_json_is_an_error(data):
    with pytest.raises(DamagedError):
        Change.from_json(data)


def test_cells_need_equal_lengths():
    with pytest.raises(ValueError, match="as many old and new values"):
        CellChange(np.array([1]), np.array([0, 1], np.int32), np.array([1], np.int32))
