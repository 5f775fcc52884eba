"""The page holds its pictures, runs nothing, and says how to open what was made."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image

from shoal.night.page import page
from shoal.night.run import TitleResult
from tests.unit.night.test_report import NASTY, STAGES

PLAN = {"titles": {"a": 1, "b": 2, "c": 3}, "preset": "3d", "seed": 7}


class Tags(HTMLParser):
    """Opened and closed tags, and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def make(root: Path) -> str:
    for folder in ("clustered", "figures"):
        (root / "titles" / "a" / folder).mkdir(parents=True)
    for name in ("clusters.jpg", "shots.jpg", "map.png"):
        Image.new("RGB", (4, 4)).save(root / "titles" / "a" / "figures" / name)
    for name in ("sizes.svg", "timeline.svg"):
        (root / "titles" / "a" / "figures" / name).write_text(
            '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
        )
    good = TitleResult(NASTY, root / "titles" / "a", True, "", STAGES)
    return page(root, PLAN, [good, TitleResult("b", root / "titles" / "b", False, f"broken {NASTY}")])


def test_it_is_whole_and_has_everything_inside(tmp_path: Path) -> None:
    root = tmp_path / "runs" / "20260101T000000Z"
    text = make(root)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    images = [attrs for tag, attrs in tags.seen if tag == "img"]
    assert len(images) == 3 and all((i["src"] or "").startswith("data:image/") for i in images)
    assert sum(tag == "svg" for tag, _ in tags.seen) == 2
    assert not any(
        tag == "script" or any(name.startswith("on") for name in attrs) for tag, attrs in tags.seen
    )
    assert not re.search(r'(src|href)="(?!data:|#)', text), "nothing is asked of anybody"


def test_it_says_what_happened_and_what_to_do_next(tmp_path: Path) -> None:
    root = tmp_path / "runs" / "20260101T000000Z"
    text = make(root)
    assert "1 of 3 titles done; 1 still to come; preset <code>3d</code>, seed 7." in text
    assert "shoal review 20260101T000000Z/titles/a/clustered" in text
    assert "segment 60.0 s" in text and "rejected as small: 3" in text
    assert text.count('class="failed"') == 2 and "alert(1)</script>" not in text
