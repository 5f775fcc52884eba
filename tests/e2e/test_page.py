"""The stand-alone page in a real browser: opened from the disk, corrected, the corrections carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import shoal
from tests.e2e import hostile, name_tour
from tests.e2e.hands import Hands
from tests.unit.export.reviews import make_review
from tests.unit.review.folders import by_folder

pytestmark = pytest.mark.e2e


@pytest.fixture
def tab(chromium_browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A tab, and everything that it complained of or asked of a network."""
    said: list[str] = []
    page = chromium_browser.new_page(viewport={"width": 1300, "height": 800})
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: None if r.url[:5] in ("file:", "blob:", "data:") else said.append(r.url))
    yield page, said
    page.close()


def test_correct_export_and_apply(tmp_path: Path, tab: tuple[Page, list[str]]) -> None:
    review = make_review(tmp_path)
    review.save()
    path = shoal.write_page(review, tmp_path / "review.html", progress=False)
    review.close()
    page, said = tab
    page.goto(path.as_uri())
    hands = Hands(page).ready()
    expect(hands.cluster("Bunny, the big")).to_be_visible()
    expect(hands.root.get_by_test_id("kept")).to_contain_text("changes live in this page")

    # Rename, merge, undo, merge again, and pictures to noise.
    hands.cluster("character_1").click()
    hands.press("F2")
    hands.type_over("squirrel")
    hands.press("Enter")
    hands.at_revision(2)
    hands.cluster("character_2").click(modifiers=["ControlOrMeta"])
    hands.press("g")
    hands.answer("rodents")
    hands.at_revision(3)
    hands.press("ControlOrMeta+z")
    hands.at_revision(4)
    hands.press("ControlOrMeta+y")
    hands.at_revision(5)
    hands.cluster("Bunny, the big").click()
    hands.cards().first.click()
    hands.press("Delete")
    hands.at_revision(6)

    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("save-dialog")).to_contain_text("has no folder")
    with page.expect_download() as download:
        page.get_by_test_id("save-confirm").click()
    changes = tmp_path / download.value.suggested_filename
    download.value.save_as(changes)
    expect(page.get_by_test_id("saved-note")).to_contain_text("among your downloads")
    assert said == []
    assert len(json.loads(changes.read_text())["actions"]) == 3

    done = shoal.apply_changes(tmp_path / "clustered", changes)
    assert (done.applied, done.conflicts) == (3, ())
    found = by_folder(tmp_path / "clustered")
    assert sorted(found) == ["Bunny, the big", "noise", "rodents"]
    assert len(found["rodents"]) == 18 and len(found["noise"]) == 3 and len(found["Bunny, the big"]) == 17


def test_hostile_names_are_text_here_too(tmp_path: Path, tab: tuple[Page, list[str]]) -> None:
    """Fault row 28: nothing runs, and a picture with a hostile name is still the one that moves."""
    root = hostile.build(tmp_path / "clustered", 60)
    review = shoal.open_review(root)
    path = shoal.write_page(review, tmp_path / "review.html", progress=False)
    largest = review.clusters["name"][0]
    review.close()
    page, said = tab
    page.goto(path.as_uri())
    hands = Hands(page).ready()
    for row in range(min(6, hands.root.get_by_test_id("cluster-row").count())):
        hands.root.get_by_test_id("cluster-row").nth(row).click()
        hands.settled()
        page.evaluate(name_tour.HOVER)
    hands.root.get_by_test_id("cluster-row").first.click()
    hands.cards().first.click()
    hands.press("Delete")
    hands.at_revision(2)
    page.get_by_test_id("save").click()
    with page.expect_download() as download:
        page.get_by_test_id("save-confirm").click()
    assert page.evaluate("() => window.__ran || 0") == 0
    assert said == []
    download.value.save_as(tmp_path / "changes.json")
    done = shoal.apply_changes(root, tmp_path / "changes.json", save=False)
    assert done.applied == 1
    moved = [a["change"]["items"][0] for a in json.loads((tmp_path / "changes.json").read_text())["actions"]]
    assert moved[0]["to"] == "noise" and moved[0]["from"] == largest
