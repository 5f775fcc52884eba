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
        name_of = self.page.get_by_test_id("cluster-name").filter(has_text=re.compile(f"^{re.escape(name)}$"))
        return self.root.get_by_test_id("cluster-row").filter(has=name_of)

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
