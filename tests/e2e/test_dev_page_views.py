"""The whole widget on its dev page: widths, errors, names, many items, accessibility, keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.dev_page import WIDGETS, Open, keep, kernel, names, needs_node

pytestmark = needs_node


@pytest.mark.parametrize("width", [900, 420, 320])
def test_it_folds(show: Open, width: int) -> None:
    hands = show(n=500, width=width, height=820 if width < 600 else 700)
    keep(hands, f"width-{width}")
    overflow = hands.root.evaluate("(e) => e.scrollWidth - e.clientWidth")
    assert overflow <= 0
    hands.lasso([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)])
    expect(hands.selected_cards().first).to_be_visible()
    keep(hands, f"width-{width}-lasso")
    hands.press("m")
    expect(hands.root.get_by_test_id("move-dialog")).to_be_visible()
    keep(hands, f"width-{width}-move")


def test_the_map_has_its_share_of_a_4k_screen_until_its_edge_is_dragged(show: Open) -> None:
    hands = show(n=2_000, width=3840, height=2160)
    keep(hands, "width-3840")
    pane, edge = hands.root.locator(".sh-map"), hands.root.get_by_role("separator", name="Width of the map")
    start = pane.bounding_box()
    assert start is not None and start["width"] > 800
    grip = edge.bounding_box()
    assert grip is not None
    mouse = hands.page.mouse
    mouse.move(grip["x"] + 2, grip["y"] + 300)
    mouse.down()
    mouse.move(grip["x"] - 58, grip["y"] + 300, steps=4)
    mouse.up()
    dragged = pane.bounding_box()
    assert dragged is not None and abs(dragged["width"] - start["width"] - 60) <= 2
    edge.dblclick()
    back = pane.bounding_box()
    assert back is not None and abs(back["width"] - start["width"]) <= 1


def test_errors_are_shown(show: Open) -> None:
    hands = show(n=500)
    page = hands.page
    page.evaluate("() => window.shoal.transport.kernel.edit({type: 'create_cluster', name: 'behind'}, [])")
    hands.cards().nth(0).click()
    hands.press("Delete")
    expect(page.get_by_test_id("toast")).to_contain_text("changed meanwhile")
    hands.at_revision(2)
    page.evaluate("() => { window.shoal.transport.status.value = 'lost' }")
    expect(page.get_by_test_id("banner")).to_contain_text("Your edits are on disk; run the cell again.")
    keep(hands, "lost")


def test_names_are_text(show: Open) -> None:
    hands = show(n=500)
    page = hands.page
    evil = "<img src=x onerror=alert(1)><b>bold\n\u202egnp"
    command = {"type": "rename_cluster", "cluster": "c0", "name": evil}
    page.evaluate("(c) => window.shoal.store.actions.edit(c)", command)
    hands.at_revision(2)
    expect(hands.root.get_by_test_id("shown-title")).to_have_text("<img src=x onerror=alert(1)><b>bold⏎�gnp")
    assert page.locator(".shoal b", has_text=re.compile("^bold$")).count() == 0
    assert page.locator('.shoal img[src="x"]').count() == 0


def test_a_hundred_thousand_items_scroll_to_their_end(show: Open) -> None:
    hands = show(n=100_000)
    page: Page = hands.page
    page.evaluate("() => { const s = window.shoal.store; s.shown.show([...s.kernel.clusters.keys()]) }")
    hands.root.locator(".sh-scroller").evaluate("(e) => { e.scrollTop = e.scrollHeight }")
    page.wait_for_timeout(500)
    last = page.evaluate("() => { const s = window.shoal.store.shown; return s.rowAt(s.total.value - 1) }")
    expect(hands.root.locator(f'[data-testid="card"][data-row="{last}"]')).to_be_in_viewport(ratio=0.9)


def test_the_wheel_moves_cards_as_far_as_it_turns(show: Open) -> None:
    hands = show(n=2_000)
    page: Page = hands.page
    page.evaluate("() => { const s = window.shoal.store; s.shown.show([...s.kernel.clusters.keys()]) }")
    scroller = hands.root.locator(".sh-scroller")
    scroller.hover()
    place = (
        "(e) => [...e.querySelectorAll('.sh-card')].map((c) => [c.dataset.row, c.getBoundingClientRect().y])"
    )
    for turn in (1, 2, 3):
        before = dict(scroller.evaluate(place))
        page.mouse.wheel(0, 120)
        page.wait_for_function(
            "(y) => document.querySelector('.sh-scroller').scrollTop === y", arg=120 * turn
        )
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        after = dict(scroller.evaluate(place))
        moved = {round(before[row] - after[row]) for row in before.keys() & after.keys()}
        assert moved == {120}


AXE = """() => axe.run(document.querySelector('.shoal'), { resultTypes: ['violations'] }).then((found) =>
  found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160))]))"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1360), ("dark", 1360), ("light", 420)])
