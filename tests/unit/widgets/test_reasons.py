"""Reasons become numbers of their first words; no reason is one more."""

from __future__ import annotations

import numpy as np

from shoal.widgets.reasons import Reasons


def test_kinds_are_numbered_and_nothing_is_one_more() -> None:
    told = np.array(["", "small: 30 px, less than 48", "blurred: sharpness 3.0", "small: 12 px", ""])
    reasons = Reasons(told)
    assert reasons.words == ["blurred", "small"]
    assert reasons.codes.tolist() == [2, 1, 0, 1, 2] and reasons.codes.dtype == np.int32


def test_what_a_reason_says_is_shown_as_text() -> None:
    assert Reasons(np.array(["\udcffred: x"])).words[0].encode().endswith(b"red")


def test_nothing_at_all() -> None:
    assert Reasons(np.empty(0, dtype="U1")).words == []
    assert Reasons(np.array(["", ""])).words == []
