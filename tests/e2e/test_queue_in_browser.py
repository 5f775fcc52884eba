"""The queue inside the cluster browser, in a real JupyterLab: over the grid, linked with the map, by keys."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import people_folder
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab

STATE = """
import json
print(json.dumps({
    "clusters": {c.name: sorted(review.items(c.name)) for c in review.clusters.itertuples()},
    "edits": len(review.history), "revision": review.revision, "root": str(review.root),
}))
"""


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    root = lab.server.root / request.node.name / "people"
    people_folder.build(root)
    people_folder.notebook(root.parent / "browser.ipynb", root, browser=True)
    yield root
    shutil.rmtree(root.parent)


def keep(lab: Lab, name: str) -> None:
    """A screenshot, when somebody wants to look."""
    where = os.environ.get("SHOAL_KEEP_SCREENSHOTS")
    if where:
        lab.screenshot(Path(where) / f"{name}.png")


def opened(lab: Lab, folder: Path) -> Hands:
    lab.open(f"{folder.parent.name}/browser.ipynb")
    lab.run_all()
    return Hands(lab.page).ready()


def asked(hands: Hands) -> Locator:
    """The queue's pane with a question in it."""
    pane = hands.root.get_by_test_id("queue-pane")
    expect(pane.get_by_test_id("question")).to_be_visible()
    expect(pane).to_have_attribute("data-busy", "false")
    return pane


def test_the_queue_lies_over_the_grid_and_leaves_it_as_it_was(lab: Lab, folder: Path) -> None:
    hands = opened(lab, folder)
    hands.cluster("Noise / Unclassified").click()  # no answer takes it away
    shown = hands.root.get_by_test_id("shown-count").inner_text()
    hands.root.get_by_test_id("queue").click()
    pane = asked(hands)
    expect(pane.locator(".sh-cover img").first).to_be_visible()
    keep(lab, "browser_queue_light")

    # One key answers; the answer is an edit like any other, for the list and the map too.
    first = pane.get_attribute("data-question") or ""
    before = lab.kernel(STATE)
    hands.press("Enter")
    expect(pane).not_to_have_attribute("data-question", first)
    hands.at_revision(before["revision"] + 1)
    after = lab.kernel(STATE)
    assert after["edits"] == before["edits"] + 1 and after["clusters"] != before["clusters"]
    hands.press("ControlOrMeta+z")
    hands.at_revision(before["revision"] + 2)
    assert lab.kernel(STATE)["clusters"] == before["clusters"]

    # Two pictures at a time: an answer is a link, and moves nothing.
    pane.get_by_test_id("mode-pairs").click()
    asked(hands)
    expect(pane.locator(".sh-cover img")).to_have_count(2)
    keep(lab, "browser_queue_pairs")
    hands.focus()
    first = pane.get_attribute("data-question") or ""
    hands.press("n")
    expect(pane).not_to_have_attribute("data-question", first)
    expect(pane.get_by_test_id("queue-said")).to_contain_text("Different: 1 pair")
    linked = lab.kernel(STATE)
    assert linked["edits"] == before["edits"] + 1 and linked["clusters"] == before["clusters"]
    hands.press("ControlOrMeta+z")
    hands.at_revision(before["revision"] + 4)

    # Other modes, and what the keys of the grid would do, are not done underneath.
    pane.get_by_test_id("mode-sort").click()
    asked(hands)
    keep(lab, "browser_queue_sort")
    hands.focus()
    hands.press("m")
    expect(hands.root.get_by_role("dialog")).to_have_count(0)

    hands.press("Escape")
    expect(hands.root.get_by_test_id("queue-pane")).to_have_count(0)
    assert hands.root.get_by_test_id("shown-count").inner_text() == shown

    # Q opens it where it was; whoever chooses a cluster goes back to the grid.
    hands.press("q")
    expect(hands.root.get_by_test_id("queue-pane")).to_have_attribute("data-mode", "sort")
    asked(hands)
    hands.cluster("character_3").click()
    expect(hands.root.get_by_test_id("queue-pane")).to_have_count(0)
    expect(hands.cards().first).to_be_visible()
    hands.root.get_by_test_id("queue").click()
    asked(hands)
    lab.theme(dark=True)
    keep(lab, "browser_queue_dark")
    lab.theme(dark=False)


def test_the_strip_says_how_right_the_review_is_once_the_audit_knows(lab: Lab, folder: Path) -> None:
    hands = opened(lab, folder)
    expect(hands.root.get_by_test_id("how-right")).to_have_count(0)
    hands.focus()
    hands.press("q")
    pane = asked(hands)
    pane.get_by_test_id("mode-audit").click()
    pane = asked(hands)
    hands.focus()
    for _ in range(20):
        before = pane.get_attribute("data-question") or ""
        hands.press("y" if pane.get_by_test_id("audit-here").count() else "1")
        expect(pane).not_to_have_attribute("data-question", before)
        expect(pane).to_have_attribute("data-busy", "false")
    expect(hands.root.get_by_test_id("how-right")).to_contain_text("pairwise precision")
    keep(lab, "browser_audit")
    hands.press("Escape")
    hands.root.get_by_test_id("how-right").click()
    expect(hands.root.get_by_test_id("queue-pane")).to_have_attribute("data-mode", "audit")


def test_the_queue_fits_a_narrow_browser(lab: Lab, folder: Path) -> None:
    lab.page.set_viewport_size({"width": 520, "height": 900})
    hands = opened(lab, folder)
    hands.focus()
    hands.press("q")
    pane = asked(hands)
    box, root = pane.bounding_box(), hands.root.bounding_box()
    assert box and root and box["width"] >= root["width"] - 4
    assert pane.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "nothing sticks out at the side"
    keep(lab, "browser_queue_narrow")
    pane.get_by_test_id("mode-sort").click()
    asked(hands)
    keep(lab, "browser_queue_narrow_sort")
    hands.root.get_by_test_id("queue-close").click()
    expect(hands.root.get_by_test_id("queue-pane")).to_have_count(0)
    hands.press("q")  # the focus is still in the widget
    asked(hands)