def test_accessibility(show: Open, theme: str, width: int) -> None:
    """axe finds nothing serious, whatever is open."""
    hands = show(n=500, theme=theme, width=width)
    page = hands.page
    page.add_script_tag(path=WIDGETS / "node_modules" / "axe-core" / "axe.min.js")
    assert page.evaluate(AXE) == []
    hands.focus()
    hands.press("ControlOrMeta+a")
    for key in ("m", "s", "?", "h", "ControlOrMeta+k", "Space", "Shift+S", "n", "Delete", "ControlOrMeta+s"):
        hands.press(key)
        page.wait_for_timeout(350)
        assert page.evaluate(AXE) == [], key
        hands.press("Escape")


def test_the_whole_review_by_keyboard(show: Open) -> None:
    """Look, select, move, rename, merge, take back and save without a mouse."""
    hands = show(n=500)
    page = hands.page
    hands.focus()
    hands.press("]")
    expect(hands.root.get_by_test_id("shown-title")).to_have_text("character_11")
    hands.press("ArrowRight")
    hands.press("Shift+ArrowRight")
    hands.press("m")
    page.keyboard.type("liz")
    hands.press("Enter")
    hands.at_revision(2)
    hands.press("F2")
    hands.type_over("hare")
    hands.press("Enter")
    hands.at_revision(3)
    hands.press("r")
    hands.at_revision(4)
    # In the list: Shift-arrow takes the next cluster too, G merges the two.
    hands.root.get_by_role("listbox", name="Clusters").focus()
    hands.press("Shift+ArrowDown")
    hands.press("g")
    hands.answer("hares")
    hands.at_revision(5)
    hands.press("ControlOrMeta+z")
    hands.at_revision(6)
    hands.press("ControlOrMeta+s")
    expect(hands.root.get_by_test_id("save-confirm")).to_be_focused()
    hands.press("Enter")
    expect(hands.root.get_by_test_id("save-close")).to_be_focused()
    hands.press("Enter")
    hands.press("ControlOrMeta+k")
    page.keyboard.type("fold the map")
    hands.press("Enter")
    expect(hands.map()).to_be_hidden()
    hands.root.get_by_test_id("open-map").focus()
    hands.press("Enter")
    expect(hands.map()).to_be_visible()
    assert kernel(hands, "[...k.clusters.values()].filter(c => c.name === 'hare').map(c => c.reviewed)") == [
        True
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1360), ("dark", 1360), ("light", 420)])
def test_the_history_is_played_back(show: Open, theme: str, width: int) -> None:
    hands = show(n=600, theme=theme, width=width)
    page = hands.page
    hands.focus()
    names_then = names(hands)
    page.evaluate("() => window.shoal.store.actions.merge(['c0', 'c1'], 'both of them')")
    hands.at_revision(2)
    page.evaluate("() => window.shoal.store.actions.rename('c2', 'called so')")
    hands.at_revision(3)
    hands.press("h")
    hands.root.get_by_test_id("replay").click()
    pane = hands.root.get_by_test_id("replay-pane")
    expect(pane).to_have_attribute("data-cursor", "0")
    expect(pane.get_by_test_id("replay-cluster").first).to_be_visible()
    hands.press("ArrowRight")
    expect(pane).to_have_attribute("data-cursor", "1")
    expect(pane.get_by_test_id("replay-label")).to_contain_text("Merged")
    expect(pane.get_by_test_id("replay-move").locator(".sh-cover img").first).to_be_visible()
    assert pane.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "nothing sticks out at the side"
    keep(hands, f"replay-{theme}-{width}")
    pane.get_by_test_id("replay-speed-10").click()
    hands.root.focus()
    hands.press("Space")
    expect(pane).to_have_attribute("data-cursor", "2")
    assert kernel(hands, "k.revision") == 3, "a look back changes nothing"

    # Told to, it becomes the state, by one jump.
    hands.press("Home")
    expect(pane).to_have_attribute("data-cursor", "0")
    pane.get_by_test_id("replay-take").click()
    hands.at_revision(4)
    expect(pane).to_have_count(0)
    assert kernel(hands, "k.cursor") == 0
    assert names(hands) == names_then
    # The map shows the present again.
    hands.press("Shift+H")
    expect(pane).to_have_attribute("data-cursor", "0")
    hands.press("Escape")
    expect(pane).to_have_count(0)
