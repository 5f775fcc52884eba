"""Pictures of the browser for the documents: ``SHOAL_GALLERY=1 python -m pytest tests/e2e/test_gallery.py``.

Without the variable the same pictures are taken and checked, but kept beside the other artifacts.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.conventions.sources import ROOT
from tests.e2e.dev_page import GALLERY, MIDDLE
from tests.e2e.hands import Hands

PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"
LARGEST = 180_000
MIXED = "c4"


@dataclass(frozen=True)
class Shot:
    """One picture: its words, how the page is opened, and what is done before it is taken."""

    words: str
    act: Callable[[Hands], None]
    page: dict[str, object] = field(default_factory=dict[str, object])


def _mixed(hands: Hands) -> None:
    hands.page.evaluate("(id) => window.shoal.store.shown.show([id])", MIXED)
    expect(hands.cards().first).to_be_visible()
    hands.page.wait_for_timeout(300)


def _main(hands: Hands) -> None:
    _mixed(hands)
    expect(hands.root.locator(".sh-flagged").first).to_be_visible()


def _lasso(hands: Hands) -> None:
    hands.lasso(MIDDLE)
    expect(hands.selected_cards().first).to_be_visible()


def _drag(hands: Hands) -> None:
    _lasso(hands)
    box = hands.selected_cards().first.bounding_box()
    target = hands.root.get_by_test_id("cluster-row").nth(3).bounding_box()
    assert box
    assert target
    mouse = hands.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 40)
    mouse.down()
    mouse.move(target["x"] + 60, target["y"] + 20, steps=8)


def _propose(hands: Hands) -> None:
    _mixed(hands)
    hands.focus()
    hands.press("Shift+S")
    expect(hands.root.get_by_test_id("split-part")).to_have_count(2)


def _harvest(hands: Hands) -> None:
    hands.focus()
    hands.press("n")
    expect(hands.root.get_by_test_id("harvest-group").first).to_be_visible()
    hands.page.wait_for_timeout(500)


def _preview(hands: Hands) -> None:
    _mixed(hands)
    hands.cards().nth(3).dblclick()
    expect(hands.root.get_by_test_id("film")).to_be_visible()


def _compare(hands: Hands) -> None:
    _mixed(hands)
    for place in (0, 3, 7):
        hands.cards().nth(place).click(modifiers=["ControlOrMeta"])
    hands.press("c")
    expect(hands.root.get_by_test_id("compare").locator("img").nth(2)).to_be_visible()


def _history(hands: Hands) -> None:
    for place in (1, 2, 3):
        hands.cards().nth(place).click()
        hands.press("Delete")
        hands.at_revision(place + 1)
    hands.press("h")
    hands.root.get_by_test_id("checkpoint-name").fill("before lunch")
    hands.press("Enter")
    expect(hands.root.get_by_text("before lunch", exact=True)).to_be_visible()


def _save(hands: Hands) -> None:
    _lasso(hands)
    hands.press("Delete")
    hands.at_revision(2)
    hands.press("ControlOrMeta+s")
    expect(hands.root.get_by_test_id("save-confirm")).to_be_visible()


def _palette(hands: Hands) -> None:
    hands.focus()
    hands.press("ControlOrMeta+k")
    hands.page.keyboard.type("sp")


def _narrow(hands: Hands) -> None:
    hands.lasso([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)])
    expect(hands.selected_cards().first).to_be_visible()


def _many(hands: Hands) -> None:
    hands.page.evaluate(
        "() => { const s = window.shoal.store; s.shown.show([...s.kernel.clusters.keys()].slice(0, 3)) }"
    )
    hands.page.wait_for_timeout(800)


SHOTS: dict[str, Shot] = {
    "main-light": Shot("Clusters, their pictures and the map. What fits least is marked.", _main),
    "main-dark": Shot("The same in the dark theme, with a lasso drawn.", _lasso, {"theme": "dark"}),
    "drag-light": Shot("Whatever is selected is dragged where it belongs.", _drag),
    "propose-light": Shot("How a mixed cluster comes apart: take all parts, some, or none.", _propose),
    "harvest-dark": Shot("Noise brought home, cluster by cluster.", _harvest, {"theme": "dark"}),
    "preview-light": Shot("One picture, its place in the film, and what is known of it.", _preview),
    "compare-dark": Shot("Up to four side by side, zoomed and moved together.", _compare, {"theme": "dark"}),
    "history-light": Shot("Every edit can be gone back to; a point can be named.", _history),
    "save-dark": Shot("A save says what it will do before it does it.", _save, {"theme": "dark"}),
    "palette-light": Shot("All commands, and all clusters, by typing.", _palette),
    "narrow-light": Shot("In a narrow column.", _narrow, {"width": 420, "height": 820}),
    "many-light": Shot("A hundred thousand items.", _many, {"n": 100_000}),
}


def take(hands: Hands, name: str) -> Path:
    """Take the picture, as a JPEG that is small enough to be committed."""
    hands.page.wait_for_timeout(350)
    picture = Image.open(io.BytesIO(hands.page.screenshot())).convert("RGB")
    folder = IMAGES if os.environ.get("SHOAL_GALLERY") else GALLERY
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jpg"
    picture.save(path, "JPEG", quality=82, optimize=True, progressive=True)
    return path


def page() -> str:
    """The text of the gallery's page."""
    parts = [
        "# Gallery",
        "",
        "Taken by the browser tests on generated pictures; made anew by",
        "`SHOAL_GALLERY=1 python -m pytest tests/e2e/test_gallery.py`.",
        "",
    ]
    for name, shot in SHOTS.items():
        parts += [f"**{shot.words}**", "", f"![{shot.words}](images/gallery/{name}.jpg)", ""]
    return "\n".join(parts)
