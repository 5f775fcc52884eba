"""The bench runner: rows are whole, replaced by id, and written as JSON and as tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import runner

WHEN = "2026-01-02T03:04:05Z"


def row(name: str, value: float, **more: object) -> runner.Row:
    return runner.checked({"id": name, "value": value, "unit": "s", **more}, made_on="2 cores", when=WHEN)


def test_a_row_gets_every_key() -> None:
    whole = row("save.x", 1.5, bar=2.0, passed=True, p95=1.9)
    assert set(whole) == {*runner.KEYS, "p95", "machine", "when"}
    assert whole["peer"] is None


@pytest.mark.parametrize("bad", [{"id": "x", "value": 1}, {"id": "x", "value": 1, "unit": "s", "valeu": 2}])
def test_a_bad_row_is_refused(bad: runner.Row) -> None:
    with pytest.raises(ValueError, match="row 'x'"):
        runner.checked(bad, made_on="", when=WHEN)


def test_new_rows_replace_old_ones_of_the_same_id() -> None:
    merged = runner.merge([row("b", 1), row("a", 1)], [row("b", 2)])
    assert [(r["id"], r["value"]) for r in merged] == [("a", 1), ("b", 2)]


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    rows = [
        row("demo.total_s", 61.25),
        row("save.x", 3, peer="cp | mv", peer_value=90.0, ratio=30.0, passed=False),
    ]
    runner.write(rows, tmp_path)
    assert json.loads((tmp_path / "results.json").read_text()) == rows
    page = (tmp_path / "README.md").read_text()
    assert "| `demo.total_s` | 61.2 |" in page
    assert "cp \\| mv" in page
    assert "**no**" in page


def test_the_machine_is_described_without_its_name() -> None:
    import platform

    assert platform.node() not in runner.machine()
    assert "cores" in runner.machine()


def test_the_committed_page_is_made_from_the_committed_rows() -> None:
    rows = runner.read(runner.DOCS / "results.json")
    assert rows, "run `make bench`"
    assert (runner.DOCS / "README.md").read_text(encoding="utf-8") == runner.markdown(rows)
