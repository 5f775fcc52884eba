"""A title in a row and in sentences."""

from __future__ import annotations

from pathlib import Path

from shoal.night.run import TitleResult
from shoal.night.summary import COLUMNS, details, grouping, stage_seconds, summary_row
from tests.unit.night.test_report import STAGES


def test_a_row_has_a_cell_for_each_column() -> None:
    row = summary_row(TitleResult("a", Path("a"), True, "", STAGES))
    assert dict(zip(COLUMNS, row, strict=True)) == {
        "title": "a", "": "done", "frames": "40", "pictures": "30", "rejected": "5", "alike": "",
        "clusters": "2", "noise": "5", "training": "20 + 5", "minutes": "2.1",
    }  # fmt: skip
    nothing = summary_row(TitleResult("b", Path("b"), False, "broken"))
    assert nothing == ["b", "failed", "", "", "", "", "", "", "", "0.0"]


def test_the_clusters_are_those_that_were_written() -> None:
    title = TitleResult("a", Path("a"), True, "", STAGES)
    assert grouping(title)["sizes"] == [15, 10]
    assert grouping(TitleResult("a", Path("a"), True, "", {"cluster": STAGES["cluster"]}))["clusters"] == 3
    assert stage_seconds(title)["segment"] == 60.0
    assert "rejected as small: 3" in details(title)
