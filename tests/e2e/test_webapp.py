"""``shoal review FOLDER``: the review as a web app, worked in like the one in JupyterLab."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import shoal
from tests.e2e import small_folder
from tests.e2e.hands import Hands
from tests.e2e.lab import Watch
from tests.unit.review.folders import by_folder

pytestmark = pytest.mark.e2e
TOP_LEFT = [(0.02, 0.02), (0.35, 0.02), (0.35, 0.4), (0.02, 0.4)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address that the command says."""
    pytest.importorskip("voila", reason="Voilà is not installed")
    folder = tmp_path / "clustered"
    small_folder.build(folder)
    command = [sys.executable, "-m", "shoal.cli", "review", str(folder), "--no-browser"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)
        address = None
        for _ in range(900):
            address = re.search(r"The review is at (\S+)", (tmp_path / "log").read_text())
            if address or server.poll() is not None:
                break
            time.sleep(0.1)
        try:
            assert address, (tmp_path / "log").read_text()
            yield folder, address.group(1)
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0


def names(folder: Path) -> dict[str, int]:
    """Clusters and sizes as another session on the folder sees them."""
    review = shoal.open_review(folder)
    sizes = {row.name: row.size for row in review.clusters.itertuples()}
    review.close()
    return sizes


def test_the_main_job(app: tuple[Path, str], chromium_browser: Browser) -> None:
    folder, address = app
    base = address.partition("?")[0]
    page = chromium_browser.new_page(viewport={"width": 1300, "height": 800})
    watch = Watch(base)
    watch.attach(page)
    page.goto(address)
    hands = Hands(page).ready()
    box = hands.root.bounding_box()
    assert box and box["width"] > 1290 and box["height"] > 790, "as large as the window"

    hands.lasso(TOP_LEFT)
    expect(hands.selected_cards()).to_have_count(small_folder.PER_CLUMP)
    hands.drag(hands.selected_cards().first, hands.cluster("beta"))
    hands.at_revision(1)
    assert names(folder)["alpha"] == small_folder.PER_CLUMP
    hands.cluster("gamma").click()
    hands.cluster("delta").click(modifiers=["ControlOrMeta"])
    hands.press("g")
    hands.answer("trio")
    hands.at_revision(2)
    hands.press("ControlOrMeta+z")
    hands.at_revision(3)
    assert "gamma" in names(folder)
    hands.press("ControlOrMeta+y")
    hands.at_revision(4)
    hands.press("ControlOrMeta+s")
    hands.confirm_save()
    expect(page.get_by_test_id("saved-note")).to_be_visible(timeout=20_000)
    found = by_folder(folder)
    assert "trio" in found and "gamma" not in found

    # A reload is another view of the same review.
    page.reload()
    expect(Hands(page).ready().cluster("trio")).to_be_visible()
    # On leaving, Voilà's page asks for the end of its kernel without the token; idle kernels are culled.
    watch.errors = [error for error in watch.errors if "/voila/api/shutdown/" not in error]
    watch.check()
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
