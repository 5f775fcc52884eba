"""The queue in a real JupyterLab: questions answered by keys, sorting, undo, an audit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import people_folder
from tests.e2e.lab import Lab

STATE = """
import json
print(json.dumps({
    "clusters": {c.name: sorted(review.items(c.name)) for c in review.clusters.itertuples()},
    "noise": sorted(review.items("noise")),
    "pins": len(review.session.state.notes["pin"]),
    "edits": len(review.history),
    "revision": review.revision,
}))
"""
MOST_ANSWERS = 25


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    root = lab.server.root / request.node.name / "people"
    people_folder.build(root)
    yield root
    shutil.rmtree(root.parent)


def opened(lab: Lab, folder: Path, mode: str = "review") -> Locator:
    """The widget, with its first question asked and its pictures painted."""
    people_folder.notebook(folder.parent / "queue.ipynb", folder, mode=mode)
    lab.open(f"{folder.parent.name}/queue.ipynb")
    lab.run_all()
    widget = lab.page.get_by_test_id("shoal-queue")
    expect(widget.get_by_test_id("question")).to_be_visible(timeout=60_000)
    expect(widget.locator(".sh-cover img").first).to_be_visible()
    widget.scroll_into_view_if_needed()
    return widget


def pictured(widget: Locator, lab: Lab) -> dict[str, object]:
    """What the present question shows, as the kernel sees it: for a person, a look at the pictures."""
    return lab.kernel(
        """
