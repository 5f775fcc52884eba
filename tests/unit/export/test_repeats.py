"""Repeats even out groups, within a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.errors import BadInputError
from shoal.export.repeats import repeats_of
from shoal.export.samples import Sample

SAMPLES = [
    Sample(str(i), Path(str(i)), str(i), g, g, g, "") for i, g in enumerate("a" * 60 + "b" * 20 + "c" * 1)
]


def test_small_groups_are_shown_as_often_as_large_ones() -> None:
    assert repeats_of(SAMPLES, repeats=2, balanced=True, most=20) == {"a": 2, "b": 6, "c": 20}
    assert repeats_of(SAMPLES, repeats=3, balanced=False, most=20) == {"a": 3, "b": 3, "c": 3}
    with pytest.raises(BadInputError):
        repeats_of(SAMPLES, repeats=0, balanced=True, most=20)
