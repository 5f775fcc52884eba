"""The gallery: each of its pictures can be taken, and the page shows them all."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from tests.e2e import gallery
from tests.e2e.dev_page import Open, needs_node


@needs_node
@pytest.mark.parametrize("name", list(gallery.SHOTS))
def test_the_picture_can_be_taken(show: Open, name: str) -> None:
    shot = gallery.SHOTS[name]
    hands = show(**{"n": 500, **shot.page})
    shot.act(hands)
    path = gallery.take(hands, name)
    assert path.stat().st_size < gallery.LARGEST
    with Image.open(path) as picture:
        colours = picture.resize((64, 64)).getcolors(4096)
    assert colours is not None
    assert len(colours) > 100, "an empty page has few colours"
    if os.environ.get("SHOAL_GALLERY"):
        gallery.PAGE.write_text(gallery.page(), encoding="utf-8")


def test_the_page_shows_every_picture_and_no_other() -> None:
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page()
    assert {path.stem for path in gallery.IMAGES.glob("*.jpg")} == set(gallery.SHOTS)