import json, gc
from shoal.widgets.queue import Queue
widget = next(w for w in gc.get_objects() if isinstance(w, Queue) and w.comm is not None)
queue = widget._host._desk.sorting.queue
q, ids = queue.next(), review.session.table.ids
name = lambda row: ids[row].rpartition("/")[2].partition("_")[0]
most = lambda rows: max(sorted(set(map(name, rows))), key=[name(r) for r in rows].count)
print(json.dumps(None if q is None else {
    "id": q.id, "kind": q.kind, "guesses": list(q.guesses),
    "right": [len({*map(name, c.rows)}) == 1 if q.kind == "group"
              else most(c.rows) == most(c.beside or q.shown) for c in q.claims],
    "digits": [next((i + 1 for i, s in enumerate(q.suggestions[:9]) if most(s.rows) == most(c.rows)), 0)
               for c in q.claims],
    "choice": next((i + 1 for i, s in enumerate(q.suggestions) if most(s.rows) == most(q.shown)), 0),
}))
"""
    )


def settled(widget: Locator, before: str) -> None:
    """The next question is asked."""
    expect(widget).not_to_have_attribute("data-question", before)
    expect(widget).to_have_attribute("data-busy", "false")


def keep(lab: Lab, name: str) -> None:
    """A screenshot, when somebody wants to look."""
    where = os.environ.get("SHOAL_KEEP_SCREENSHOTS")
    if where:
        lab.screenshot(Path(where) / f"{name}.png" if Path(where).is_dir() else Path(f"{name}.png"))


def test_a_person_answers_by_keys_until_everybody_is_one(lab: Lab, folder: Path) -> None:
    widget = opened(lab, folder)
    keep(lab, "queue_review")
    widget.locator("h3").first.click()
    for _ in range(MOST_ANSWERS):
        state = lab.kernel(STATE)
        mixed = [c for c in state["clusters"].values() if len({people_folder.who(i) for i in c}) > 1]
        if len(state["clusters"]) == 4 and not state["noise"] and not mixed:
            break
        seen = pictured(widget, lab)
        assert seen is not None, "nothing is asked, but not everybody is one"
        before = widget.get_attribute("data-question") or ""
        assert before == seen["id"]
        if seen["kind"] == "who":
            lab.page.keyboard.press(str(seen["choice"]) if seen["choice"] else "n")
        else:
            for place, (guess, right) in enumerate(zip(seen["guesses"], seen["right"], strict=True)):
                if guess == right:
                    continue
                claim = widget.get_by_test_id("claim").nth(place)
                digit = seen["digits"][place] if seen["kind"] == "place" else 0
                if digit:  # what is pointed at goes there, by one key
                    claim.hover()
                    lab.page.keyboard.press(str(digit))
                    expect(claim).to_have_attribute("data-mark", "sent")
                else:
                    claim.click()
            lab.page.keyboard.press("Enter")
        settled(widget, before)
        if seen["kind"] in ("place", "group"):
            keep(lab, f"queue_{seen['kind']}")
    state = lab.kernel(STATE)
    assert len(state["clusters"]) == 4 and not state["noise"]
    assert all(len({people_folder.who(i) for i in of}) == 1 for of in state["clusters"].values())

    edits = state["edits"]
    lab.page.keyboard.press("ControlOrMeta+z")
    expect(widget.get_by_test_id("queue-said")).to_contain_text("Undid")
    undone = lab.kernel(STATE)
    assert undone["revision"] == state["revision"] + 1 and undone["edits"] == edits
    assert undone["clusters"] != state["clusters"] or undone["pins"] != state["pins"]


def test_sorting_by_numbers_and_auto_move(lab: Lab, folder: Path) -> None:
    widget = opened(lab, folder, "sort")
    keep(lab, "queue_sort")
    widget.locator("h3").first.click()
    left = len(lab.kernel(STATE)["noise"])
    before = widget.get_attribute("data-question") or ""
    first = widget.get_by_test_id("suggestion").first
    target = (first.locator(".sq-name").inner_text()).strip().split("\n")[0].strip()
    lab.page.keyboard.press("1")
    settled(widget, before)
    state = lab.kernel(STATE)
    assert before in state["clusters"][target] and len(state["noise"]) == left - 1

    second = widget.get_attribute("data-question") or ""
    lab.page.keyboard.press("/")
    lab.page.keyboard.type("somebody new")
    lab.page.keyboard.press("Enter")
    settled(widget, second)
    assert lab.kernel(STATE)["clusters"]["somebody new"] == [second]
    widget.locator("h3").first.click()
    lab.page.keyboard.press("ControlOrMeta+z")
    expect(widget).to_have_attribute("data-question", second)

    # On a page of them a digit sends what is pointed at, as long as nothing is marked.
    widget.get_by_test_id("paged").check()
    expect(widget.locator(".sq-sorting")).to_be_visible()
    page, kept = widget.get_attribute("data-question") or "", lab.kernel(STATE)["noise"]
    widget.get_by_test_id("claim").nth(1).hover()
    lab.page.keyboard.press("2")
    settled(widget, page)
    assert len(lab.kernel(STATE)["noise"]) == len(kept) - 1
    lab.page.keyboard.press("ControlOrMeta+z")
    expect(widget.get_by_test_id("claim")).to_have_count(len(kept))
    widget.get_by_test_id("paged").uncheck()
    expect(widget).to_have_attribute("data-question", second)

    widget.get_by_test_id("auto-move").click()
    expect(widget.get_by_test_id("auto-move-count")).to_contain_text("would move")
    slider = widget.get_by_test_id("auto-move-slider")
    slider.focus()
    lab.page.keyboard.press("Home")
    expect(widget.get_by_test_id("auto-move-count")).to_contain_text(f"{left - 1} items")
    keep(lab, "queue_auto_move")
    widget.get_by_test_id("auto-move-run").click()
    expect(widget.get_by_test_id("queue-done")).to_be_visible()
    state = lab.kernel(STATE)
    assert not state["noise"]
    widget.get_by_test_id("queue-undo").click()
    expect(widget.get_by_test_id("question")).to_be_visible()
    assert len(lab.kernel(STATE)["noise"]) == left - 1


def test_an_audit_and_the_dark_theme(lab: Lab, folder: Path) -> None:
    widget = opened(lab, folder, "audit")
    lab.theme(dark=True)
    expect(widget).to_have_attribute("data-theme", "dark")
    widget.locator("h3").first.click()
    for _ in range(4):
        before = widget.get_attribute("data-question") or ""
        here = widget.get_by_test_id("audit-here").count() > 0
        lab.page.keyboard.press("y" if here else "1")
        settled(widget, before)
    keep(lab, "queue_audit_dark")
    expect(widget.get_by_test_id("queue-notes")).to_contain_text("Look at 16 more items first")
    expect(widget.get_by_test_id("queue-figures")).to_contain_text("4 of 56 looked at")
    lab.theme(dark=False)
