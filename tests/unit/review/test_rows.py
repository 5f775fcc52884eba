"""Sets of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import DamagedError
from shoal.review import rows as r

ROWS = st.sets(st.integers(0, 300)).map(lambda s: np.array(sorted(s), np.int64))


@given(ROWS)
def test_text_gives_the_same_rows_back(rows):
    assert r.from_text(r.to_text(rows)).tolist() == rows.tolist()


@given(ROWS, ROWS)
def test_set_operations_agree_with_python_sets(a, b):
    left = r.without(a, b)
    assert left.tolist() == sorted(set(a.tolist()) - set(b.tolist()))
    assert r.merge_sorted(left, b).tolist() == sorted(set(a.tolist()) | set(b.tolist()))


def test_many_scattered_rows_come_back_too():
    rows = np.sort(np.random.default_rng(0).choice(1_000_000, 5_000, replace=False))
    text = r.to_text(rows)
    assert text[0] == "~"
    assert r.from_text(text).tolist() == rows.tolist()


def test_text_is_short_for_runs():
    assert r.to_text(np.arange(5, 2_000, dtype=np.int64)) == "5-1999"
    assert r.to_text(np.array([3, 7, 8])) == "3,7-8"


def test_as_rows_takes_masks_and_sorts():
    assert r.as_rows(np.array([False, True, True])).tolist() == [1, 2]
    assert r.as_rows([5, 1, 5]).tolist() == [1, 5]


@pytest.mark.parametrize("text", ["x", "1-", "4,,5", "1-2-x", "~%%", "~AAA"])
def test_damaged_text_is_an_error_not_a_guess(text):
    with pytest.raises(DamagedError):
        r.from_text(text)
