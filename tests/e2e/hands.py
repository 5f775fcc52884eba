"""The cluster browser as a person handles it: what one sees, and what one does with mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

Point = tuple[float, float]


@dataclass
class Hands:
    """One cluster browser on a page."""

    page: Page

    @property
    def root(self) -> Locator:
        """The whole widget."""
        return self.page.get_by_test_id("shoal-browser").first

    def ready(self, timeout_s: float = 60) -> Hands:
        """Wait until codes, map and first thumbnails are painted, and bring the widget into view."""
        expect(self.root).to_have_attribute(
            "data-ready", re.compile(r"^(true|1|)$"), timeout=timeout_s * 1000
        )
        self.root.scroll_into_view_if_needed()
        return self

    def revision(self) -> int:
        """The revision that this view shows."""
        return int(self.root.get_attribute("data-revision") or -1)

    def at_revision(self, revision: int, timeout_s: float = 15) -> None:
        """Wait until the view shows a revision."""
        expect(self.root).to_have_attribute("data-revision", str(revision), timeout=timeout_s * 1000)

    # --- what one sees
    def cluster(self, name: str) -> Locator:
        """A row of the sidebar by its whole name."""
        shown = self.page.locator(".sh-name", has_text=re.compile(f"^{re.escape(name)}$"))
        return self.root.get_by_test_id("cluster-row").filter(has=shown)

    def cards(self) -> Locator:
        """The pictures that are in view."""
        return self.root.get_by_test_id("card")

    def selected_cards(self) -> Locator:
        """Those of them that are selected."""
        return self.root.locator('[data-testid="card"][aria-selected="true"]')

    def map(self) -> Locator:
        """The linked scatter."""
        return self.root.get_by_test_id("map")

    # --- what one does
    def press(self, keys: str) -> None:
        """A key for the widget, which must have the focus for it."""
        self.page.keyboard.press(keys)

    def focus(self) -> None:
        """Give the widget the focus, as a click on its empty part does."""
        self.root.focus()

    def lasso(self, points: Sequence[Point], *, modifier: str | None = None) -> None:
        """Draw a closed line on the map; points are shares of its width and height."""
        box = self.map().bounding_box()
        assert box is not None, "the map is not in view"
        at = [(box["x"] + fx * box["width"], box["y"] + fy * box["height"]) for fx, fy in points]
        mouse = self.page.mouse
        if modifier:
            self.page.keyboard.down(modifier)
        mouse.move(*at[0])
        mouse.down()
        for x, y in [*at[1:], at[0]]:
            mouse.move(x, y, steps=6)
        mouse.up()
        if modifier:
            self.page.keyboard.up(modifier)

    def drag(self, source: Locator, target: Locator) -> None:
        """Drag by real mouse moves: press, leave the source, hover over the target, let go."""
        start, end = source.bounding_box(), target.bounding_box()
        assert start is not None, "nothing to drag"
        assert end is not None, "nowhere to drop"
        mouse = self.page.mouse
        mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
        mouse.down()
        mouse.move(start["x"] + start["width"] / 2 - 12, start["y"] + start["height"] / 2 + 9, steps=3)
        mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
        # A browser tells the target of a drag only on a further move.
        mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + end["height"] / 2 + 1)
        mouse.up()

    def type_over(self, text: str) -> None:
        """Replace what is in the focused field."""
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def answer(self, text: str, *, pause: float = 0) -> None:
        """Give the open dialog a name and confirm it, ``pause`` ms after the last key."""
        dialog = self.root.get_by_role("dialog")
        expect(dialog.get_by_role("textbox")).to_be_focused()
        self.type_over(text)
        if pause:
            self.page.wait_for_timeout(pause)
        self.press("Enter")
        expect(dialog).to_be_hidden()

    def confirm_save(self) -> None:
        """Confirm the plan of a save and wait for its end."""
        dialog = self.root.get_by_role("dialog")
        expect(dialog).to_be_visible()
        dialog.get_by_test_id("save-confirm").click()

    def ground(self) -> tuple[int, int, int]:
        """Colour of the widget's background."""
        text = self.root.evaluate("(node) => getComputedStyle(node).backgroundColor")
        red, green, blue = (int(v) for v in re.findall(r"\d+", text)[:3])
        return red, green, blue

    def show_whole(self) -> None:
        """Scroll the notebook so that the whole widget is in view."""
        self.root.evaluate("(node) => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
        self.page.wait_for_timeout(100)

    def settled(self, timeout_s: float = 20) -> None:
        """Wait until every card in view shows its picture (or why it has none), and a moment longer."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('[data-testid="card"] img')].every((i) => i.complete)""",
            timeout=timeout_s * 1000,
        )
        self.page.wait_for_timeout(300)

    def pictured(self, timeout_s: float = 20) -> None:
        """Wait until every card in view has a picture, or a word why there is none."""
        self.page.wait_for_function(
            """() => { const cards = [...document.querySelectorAll('[data-testid="card"]')];
              return cards.length > 0 && cards.every((c) => c.classList.contains('sh-is-broken')
                || (c.querySelector('img').src && c.querySelector('img').complete)); }""",
            timeout=timeout_s * 1000,
        )
