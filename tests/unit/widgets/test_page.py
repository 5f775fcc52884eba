"""The stand-alone page: one file, everything inside, nothing of a name is ever markup."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoal.errors import BadInputError, ExistsError
from shoal.review.review import Review, open_review
from shoal.widgets import page as pages
from shoal.widgets.page import write_page
from shoal.widgets.view import STATIC
from tests.unit.export.reviews import make_review
from tests.unit.review.folders import make_folder

pytestmark = pytest.mark.skipif(not (STATIC / "page.js").exists(), reason="the widget is not built")


def held(path: Path) -> dict[str, Any]:
    found = re.search(r'id="shoal-data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return json.loads(found.group(1))


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return make_review(tmp_path)


def test_everything_is_in_the_file(review: Review, tmp_path: Path) -> None:
    review.trash(["character_2/f35.png"])
    path = write_page(review, tmp_path / "r.html", progress=False)
    data = held(path)
    assert len(data["ids"]) == len(data["pictures"]) == 37 and data["side"] == 256
    assert {kind for kind, _ in data["pictures"]} == {"image/jpeg", "image/webp"}
    codes = np.frombuffer(
        base64.b64decode(next(c for c in data["columns"] if c["name"] == "codes")["data"]), "<i4"
    )
    sizes = {c["name"]: c["size"] for c in data["clusters"]}
    assert sizes == {
        "Bunny, the big": 18, "character_1": 12, "character_2": 5, "Noise / Unclassified": 2, "Trash": 0,
    }  # fmt: skip
    assert (codes == 0).sum() == 18 and data["sizes"][0] == [96, 64]
    row = data["ids"].index("character_0/f01.png")
    assert data["captions"][str(row)] == "a rabbit\nin the grass"
    assert data["tags"][str(row)] == ["smiling", "view:front"] and data["facts"][row]["Shot"] == "0"


def test_only_some_clusters(review: Review, tmp_path: Path) -> None:
    review.set_cover("character_1", "character_1/f20.png")
    data = held(write_page(review, tmp_path / "r.html", clusters=["character_1"], side=64, progress=False))
    assert [c["size"] for c in data["clusters"]] == [12, 0, 0]
    assert data["clusters"][0]["cover"] == data["ids"].index("character_1/f20.png")


def test_names_are_data_and_only_our_script_runs(tmp_path: Path) -> None:
    root = make_folder(tmp_path / "a")
    (root / "character_0").rename(root / "<img src=x onerror=alert(1)>")
    (root / "character_1").rename(root / os.fsdecode(b"a\xffb"))
    review = open_review(root)
    review.caption(["noise/a_09.png"], "</script><img src=x>")
    path = write_page(review, tmp_path / "r.html", progress=False)
    text = path.read_text(encoding="utf-8")
    assert "<img" not in text.split("shoal-data")[1].split("</script>")[0] and text.count("</script>") == 2
    code = re.search(r'<script type="module">(.*)</script></body>', text, re.DOTALL)
    assert code
    digest = base64.b64encode(hashlib.sha256(code.group(1).encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert (
        policy
        and f"script-src 'sha256-{digest}'" in policy.group(1)
        and "default-src 'none'" in policy.group(1)
    )
    assert list(held(path)["trueNames"].values()) == ["a\udcffb"]


def test_what_cannot_be_shown_says_why(tmp_path: Path) -> None:
    root = make_folder(tmp_path / "a")
    (root / "character_0" / "a_00.png").write_bytes(b"")
    data = held(write_page(open_review(root), tmp_path / "r.html", progress=False))
    assert [p["reason"] for p in data["pictures"] if isinstance(p, dict)] == ["is empty (0 bytes)"]


def test_the_size_is_kept_by_smaller_pictures_or_refused(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_small", lambda task: ("image/jpeg", b"x" * (task[1] * 100), (1, 1)))
    least = len((STATIC / "page.js").read_bytes()) + len((STATIC / "browser.css").read_bytes()) + 25_000
    path = write_page(review, tmp_path / "r.html", max_mb=(least + 38 * 12_500 * 4 / 3) / 1e6, progress=False)
    assert held(path)["side"] == 112
    with pytest.raises(BadInputError, match="38 pictures of 80 px make more than"):
        write_page(review, tmp_path / "q.html", max_mb=(least + 1000) / 1e6, progress=False)
    assert not (tmp_path / "q.html").exists()


def test_it_is_not_replaced_unasked(review: Review, tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("mine")
    with pytest.raises(ExistsError):
        write_page(review, tmp_path / "r.html", progress=False)
    with pytest.raises(BadInputError, match="side=3"):
        write_page(review, tmp_path / "s.html", side=3)
    with pytest.raises(BadInputError, match="no pictures to show"):
        review.create("empty")
        write_page(review, tmp_path / "s.html", clusters=["empty"])
