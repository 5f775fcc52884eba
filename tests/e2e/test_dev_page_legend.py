"""The legend below the map filters: a range of values, or only what the grid shows."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.dev_page import Open, keep, kernel, needs_node

pytestmark = needs_node


def test_a_range_of_values_is_shown_and_selected(show: Open) -> None:
    hands = show(n=500)
    page = hands.page
    hands.root.get_by_test_id("colour-by").click()
    hands.root.get_by_role("menuitemradio", name="Sharpness").click()
    bars = hands.root.get_by_test_id("legend-bars")
    box = bars.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], y, steps=5)
    page.mouse.up()
    low, high = page.evaluate(
        "() => { const f = window.shoal.store.ui.mapFilter.value; return [f.low, f.high] }"
    )
    keep(hands, "legend-range")
    hands.root.get_by_test_id("legend-take").click()
    wanted = kernel(hands, f"[...k.review.sharpness].filter(v => v >= {low} && v <= {high}).length")
    assert 100 < wanted < 300
    expect(hands.root.get_by_test_id("selected-count")).to_have_text(f"{wanted} selected")
    expect(hands.root.get_by_test_id("shown-count")).to_contain_text(f"{wanted} items from")
    # What is hidden cannot be caught by a lasso.
    hands.press("Escape")
    hands.lasso([(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    expect(hands.root.get_by_test_id("selected-count")).to_have_text(f"{wanted} selected")
    # By keys: the lower end moves on, Escape shows everything.
    bars.focus()
    hands.press("ArrowRight")
    assert page.evaluate("() => window.shoal.store.ui.mapFilter.value.low") > low
    hands.press("Escape")
    assert page.evaluate("() => window.shoal.store.ui.mapFilter.value") is None


def test_only_what_the_grid_shows(show: Open) -> None:
    hands = show(n=500)
    hands.root.get_by_test_id("cluster-row").nth(1).click()
    count = int(hands.root.get_by_test_id("shown-count").inner_text().split()[0])
    hands.root.get_by_test_id("legend-shown").click()
    keep(hands, "legend-shown")
    hands.lasso([(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    expect(hands.root.get_by_test_id("selected-count")).to_have_text(f"{count} selected")
    # A cluster under the pointer stands out while it rests there.
    row = hands.root.get_by_test_id("cluster-row").nth(3)
    row.hover()
    hands.page.wait_for_timeout(300)
    pointed = hands.page.evaluate("() => window.shoal.store.ui.pointed.value")
    assert pointed == row.get_attribute("data-cluster-id")
    hands.map().hover()
    assert hands.page.evaluate("() => window.shoal.store.ui.pointed.value") is None
