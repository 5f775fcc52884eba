"""Show hostile names wherever a name is shown and count the scripts that run; then the same in plain HTML."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

from tests.e2e import hostile
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SHOW = """
import shoal
review = shoal.open_review({root!r})
from IPython.display import display
display(review.clusters, review.history, review.table().head(40), review)
print(review.broken, review.items()[:40])
review.move(review.items()[:3], "noise")
review.merge(list(review.clusters["id"][:2]), name="joined")
review.delete(review.clusters["id"][2])
print(review.plan().text()[:4000])
"""
CONTROL = """
import ipywidgets
ipywidgets.VBox([ipywidgets.HTML(name) for name in {names!r}])
"""
HOVER = """async () => {
  for (const card of document.querySelectorAll('[data-testid="card"]')) {
    for (const type of ["pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove"])
      card.dispatchEvent(new MouseEvent(type, { bubbles: true }));
    await new Promise((done) => setTimeout(done, 4));
  }
}"""


def _ran(page: Page) -> int:
    return int(page.evaluate("() => window.__ran || 0"))


def _notebook(path: Path, *cells: str) -> None:
    made = new_notebook(cells=[new_code_cell(source) for source in cells], metadata=KERNEL)
    nbformat.write(made, path)


def shown(lab: Lab, root: Path) -> tuple[int, int]:
    """Open the folder in a notebook that also prints and edits it, and take the tour.

    Returns
    -------
    tuple of int
        Scripts that ran, and clusters that were looked at.
    """
    _notebook(lab.server.root / "names.ipynb", SHOW.format(root=str(root)), "shoal.browse(review)")
    lab.open("names.ipynb")
    lab.run_all()
    hands = Hands(lab.page).ready()
    hands.show_whole()
    return tour(hands, int(lab.kernel("print(len(review.clusters) + 1)")))


def tour(hands: Hands, total: int) -> tuple[int, int]:
    """Show every cluster, hover, preview, and open every dialog, in whatever host; results as of `shown`."""
    page, seen = hands.page, 0
    hands.root.get_by_test_id("cluster-row").first.click()
    while seen < total:
        page.wait_for_timeout(60)
        page.evaluate(HOVER)
        if seen % 8 == 0:
            hands.cards().first.click()
            for key in ("Space", "ArrowRight", "Escape", "m", "Escape", "F2", "Escape"):
                hands.press(key)
                page.wait_for_timeout(120)
            hands.root.get_by_test_id("cluster-row").first.focus()
        hands.root.get_by_test_id("cluster-row").nth(min(seen, 7)).click()
        hands.press("ArrowDown")
        seen += 1
    for keys in ("Control+k", "Escape", "h", "Escape", "Control+s", "Escape", "/"):
        hands.press(keys)
        page.wait_for_timeout(400)
    page.keyboard.type("img")
    page.wait_for_timeout(400)
    return _ran(page), seen


def control(lab: Lab, n: int) -> int:
    """The same names in ``ipywidgets.HTML``: how many scripts run there."""
    _notebook(lab.server.root / "control.ipynb", CONTROL.format(names=hostile.names(n)))
    lab.open("control.ipynb")
    lab.run_all()
    lab.page.wait_for_timeout(3_000)
    return _ran(lab.page)
