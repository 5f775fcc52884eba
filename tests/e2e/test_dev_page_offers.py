"""What the tool offers on the dev page: the parts of a cluster, and noise brought home."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.dev_page import Open, keep, kernel, names, needs_node
from tests.e2e.hands import Hands

pytestmark = needs_node

MIXED = "c4"


def show_mixed(hands: Hands) -> int:
    hands.page.evaluate("(id) => window.shoal.store.shown.show([id])", MIXED)
    expect(hands.cards().first).to_be_visible()
    return int(kernel(hands, f"k.clusters.get('{MIXED}').size"))


def sizes(hands: Hands) -> list[int]:
    return [
        int(text.split()[0])
        for text in hands.root.get_by_test_id("split-part").locator("header b").all_inner_texts()
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_mixed_cluster_is_split_as_proposed(show: Open, theme: str) -> None:
    hands = show(n=500, theme=theme)
    before = show_mixed(hands)
    hands.root.get_by_test_id("propose").click()
    parts = hands.root.get_by_test_id("split-part")
    expect(parts).to_have_count(2)
    keep(hands, f"propose-{theme}")
    first = sizes(hands)
    assert sum(first) == before
    assert first == sorted(first, reverse=True)
    # Finer by the slider, coarser again by the keyboard; the parts always hold everything.
    slider = hands.root.get_by_test_id("split-parts")
    slider.focus()
    hands.press("ArrowRight")
    expect(parts).to_have_count(3)
    assert sum(sizes(hands)) == before
    hands.press("ArrowLeft")
    expect(parts).to_have_count(2)
    # The smaller part is taken, under a name of its own; Enter does it; one undo takes it back.
    hands.root.get_by_test_id("part-name").fill("hare")
    hands.press("Enter")
    hands.at_revision(2)
    assert "hare" in names(hands)
    assert kernel(hands, f"k.clusters.get('{MIXED}').size") == first[0]
    expect(hands.page.get_by_test_id("toast")).to_contain_text("Split")
    hands.page.get_by_test_id("toast-undo").click()
    hands.at_revision(3)
    assert kernel(hands, f"k.clusters.get('{MIXED}').size") == before


def test_parts_are_chosen_by_keys_and_joined_to_what_they_are_like(show: Open) -> None:
    hands = show(n=500)
    before = show_mixed(hands)
    hands.focus()
    hands.press("Shift+S")
    accept = hands.root.get_by_test_id("split-accept")
    expect(accept).to_contain_text("1 part")
    hands.press("2")
    expect(accept).to_have_attribute("aria-disabled", "true")
    hands.press("1")
    hands.press("2")
    expect(accept).to_contain_text("2 parts")
    hands.root.get_by_test_id("split-none").click()
    hands.root.get_by_test_id("part-join").nth(1).click()
    expect(hands.root.get_by_test_id("split-part").nth(1)).to_contain_text("goes to liz")
    into = int(kernel(hands, "k.clusters.get('c0').size"))
    small = sizes(hands)[1]
    accept.click()
    hands.at_revision(2)
    assert kernel(hands, "k.clusters.get('c0').size") == into + small
    assert kernel(hands, f"k.clusters.get('{MIXED}').size") == before - small


def test_a_name_that_is_taken_is_said_and_nothing_is_lost(show: Open) -> None:
    hands = show(n=500)
    show_mixed(hands)
    hands.focus()
    hands.press("Shift+S")
    hands.root.get_by_test_id("part-name").fill("liz")
    hands.press("Enter")
    dialog = hands.root.get_by_test_id("propose-dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("taken")
    expect(dialog).to_be_visible()
    hands.press("Escape")
    expect(dialog).to_be_hidden()
    assert hands.revision() == 1
    assert kernel(hands, "window.shoal.transport.log.filter(p => p.kind === 'get_split').length") == 1


def test_a_part_can_be_looked_at_in_the_grid(show: Open) -> None:
    hands = show(n=500)
    show_mixed(hands)
    hands.focus()
    hands.press("Shift+S")
    expect(hands.root.get_by_test_id("split-part")).to_have_count(2)
    small = sizes(hands)[1]
    hands.root.get_by_test_id("split-part").nth(1).get_by_role("button", name="Show").click()
    expect(hands.root.get_by_test_id("selected-count")).to_have_text(f"{small} selected")
    expect(hands.root.get_by_test_id("shown-count")).to_contain_text(f"{small} items from 1 cluster")


@pytest.mark.parametrize("width", [1360, 420])
def test_noise_is_brought_home(show: Open, width: int) -> None:
    hands = show(n=500, width=width)
    noise = int(kernel(hands, "k.clusters.get('noise').size"))
    hands.focus()
    hands.press("n")
    groups = hands.root.get_by_test_id("harvest-group")
    expect(groups.first).to_be_visible()
    everything = hands.root.get_by_test_id("harvest-all")
    hands.page.wait_for_timeout(500)
    keep(hands, f"harvest-{width}")
    assert int(everything.inner_text().split()[-1]) < noise
    hands.root.get_by_test_id("harvest-least").fill("0")
    expect(everything).to_have_text(f"Take all {noise}")
    # One picture is left where it is; the rest of its group is taken as one edit.
    take = groups.first.get_by_test_id("harvest-take")
    count = int(take.inner_text().split()[-1])
    groups.first.locator(".sh-pick").first.click()
    expect(take).to_have_text(f"Take {count - 1}")
    take.click()
    hands.at_revision(2)
    assert kernel(hands, "k.clusters.get('noise').size") == noise - count + 1
    # Then all the others, as one edit too.
    rest = int(everything.inner_text().split()[-1])
    everything.click()
    hands.at_revision(3)
    assert kernel(hands, "k.clusters.get('noise').size") == noise - count + 1 - rest
    hands.press("Escape")
    hands.press("ControlOrMeta+z")
    hands.at_revision(4)
    hands.press("ControlOrMeta+z")
    hands.at_revision(5)
    assert kernel(hands, "k.clusters.get('noise').size") == noise


@pytest.mark.parametrize(("theme", "width"), [("light", 1360), ("dark", 1360), ("light", 420)])
def test_clustering_again_is_shown_before_it_is_taken(show: Open, theme: str, width: int) -> None:
    hands = show(n=900, theme=theme, width=width)
    hands.focus()
    hands.press("Shift+R")
    dialog = hands.root.get_by_test_id("recluster-dialog")
    expect(dialog.get_by_test_id("recluster-summary")).to_contain_text("would move")
    moves = dialog.get_by_test_id("recluster-move")
    expect(moves.first).to_be_visible()
    expect(dialog.get_by_test_id("recluster-size").first).to_contain_text("→")
    expect(moves.first.locator(".sh-cover img").first).to_be_visible()
    assert kernel(hands, "k.revision") == 1, "nothing has changed yet"
    assert dialog.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "nothing sticks out at the side"
    keep(hands, f"recluster-{theme}-{width}")
    if width < 1000:
        hands.press("Escape")
        expect(dialog).to_be_hidden()
        assert kernel(hands, "k.revision") == 1
        return

    moves.first.get_by_role("button", name="Show").click()
    expect(dialog).to_be_hidden()
    expect(hands.selected_cards().first).to_be_visible()
    hands.press("Shift+R")
    expect(dialog.get_by_test_id("recluster-accept")).to_be_focused()
    hands.press("Enter")
    hands.at_revision(2)
    hands.root.get_by_test_id("toast-undo").click()
    hands.at_revision(3)
    assert kernel(hands, "k.cursor") == 0
