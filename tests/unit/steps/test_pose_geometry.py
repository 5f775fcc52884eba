"""A body that is turned says so, wherever it stands and however large it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.steps.pose_geometry import normalised, view_of, view_of_yaw, yaw_of
from tests.unit.steps.bodies import body


@pytest.mark.parametrize(
    ("yaw", "view"),
    [(0, "front"), (15, "front"), (-45, "three-quarter"), (50, "three-quarter"), (90, "profile"),
     (-90, "profile"), (150, "back"), (180, "back"), (-150, "back")],
)  # fmt: skip
def test_views(yaw: float, view: str) -> None:
    assert view_of(body(yaw)) == view


@given(st.floats(0, 180), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_the_turn_is_found_within_limits(yaw: float, seed: int) -> None:
    assert abs(yaw_of(body(yaw, seed=seed)) - yaw) < 32


def test_names_of_turns() -> None:
    assert [view_of_yaw(y) for y in (0, -29, 31, 64, 66, 114, 116, 180, 359)] == [
        "front", "front", "three-quarter", "three-quarter", "profile", "profile", "back", "back", "front",
    ]  # fmt: skip
    assert view_of_yaw(float("nan")) == ""


def test_what_is_not_seen_says_nothing() -> None:
    hidden = body(0)
    hidden[11, 2] = 0.1
    assert np.isnan(yaw_of(hidden)) and view_of(hidden) == ""
    assert np.isnan(yaw_of(np.full((17, 3), np.nan, np.float32)))


@given(st.floats(5, 200), st.floats(-500, 500), st.floats(-500, 500))
@settings(deadline=None, max_examples=40)
def test_place_and_size_do_not_matter(size: float, x: float, y: float) -> None:
    a, b = normalised(body(30)), normalised(body(30, place=(x, y), size=size))
    assert np.allclose(a, b, atol=2e-2, equal_nan=True)
    half = body(30)
    half[11:, 2] = 0.0
    shape = normalised(half)
    assert np.isnan(shape[11:]).all() and np.nanmax(np.abs(shape)) < 2
