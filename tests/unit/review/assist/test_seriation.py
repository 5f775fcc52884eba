"""Alike pictures side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.review.assist.seriation import side_by_side


@given(st.integers(0, 40), st.integers(1, 5), st.integers(0, 1_000))
def test_it_is_an_order(n, dims, seed):
    points = np.random.default_rng(seed).normal(size=(n, dims)).astype(np.float32)
    assert sorted(side_by_side(points).tolist()) == list(range(n))


@pytest.mark.parametrize("groups", [2, 5, 9])
def test_groups_stand_together(groups):
    rng = np.random.default_rng(groups)
    whose = rng.permutation(np.repeat(np.arange(groups), 6))
    points = 10 * rng.normal(size=(groups, 8))[whose] + rng.normal(size=(len(whose), 8))
    found = whose[side_by_side(points)]
    assert int((np.diff(found) != 0).sum()) == groups - 1


def test_points_on_a_line_stand_in_line():
    places = np.random.default_rng(4).permutation(30).astype(np.float32)
    found = places[side_by_side(places[:, None])]
    assert found.tolist() in (list(range(30)), list(range(29, -1, -1)))


def test_equal_points_are_no_trouble():
    assert sorted(side_by_side(np.ones((12, 3), np.float32)).tolist()) == list(range(12))
