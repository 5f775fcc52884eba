"""The whole widget on its dev page: gestures, typing, menus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.dev_page import MIDDLE, Open, keep, kernel, names, needs_node

pytestmark = needs_node


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_main_gestures(show: Open, theme: str) -> None:
    hands = show(n=500, theme=theme)
    page = hands.page
    keep(hands, f"main-{theme}")

    # Lasso: the grid shows what was caught, and the kernel hears of it.
    hands.lasso(MIDDLE)
    count = int(hands.root.get_by_test_id("selected-count").inner_text().split()[0])
    assert count > 20
    expect(hands.root.get_by_test_id("shown-count")).to_contain_text(f"{count} items from")
    expect(hands.selected_cards().first).to_be_visible()
    page.wait_for_timeout(300)
    assert kernel(hands, "k.selection.length") == count
    keep(hands, f"lasso-{theme}")

    # Drag them to a cluster; a toast offers to take it back.
    source, target = hands.selected_cards().first, hands.root.get_by_test_id("cluster-row").nth(3)
    into = target.get_attribute("data-cluster-id")
    a, b = source.bounding_box(), target.bounding_box()
    assert a and b
    before = kernel(hands, f"k.clusters.get('{into}').size")
    page.mouse.move(a["x"] + 40, a["y"] + 40)
    page.mouse.down()
    page.mouse.move(b["x"] + 60, b["y"] + 20, steps=10)
    expect(target).to_have_class(re.compile("sh-drop"))
    keep(hands, f"drag-{theme}")
    page.mouse.up()
    hands.at_revision(2)
    assert kernel(hands, f"k.clusters.get('{into}').size") > before
    page.get_by_test_id("toast-undo").click()
    hands.at_revision(3)
    assert kernel(hands, f"k.clusters.get('{into}').size") == before

    # Merge two clusters.
    rows = hands.root.get_by_test_id("cluster-row")
    rows.nth(2).click()
    rows.nth(4).click(modifiers=["ControlOrMeta"])
    hands.press("g")
    keep(hands, f"merge-{theme}")
    hands.answer("both of them")
    hands.at_revision(4)
    assert "both of them" in names(hands)

    # Rename, also onto a name that is taken.
    hands.press("F2")
    hands.type_over("renamed")
    hands.press("Enter")
    hands.at_revision(5)
    hands.press("F2")
    hands.type_over("LIZ")
    hands.press("Enter")
    expect(hands.root.get_by_role("dialog", name="Merge into liz?")).to_be_visible()
    hands.press("Escape")
    assert names(hands) >= {"renamed", "liz"}

    # Split off, undo, redo.
    hands.cards().nth(0).click()
    hands.cards().nth(4).click(modifiers=["Shift"])
    expect(hands.selected_cards()).to_have_count(5)
    hands.press("s")
    hands.answer("five")
    hands.at_revision(6)
    hands.press("ControlOrMeta+z")
    hands.at_revision(7)
    assert "five" not in names(hands)
    hands.press("ControlOrMeta+Shift+z")
    hands.at_revision(8)
    assert "five" in names(hands)

    # Save: plan, progress, result.
    hands.press("ControlOrMeta+s")
    expect(hands.root.get_by_test_id("save-confirm")).to_be_focused()
    keep(hands, f"save-{theme}")
    hands.press("Enter")
    expect(hands.root.get_by_test_id("saved-note")).to_be_visible()
    hands.press("Enter")
    expect(hands.root.get_by_test_id("kept")).to_contain_text("all on disk")
    expect(hands.root.get_by_test_id("save")).to_have_attribute("aria-disabled", "true")

    # History: back to the beginning.
    hands.press("h")
    expect(hands.root.get_by_test_id("history-entry")).to_have_count(3)
    keep(hands, f"history-{theme}")
    hands.root.get_by_test_id("history-start").click()
    hands.at_revision(10)
    assert kernel(hands, "k.cursor") == 0
    assert "liz" in names(hands)


def test_move_by_typing(show: Open) -> None:
    hands = show(n=500)
    hands.cards().nth(1).click()
    hands.cards().nth(3).click(modifiers=["ControlOrMeta"])
    hands.press("m")
    hands.page.keyboard.type("garg")
    keep(hands, "move")
    hands.press("Enter")
    hands.at_revision(2)
    assert kernel(hands, "k.steps[0].label") == "Moved 2 to gargoyle"
    # A new name makes a new cluster; the recent target has a digit.
    hands.cards().nth(0).click()
    hands.press("m")
    hands.page.keyboard.type("quite new")
    hands.press("ArrowUp")
    hands.press("Enter")
    hands.at_revision(3)
    assert "quite new" in names(hands)
    hands.cards().nth(0).click()
    hands.press("m")
    hands.press("2")
    hands.at_revision(4)
    assert kernel(hands, "k.steps[2].label") == "Moved 1 to gargoyle"
    # In the grid a digit moves at once; the list shows whose it is.
    hands.cards().nth(0).click()
    recent = hands.root.locator('[data-cluster-id="c4"]')
    expect(recent.locator("kbd")).to_have_text("1")
    hands.press("1")
    hands.at_revision(5)
    assert kernel(hands, "k.steps[3].label") == "Moved 1 to gargoyle"
    # Delete sends to noise; Shift+Delete puts into the trash, which then shows in the list.
    hands.cards().nth(0).click()
    hands.press("Delete")
    hands.at_revision(6)
    hands.cards().nth(0).click()
    hands.press("Shift+Delete")
    hands.at_revision(7)
    hands.root.get_by_test_id("cluster-list").evaluate("(e) => { e.scrollTop = e.scrollHeight }")
    expect(hands.root.locator('[data-cluster-id="trash"]')).to_be_visible()


def test_selection_by_all_means(show: Open) -> None:
    hands = show(n=500)
    page = hands.page
    selected = hands.root.get_by_test_id("selected-count")
    hands.press("Tab")
    hands.focus()
    hands.press("ControlOrMeta+a")
    total = kernel(hands, "k.clusters.get('c0').size")
    expect(selected).to_have_text(f"{total} selected")
    hands.press("Escape")
    expect(selected).to_have_text("0 selected")
    # Rubber band from the gap between two cards, and its check box.
    box = hands.cards().nth(0).bounding_box()
    assert box
    page.mouse.move(box["x"] - 5, box["y"] - 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 2.5 * box["width"], box["y"] + 1.5 * box["height"], steps=5)
    page.mouse.up()
    expect(selected).to_have_text("6 selected")
    hands.cards().nth(0).hover()
    hands.cards().nth(0).locator(".sh-tick").click()
    expect(selected).to_have_text("5 selected")
    # Arrows walk, Shift extends, Space looks, arrows walk on there.
    hands.press("ArrowRight")
    expect(selected).to_have_text("1 selected")
    hands.press("Shift+ArrowDown")
    expect(selected).to_have_text("7 selected")
    hands.press("Space")
    expect(hands.root.get_by_test_id("preview-img")).to_be_visible()
    keep(hands, "preview")
    hands.press("ArrowLeft")
    hands.press("Escape")
    expect(hands.root.get_by_role("dialog")).to_be_hidden()
    expect(selected).to_have_text("1 selected")
    # Two side by side.
    hands.press("Shift+ArrowRight")
    hands.press("c")
    expect(hands.root.get_by_test_id("compare").locator("figure")).to_have_count(2)
    keep(hands, "compare")
    hands.press("Escape")


def test_typing_is_no_shortcut(show: Open) -> None:
    hands = show(n=500)
    hands.cards().nth(0).click()
    hands.press("/")
    hands.page.keyboard.type("mgs character_1")
    expect(hands.root.get_by_role("dialog")).to_be_hidden()
    hands.type_over("liz")
    expect(hands.root.get_by_test_id("cluster-row")).to_have_count(1)
    hands.press("Escape")
    expect(hands.root.get_by_test_id("cluster-count")).to_have_text("18 clusters")
    heard = hands.page.evaluate(
        """() => new Promise((done) => {
          const heard = [];
          document.addEventListener('keydown', (e) => heard.push(e.key));
          setTimeout(() => done(heard), 600);
          const root = document.querySelector('.shoal');
          for (const key of ['d', 'd', 'Enter', 'x', 'a'])
            root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        })"""
    )
    assert heard == [], "no key reaches the notebook"


def test_help_palette_and_menus(show: Open) -> None:
    hands = show(n=500)
    hands.focus()
    hands.press("?")
    keep(hands, "help")
    hands.press("Escape")
    hands.press("ControlOrMeta+k")
    hands.page.keyboard.type("ayumi")
    keep(hands, "palette")
    hands.press("Enter")
    expect(hands.root.get_by_test_id("shown-title")).to_have_text("ayumi")
    hands.root.get_by_test_id("cluster-row").nth(4).click(button="right")
    keep(hands, "menu")
    hands.press("Escape")
    hands.root.get_by_test_id("item-sort").click()
    hands.root.get_by_role("menuitemradio", name="Outliers first").click()
    expect(hands.root.get_by_test_id("item-sort")).to_contain_text("Outliers first")
    hands.root.get_by_test_id("colour-by").click()
    hands.root.get_by_role("menuitemradio", name="Similarity").click()
    keep(hands, "coloured")
