"""Who is seen when, and the bars that say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Clusters, Items
from shoal.errors import BadInputError
from shoal.figures.timeline import appearances, timeline

TIMES = [0.0, 0.5, 1.0, 6.0, 6.5, 7.0, 7.0]
SHOTS = [0, 0, 0, 0, 0, 1, 1]
LABELS = np.array([1, 1, 0, 1, 1, 1, -1], dtype=np.int32)


@pytest.fixture
def items() -> Items:
    columns = {"time_s": np.array(TIMES), "shot": np.array(SHOTS, np.int32)}
    return Items(Path("x"), [f"{i}.png" for i in range(7)], columns)


def test_stretches_end_with_the_shot_or_a_long_gap(items: Items) -> None:
    clusters = Clusters(LABELS, np.ones(7, np.float32), "made-up")
    found = [
        (e["name"], e["shot"], e["start_s"], e["end_s"], e["sights"]) for e in appearances(items, clusters)
    ]
    assert found == [
        ("character_1", 0, 0.0, 0.5, 2), ("character_1", 0, 6.0, 6.5, 2), ("character_1", 1, 7.0, 7.0, 1),
        ("character_0", 0, 1.0, 1.0, 1),
    ]  # fmt: skip
    assert len(appearances(items, clusters, noise=True)) == 5
    assert len(appearances(items, clusters, gap_s=10.0)) == 3
    assert {e["name"] for e in appearances(items, ["bunny"] * 7)} == {"bunny"}


def test_the_figure_has_a_bar_for_each(items: Items) -> None:
    pytest.importorskip("plotly", reason="the timeline needs the figures extra")
    figure = timeline(items, ["bunny", "bunny", "<b>rodent</b>", "bunny", "bunny", "bunny", "noise"])
    assert [bar.name for bar in figure.data] == ["bunny", "&lt;b&gt;rodent&lt;/b&gt;"]
    assert list(figure.data[0].base) == [0.0, 6.0, 7.0] and list(figure.data[0].x) == [0.5, 0.5, 0.5]
    assert len(timeline(items.take([]), []).data) == 0


def test_what_is_missing_is_named(items: Items) -> None:
    with pytest.raises(BadInputError, match="7 items"):
        appearances(items, ["a"])
    with pytest.raises(BadInputError, match="time_s"):
        appearances(Items(Path("x"), ["a"]), ["a"])
