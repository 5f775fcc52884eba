"""What only the web app has: a page of its own, and a token. The work itself is tested in every host."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e import hosts, small_folder
from tests.e2e.hands import Hands

pytestmark = pytest.mark.e2e
TOP_LEFT = [(0.02, 0.02), (0.35, 0.02), (0.35, 0.4), (0.02, 0.4)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address that the command says."""
    pytest.importorskip("voila", reason="Voilà is not installed")
    folder = small_folder.build(tmp_path / "clustered")
    with hosts.served(folder, tmp_path / "log") as address:
        yield folder, address


def test_the_browser_is_as_large_as_the_window(app: tuple[Path, str], chromium_browser: Browser) -> None:
    page = chromium_browser.new_page(viewport={"width": 1300, "height": 800})
    page.goto(app[1])
    box = Hands(page).ready().root.bounding_box()
    assert box and box["width"] > 1290 and box["height"] > 790
    page.close()


def test_nothing_is_answered_without_the_token(app: tuple[Path, str]) -> None:
    base = app[1].partition("?")[0]
    with urllib.request.urlopen(base, timeout=20) as answer:
        assert "/login" in answer.url and b"clustered" not in answer.read()
    for path in ("api/kernels", "api/contents", "voila/files/review.ipynb"):
        try:
            with urllib.request.urlopen(base + path, timeout=20) as answer:
                assert "/login" in answer.url, path
        except urllib.error.HTTPError as refused:
            assert refused.code in (403, 404), path
