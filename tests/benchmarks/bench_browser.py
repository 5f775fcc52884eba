"""The cluster browser at 100,000 items in a real JupyterLab, in software WebGL: what a hand waits for.

The widget itself notes when a gesture ends on the screen (``performance.measure``, two frames after the
change). Each row is a median over the runs, with the 95th percentile beside it. Pictures are drawn by the
kernel when asked for, so the numbers include making and moving thumbnails; the edit log is on disk and
synced, as in life.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from tests.e2e import lab as labs
from tests.e2e import server as servers
from tests.e2e.hands import Hands

IDS = ("browser.100k.",)
ITEMS = 100_000
CLUSTERS = 60
RUNS = 7
# What a person does not feel as waiting, and for the first paint what they forgive.
BARS_MS = {
    "first_paint_ms": 2_000,
    "lasso_to_grid_ms": 300,
    "merge_to_pixels_ms": 300,
    "undo_to_pixels_ms": 300,
}
SETUP = """
import pathlib, tempfile
from tests.benchmarks import synthetic
log = pathlib.Path(tempfile.mkdtemp()) / "actions.jsonl"
widget = synthetic.browser({items}, clusters={clusters}, log=log)
review = widget.review
"""
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LASSOS = [
    [(x, y), (x + 0.3, y), (x + 0.3, y + 0.35), (x, y + 0.35)] for x in (0.15, 0.4, 0.6) for y in (0.15, 0.5)
]


def measured(lab: labs.Lab, name: str, count: int) -> float:
    """Wait until the page has ``count`` measures of a name; return the duration of the newest, ms."""
    lab.page.wait_for_function(
        "([n, c]) => performance.getEntriesByName(n, 'measure').length >= c",
        arg=[name, count],
        timeout=60_000,
    )
    return float(lab.page.evaluate("(n) => performance.getEntriesByName(n, 'measure').at(-1).duration", name))


def first_paints(lab: labs.Lab) -> list[float]:
    """Run the cell that shows the widget again and again; a new view each time."""
    found = []
    for run in range(RUNS):
        lab.command("notebook:run-all-below" if run else "notebook:run-cell")
        found.append(measured(lab, "shoal:first-paint", run + 1))
        lab.wait_idle()
        Hands(lab.page).ready()
    return found


def lassos(lab: labs.Lab, hands: Hands) -> list[float]:
    """Lasso different regions; until the grid shows what was caught."""
    found = []
    for run in range(RUNS):
        hands.lasso(LASSOS[run % len(LASSOS)])
        found.append(measured(lab, "shoal:lasso-to-grid", run + 1))
        hands.settled()
    hands.focus()
    hands.press("Escape")
    return found


def merges_and_undos(lab: labs.Lab, hands: Hands) -> tuple[list[float], list[float]]:
    """Merge the two largest clusters by hand and take it back, each until it is on the screen.

    Each gesture starts at rest, with the pictures in view shown: nobody undoes within the same tenth of a
    second.
    """
    merged, undone, revision = [], [], 0
    for run in range(RUNS):
        rows = hands.root.get_by_test_id("cluster-row")
        rows.nth(0).click()
        rows.nth(1).click(modifiers=["ControlOrMeta"])
        hands.settled()
        hands.press("g")
        hands.answer(f"merged {run}")
        merged.append(measured(lab, "shoal:edit-to-pixels", 2 * run + 1))
        revision += 1
        hands.at_revision(revision)
        hands.focus()
        hands.settled()
        hands.press("Control+z")
        undone.append(measured(lab, "shoal:edit-to-pixels", 2 * run + 2))
        revision += 1
        hands.at_revision(revision)
    return merged, undone


def row(name: str, values: list[float]) -> dict[str, Any]:
    """Median, 95th percentile and bar of one gesture."""
    median, bar = float(np.median(values)), BARS_MS[name]
    return {
        "id": f"browser.100k.{name}",
        "value": round(median, 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "unit": "ms",
        "bar": bar,
        "passed": median <= bar,
        "note": f"{len(values)} runs at 100,000 items, software WebGL",
    }


def rows(only: str = "") -> list[dict[str, Any]]:
    """``browser.100k.*``."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as place:
        notebooks, state = Path(place) / "notebooks", Path(place) / "state"
        notebooks.mkdir()
        cells = [new_code_cell(SETUP.format(items=ITEMS, clusters=CLUSTERS)), new_code_cell("widget")]
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), notebooks / "bench.ipynb")
        path = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH", "")) if p)
        with (
            servers.running(notebooks, state, environment={"PYTHONPATH": path}) as server,
            labs.browser() as chromium,
            labs.lab(chromium, server) as lab,
        ):
            lab.open("bench.ipynb")
            lab.command("notebook:run-cell-and-select-next")
            lab.wait_idle(120)
            paints = first_paints(lab)
            hands = Hands(lab.page).ready()
            hands.show_whole()
            caught = lassos(lab, hands)
            merged, undone = merges_and_undos(lab, hands)
            lab.watch.check()
    return [
        row("first_paint_ms", paints),
        row("lasso_to_grid_ms", caught),
        row("merge_to_pixels_ms", merged),
        row("undo_to_pixels_ms", undone),
    ]
