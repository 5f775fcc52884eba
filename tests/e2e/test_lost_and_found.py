"""Several views of one review, a page that is loaded again, a kernel that is gone: what is seen and kept."""

from __future__ import annotations

import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, expect

from tests.e2e import small_folder
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
STATE = """
import json
print(json.dumps({"revision": review.revision, "selection": sorted(review.selection),
    "sizes": {c.name: int(c.size_) for c in review.clusters.rename(columns={"size": "size_"}).itertuples()}}))
"""


@dataclass
class View(Hands):
    """One of several browsers on a page."""

    place: int = 0

    @property
    def root(self) -> Locator:
        return self.page.get_by_test_id("shoal-browser").nth(self.place)

    def sizes(self) -> dict[str, int]:
        """Names and sizes as the list shows them; noise and trash aside."""
        rows = self.root.get_by_test_id("cluster-row")
        names = rows.locator(".sh-name").all_inner_texts()
        sizes = rows.locator(".sh-num").all_inner_texts()
        listed = dict(zip(names, map(int, sizes), strict=True))
        return {name: size for name, size in listed.items() if name not in ("Noise / Unclassified", "Trash")}


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    root = lab.server.root / request.node.name / "clustered"
    small_folder.build(root)
    yield root
    shutil.rmtree(root.parent)


def notebook(folder: Path, *cells: str) -> str:
    """Write a notebook with these cells; returns its path for the server."""
    first = 'import shoal\nreview = shoal.open_review("clustered")'
    made = new_notebook(cells=[new_code_cell(c) for c in (first, *cells)], metadata=KERNEL)
    nbformat.write(made, folder.parent / "views.ipynb")
    return f"{folder.parent.name}/views.ipynb"


def test_all_views_of_a_review_stay_equal(lab: Lab, folder: Path) -> None:
    """Two views of one browser, and another browser of the same review: one state, one selection."""
    # All three in sight: JupyterLab takes cells that are not out of the page.
    lab.page.set_viewport_size({"width": 1440, "height": 1900})
    lab.open(
        notebook(
            folder,
            "browser = shoal.browse(review, height=420)\nbrowser",
            "browser",
            "shoal.browse(review, height=420)",
        )
    )
    lab.run_all()
    views = [View(lab.page, place=k) for k in range(3)]
    for view in views:
        view.ready()

    def equal(revision: int) -> None:
        for view in views:
            view.at_revision(revision)
            assert view.sizes() == lab.kernel(STATE)["sizes"]

    equal(0)
    # An edit in each, and one in a cell: all of them follow.
    views[0].show_whole()
    views[0].cluster("alpha").click()
    views[0].cards().nth(0).click()
    views[0].cards().nth(2).click(modifiers=["Shift"])
    for view in views:
        expect(view.root.get_by_test_id("selected-count")).to_have_text("3 selected")
    assert len(lab.kernel(STATE)["selection"]) == 3
    views[0].press("Delete")
    equal(1)
    views[2].show_whole()
    views[2].cluster("gamma").click()
    views[2].cluster("delta").click(modifiers=["ControlOrMeta"])
    views[2].press("g")
    views[2].answer("both")
    equal(2)
    lab.kernel("review.rename('beta', 'from a cell')")
    equal(3)
    expect(views[1].cluster("from a cell")).to_be_visible()
    # What one did another takes back; then redo at the third.
    views[1].show_whole()
    views[1].focus()
    views[1].press("ControlOrMeta+z")
    equal(4)
    views[2].show_whole()
    views[2].focus()
    views[2].press("ControlOrMeta+Shift+z")
    equal(5)
    lab.watch.check()


def test_a_page_that_is_loaded_again_shows_what_was(lab: Lab, folder: Path) -> None:
    lab.open(notebook(folder, "browser = shoal.browse(review)\nbrowser"))
    lab.run_all()
    hands = View(lab.page).ready()
    hands.cluster("alpha").click()
    hands.cards().nth(0).click()
    hands.press("Delete")
    hands.at_revision(1)
    hands.root.get_by_test_id("fold-map").click()
    expect(hands.map()).to_be_hidden()
    lab.page.wait_for_timeout(800)  # settings are kept in the kernel with a delay
    before = lab.kernel(STATE)
    lab.command("docmanager:save")
    lab.page.wait_for_timeout(500)
    lab.page.reload()
    lab.wait_idle()
    again = View(lab.page).ready()
    again.at_revision(1)
    assert again.sizes() == before["sizes"] == lab.kernel(STATE)["sizes"]
    expect(again.map()).to_be_hidden()
    again.focus()
    again.press("ControlOrMeta+z")
    again.at_revision(2)
    assert lab.kernel(STATE)["sizes"]["alpha"] == 2 * small_folder.PER_CLUMP


def test_a_dead_kernel_is_said_with_what_to_do(lab: Lab, folder: Path) -> None:
    lab.open(notebook(folder, "browser = shoal.browse(review)\nbrowser"))
    lab.run_all()
    hands = View(lab.page).ready()
    hands.cluster("alpha").click()
    hands.cards().nth(0).click()
    hands.press("Delete")
    hands.at_revision(1)
    pid = lab.kernel("import os; print(os.getpid())")
    os.kill(pid, signal.SIGKILL)
    lab.survive_restart()
    hands.show_whole()
    hands.focus()
    hands.press("ControlOrMeta+z")
    banner = hands.root.get_by_test_id("banner")
    expect(banner).to_contain_text("run the cell again", timeout=30_000)
    expect(banner).to_contain_text("Your edits are on disk")
    status = hands.root.get_by_test_id("kernel-status")
    expect(status).to_have_attribute("data-status", re.compile("lost|silent"))
    # Doing so brings everything back, the edit from before included.
    lab.run_all()
    again = View(lab.page).ready()
    again.at_revision(1)
    expect(again.root.get_by_test_id("banner")).to_be_hidden()
    assert lab.kernel(STATE)["sizes"]["alpha"] == 2 * small_folder.PER_CLUMP - 1
    again.focus()
    again.press("ControlOrMeta+z")
    again.at_revision(2)
