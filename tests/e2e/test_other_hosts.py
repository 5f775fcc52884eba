"""The same widget in Notebook 7 and in marimo: open, lasso, move, undo, and keys that stay inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import marimo_app, small_folder
from tests.e2e import server as servers
from tests.e2e.hands import Hands
from tests.e2e.lab import Watch

TOP_LEFT = [(0.02, 0.02), (0.35, 0.02), (0.35, 0.4), (0.02, 0.4)]
CELLS = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# To a notebook they mean: delete, cut, paste, insert above and below, to Markdown, to code, undo, run, go.
NOTEBOOK_KEYS = ("d", "d", "x", "v", "a", "b", "m", "y", "z", "j", "k", "Shift+Enter")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_folder.build(tmp_path / "clustered")


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    context = chromium_browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


def kinds(folder: Path) -> list[str]:
    """What the kernel has logged."""
    lines = (folder / ".shoal" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["kind"] for line in lines]


def review(page: Page, folder: Path) -> Hands:
    """Lasso a clump, drag it to another cluster, take it back."""
    hands = Hands(page).ready()
    hands.lasso(TOP_LEFT)
    expect(hands.selected_cards()).to_have_count(small_folder.PER_CLUMP)
    hands.drag(hands.selected_cards().first, hands.cluster("beta"))
    hands.at_revision(1)
    expect(hands.cluster("beta").locator(".sh-num")).to_have_text(str(2 * small_folder.PER_CLUMP))
    hands.focus()
    hands.press("Control+z")
    hands.at_revision(2)
    expect(hands.cluster("beta").locator(".sh-num")).to_have_text(str(small_folder.PER_CLUMP))
    assert kinds(folder) == ["do", "undo"]
    return hands


def press_all(hands: Hands) -> None:
    """Press what a notebook would act on, then redo, so that Ctrl+S has something to save."""
    hands.focus()
    for keys in NOTEBOOK_KEYS:
        hands.press(keys)
    dialog = hands.root.get_by_role("dialog")
    hands.page.wait_for_timeout(300)
    if dialog.count():  # Enter shows the focused picture large
        hands.press("Escape")
    expect(dialog).to_be_hidden()
    hands.focus()
    hands.press("Control+y")
    hands.at_revision(3)
    hands.press("Control+s")
    expect(hands.root.get_by_role("dialog")).to_be_visible()  # our plan; the notebook is not saved


def test_notebook_7(page: Page, folder: Path, tmp_path: Path) -> None:
    source = f"import shoal\nreview = shoal.open_review({str(folder)!r})\nshoal.browse(review, height=600)"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [{**cell, "source": source}], "metadata": CELLS, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "review.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with servers.running(tmp_path, tmp_path / "state", app="notebook") as server:
        watch = Watch(server.url)
        watch.attach(page)
        page.goto(server.classic("review.ipynb"))
        page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.context?.sessionContext?.isReady"
        )
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.wait_for_timeout(500)
        watch.errors.clear()  # what Notebook 7 says of itself on a clean start
        page.keyboard.press("Control+Enter")
        hands = review(page, folder)

        press_all(hands)
        assert page.locator(".jp-Notebook .jp-Cell").count() == 1
        assert page.locator(".jp-MarkdownCell").count() == 0
        saved = json.loads((tmp_path / "review.ipynb").read_text(encoding="utf-8"))
        assert saved["cells"][0]["outputs"] == []
        watch.check()


@pytest.mark.parametrize("mode", ["run", "edit"])
def test_marimo(page: Page, folder: Path, tmp_path: Path, mode: str) -> None:
    notebook = tmp_path / "review.py"
    notebook.write_text(marimo_app.NOTEBOOK.format(folder=str(folder)), encoding="utf-8")
    before = notebook.read_text(encoding="utf-8")
    with marimo_app.running(notebook, tmp_path / "state", mode) as url:
        watch = Watch(url)
        watch.attach(page)
        page.goto(url)
        if mode == "edit":
            page.locator(".cm-content").first.click()
            page.keyboard.press("Control+Enter")
        hands = review(page, folder)

        if mode == "edit":
            press_all(hands)
            assert page.locator(".marimo-cell").count() == 1
            assert notebook.read_text(encoding="utf-8") == before
        watch.check()
