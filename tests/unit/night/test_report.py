"""The report says what happened, and no name in it is ever more than text."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image

from shoal.night.report import metrics, write_report
from shoal.night.run import TitleResult

STAGES = {
    "extract_frames": {
        "key": "k", "table": True, "seconds": 61.0, "shots": 4, "frames": 40, "stated_s": 9.0, "read_s": 4.5,
    },
    "segment": {"seconds": 60.0, "instances": 30, "rejected": {"small": 3, "blurred": 2}},
    "embed": {"seconds": 1.0, "model": "colour"},
    "cluster": {"seconds": 0.5, "clusters": 3, "noise": 5, "sizes": [15, 6, 4]},
    "join_identities": {"seconds": 0.5, "clusters": 2, "noise": 5, "sizes": [15, 10]},
    "export_dataset": {
        "seconds": 1.0, "train": 20, "validation": 5, "longest_caption": 12, "captions_over": 0,
        "tokens_how": "estimated", "seen": "kohya will see 20 images",
    },
}  # fmt: skip
NASTY = "=cmd|'<script>alert(1)</script>\n|x"


def test_the_three_pages(tmp_path: Path) -> None:
    (tmp_path / "a" / "figures").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a" / "figures" / "map.png")
    titles = [
        TitleResult(NASTY, tmp_path / "a", True, "", STAGES),
        TitleResult("b", tmp_path / "b", False, f"broken {NASTY}"),
    ]
    write_report(tmp_path, {"titles": {"a": 1, "b": 2}, "preset": "3d", "seed": 0}, titles)
    rows = list(csv.reader((tmp_path / "metrics.csv").open()))
    assert rows[0] == ["title", "stage", "measure", "value"]
    assert [f"'{NASTY}", "segment", "rejected: small", "3"] in rows
    assert [f"'{NASTY}", "join_identities", "sizes[1]", "10"] in rows and ["b", "title", "done", "0"] in rows
    assert not any(cell == "k" for row in rows for cell in row)
    text = (tmp_path / "report.md").read_text()
    assert "| done | 40 | 30 | 5 |  | 2 | 5 | 20 + 5 | 2.1 |" in text and "<script" not in text
    assert "lasts 9.0 s, but only 4.5 s can be read" in text and "sizes of the clusters: 15, 10" in text
    assert "- rejected as small: 3" in text and "**Failed**: broken" in text
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page and "data:image/png;base64," in page and "kohya will see 20 images" in page
    assert "- extract_frames 61.0 s, segment 60.0 s" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "metrics.csv", "report.html", "report.md"]


def test_figures_of_a_title_that_never_began() -> None:
    assert list(metrics([TitleResult("x", Path("x"), False)])) == [("x", "title", "done", 0)]
