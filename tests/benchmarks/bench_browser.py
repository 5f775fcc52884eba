"""The cluster browser at 100,000 and a million items in a real JupyterLab, in software WebGL.

The widget itself notes when a gesture ends on the screen (``performance.measure``, two frames after the
change). Each row is a median over the runs, with the 95th percentile beside it. Pictures are drawn by the
kernel when asked for, so the numbers include making and moving thumbnails; the edit log is on disk and
synced, as in life.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from tests.benchmarks.gauges import IN_KERNEL, SEEN_MS, Gauges, of_kind
from tests.e2e import lab as labs
from tests.e2e import server as servers
from tests.e2e.hands import Hands

IDS = ("browser.100k.", "browser.1m.")
RUNS = 7
FIRST = 14
"""Merges and undos before those that count."""
EDITS = 15
REST_MS = 250
"""Between the last key of a name and Enter."""
TWIN = 10_000
SETUP = """
import pathlib, tempfile
from tests.benchmarks import synthetic
log = pathlib.Path(tempfile.mkdtemp()) / "actions.jsonl"
widget = synthetic.browser({items}, clusters={clusters}, twins={twins}, log=log)
gauge(widget)
"""
CPU = "processor time, which other programs at work do not lengthen"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LASSOS = [
    [(x, y), (x + 0.3, y), (x + 0.3, y + 0.35), (x, y + 0.35)] for x in (0.15, 0.4, 0.6) for y in (0.15, 0.5)
]


@dataclass(frozen=True)
class Size:
    """One size of review, and what is not felt as waiting at it."""

    name: str
    items: int
    clusters: int
    bars: dict[str, float] = field(default_factory=dict)


SMALL = Size(
    "100k",
    100_000,
    60,
    {
        "first_paint_ms": 1_000,
        "pan_frame_ms": 60,
        "lasso_to_grid_ms": 100,
        "half_selected_frame_ms": 60,
        "merge_kernel_ms": 16,
        "undo_kernel_ms": 16,
        "merge_to_pixels_ms": 100,
        "undo_to_pixels_ms": 100,
        "scroll_frame_ms": 60,
        "merge_kernel_cpu_ms": 16,
        "undo_kernel_cpu_ms": 16,
        "longest_task_ms": 50,
        "longest_task_cpu_ms": 50,
        "delta_bytes": 125_000,
        "notebook_growth_bytes": 100_000,
        "rows_out_of_reach": 0,
    },
)
LARGE = Size(
    "1m",
    1_000_000,
    300,
    {
        **SMALL.bars,
        "first_paint_ms": 3_000,
        "lasso_to_grid_ms": 250,
        "merge_to_pixels_ms": 400,
        "undo_to_pixels_ms": 400,
        "longest_task_ms": 150,
        "longest_task_cpu_ms": 150,
    },
)


def measured(lab: labs.Lab, name: str, count: int) -> float:
    """Wait until the page has ``count`` measures of a name; return the duration of the newest, ms."""
    lab.page.wait_for_function(
        "([n, c]) => performance.getEntriesByName(n, 'measure').length >= c",
        arg=[name, count],
        timeout=60_000,
    )
    return float(lab.page.evaluate("(n) => performance.getEntriesByName(n, 'measure').at(-1).duration", name))


def first_paints(lab: labs.Lab, gauges: Gauges, runs: int) -> tuple[list[float], list[float]]:
    """Run the cell that shows the widget again and again, a new view each time: times, and bytes received."""
    found, came = [], []
    for run in range(runs):
        before = gauges.received()
        lab.command("notebook:run-all-below" if run else "notebook:run-cell")
        found.append(measured(lab, "shoal:first-paint", run + 1))
        lab.wait_idle()
        Hands(lab.page).ready().settled()
        came.append(float(gauges.received() - before))
    return found, came


def pans(hands: Hands, gauges: Gauges, runs: int) -> list[float]:
    """Drag the map about: the times between frames."""
    found: list[float] = []
    box = hands.map().bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hands.root.get_by_test_id("tool-pan").click()
    for run in range(runs):
        hands.page.mouse.move(x, y)
        hands.page.mouse.down()
        with gauges.frames(found):
            hands.page.mouse.move(x + (60 if run % 2 else -60), y + 40, steps=30)
            hands.page.mouse.move(x, y, steps=30)
        hands.page.mouse.up()
    hands.root.get_by_test_id("fit").click()
    hands.root.get_by_test_id("tool-lasso").click()
    hands.page.wait_for_timeout(1_500)
    return found


def lassos(lab: labs.Lab, hands: Hands, runs: int) -> list[float]:
    """Lasso different regions; from the pointer's release until the grid shows what was caught."""
    found = []
    for run in range(runs):
        hands.lasso(LASSOS[run % len(LASSOS)])
        found.append(measured(lab, "shoal:lasso-to-grid", run + 1))
        hands.settled()
    hands.focus()
    hands.press("Escape")
    return found


HALF = [(0.02, 0.02), (0.52, 0.02), (0.52, 0.98), (0.02, 0.98)]


def half_selected(lab: labs.Lab, hands: Hands, gauges: Gauges, runs: int) -> tuple[list[float], list[float]]:
    """Lasso about half of all items, and drag the map while they are selected: ms to the grid, and frames."""
    caught = []
    for run in range(runs):
        hands.lasso(HALF)
        caught.append(measured(lab, "shoal:lasso-to-grid", runs + run + 1))
        hands.settled()
    frames = pans(hands, gauges, runs)
    hands.focus()
    hands.press("Escape")
    return caught, frames


def merges_and_undos(
    lab: labs.Lab, hands: Hands, runs: int, first: int = FIRST
) -> tuple[list[float], list[float]]:
    """Merge the two largest clusters by hand and take it back, each until it is on the screen.

    Returns the times of ``first`` and then ``runs`` merges, and of as many undos: emulated graphics compile
    what draws a frame when it is first drawn, which takes the first dozen.

    Each gesture starts at rest, with the pictures in view and the last key of the name shown: nobody undoes,
    or presses Enter, within the same tenth of a second.
    """
    merged, undone, revision = [], [], 0
    for run in range(first + runs):
        rows = hands.root.get_by_test_id("cluster-row")
        rows.nth(0).click()
        rows.nth(1).click(modifiers=["ControlOrMeta"])
        hands.settled()
        hands.press("g")
        hands.answer(f"merged {run}", pause=REST_MS)
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


SCROLLER = ".sh-scroller"
LAST_CARD = """() => Math.max(...[...document.querySelectorAll('[data-testid="card"]')]
    .map((c) => Number(c.getAttribute('aria-posinset'))))"""


def scrolls(hands: Hands, gauges: Gauges, runs: int) -> tuple[list[float], list[float], int]:
    """Show every cluster, turn the wheel, and pull the bar from top to bottom.

    Returns the times between frames, the times from the last pull until every picture in view is there, and
    how many of the last rows could not be reached.
    """
    clusters = hands.root.get_by_role("listbox", name="Clusters")
    clusters.focus()
    for keys in ("Home", "Shift+End"):
        hands.press(keys)
    hands.settled()
    grid = hands.page.locator(SCROLLER).bounding_box()
    assert grid is not None
    hands.page.mouse.move(grid["x"] + grid["width"] / 2, grid["y"] + grid["height"] / 2)
    frames: list[float] = []
    pictures: list[float] = []
    for _ in range(runs):
        with gauges.frames(frames):
            for _turn in range(20):
                hands.page.mouse.wheel(0, 240)
            hands.page.evaluate(
                """async ([selector, steps]) => {
                  const box = document.querySelector(selector);
                  for (let i = 0; i <= steps; i++) {
                    box.scrollTop = (box.scrollHeight * i) / steps;
                    await new Promise((done) => requestAnimationFrame(done));
                  }
                }""",
                [SCROLLER, 60],
            )
        began = gauges.now()
        hands.pictured()
        pictures.append(gauges.now() - began)
    total = int(hands.root.get_by_test_id("card").first.get_attribute("aria-setsize") or 0)
    assert total == 0 or total > TWIN
    return frames, pictures, total - int(hands.page.evaluate(LAST_CARD))


def saved_size(lab: labs.Lab, notebook: Path) -> int:
    """Bytes of the notebook's file after a save."""
    lab.command("docmanager:save")
    lab.page.wait_for_timeout(1_000)
    return notebook.stat().st_size


def after_first(size: Size, values: list[float]) -> str:
    """What the row does not count: the gestures for which emulated graphics compile."""
    return (
        f"{len(values) - FIRST} values at {size.items:,} items, software WebGL, after {FIRST} while it "
        f"compiles what draws a frame, whose median is {np.median(values[:FIRST]):.0f} ms"
    )


def row(size: Size, name: str, values: list[float], note: str = "") -> dict[str, Any]:
    """Median, 95th percentile and bar of one gesture."""
    median, bar = float(np.median(values)), size.bars.get(name)
    return {
        "id": f"browser.{size.name}.{name}",
        "value": round(median, 1),
        "p95": round(float(np.percentile(values, 95)), 1) if len(values) > 1 else None,
        "unit": "ms" if name.endswith("_ms") else "bytes" if "bytes" in name else "count",
        "bar": bar,
        "passed": None if bar is None else median <= bar,
        "note": note or f"{len(values)} values at {size.items:,} items, software WebGL",
    }


def measure(size: Size, runs: int = RUNS) -> list[dict[str, Any]]:
    """All rows of one size."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as place:
        notebooks, state = Path(place) / "notebooks", Path(place) / "state"
        notebooks.mkdir()
        setup = SETUP.format(items=size.items, clusters=size.clusters, twins=TWIN)
        cells = [new_code_cell(IN_KERNEL + setup), new_code_cell("widget")]
        notebook = notebooks / "bench.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), notebook)
        path = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH", "")) if p)
        with (
            servers.running(notebooks, state, environment={"PYTHONPATH": path}) as server,
            labs.browser() as chromium,
            labs.lab(chromium, server) as lab,
        ):
            gauges = Gauges(lab.page)
            lab.open("bench.ipynb")
            lab.command("notebook:run-cell-and-select-next")
            lab.wait_idle(120)
            small = saved_size(lab, notebook)
            paints, came = first_paints(lab, gauges, runs)
            hands = Hands(lab.page).ready()
            hands.show_whole()
            hands.settled()
            lab.page.wait_for_timeout(2_000)
            loaded = gauges.now()
            with gauges.tasks() as tasks:
                panned = pans(hands, gauges, runs)
                caught = lassos(lab, hands, runs)
                half, half_frames = half_selected(lab, hands, gauges, runs)
                merged, undone = merges_and_undos(lab, hands, EDITS)
                frames, pictures, missed = scrolls(hands, gauges, runs)
            longest = gauges.longest_task(loaded)
            growth = saved_size(lab, notebook) - small
            kernel = lab.kernel("print(json.dumps(gauges))")
            lab.watch.check()
    return [
        row(size, "first_paint_ms", paints),
        row(size, "pan_frame_ms", panned),
        row(size, "lasso_to_grid_ms", caught),
        row(size, "lasso_half_to_grid_ms", half, f"about half of {size.items:,} items at once"),
        row(size, "half_selected_frame_ms", half_frames, "the map dragged while half of all is selected"),
        row(size, "merge_kernel_ms", of_kind(kernel["ms"], "edit")),
        row(size, "undo_kernel_ms", of_kind(kernel["ms"], "undo")),
        row(size, "merge_kernel_cpu_ms", of_kind(kernel["cpu_ms"], "edit"), CPU),
        row(size, "undo_kernel_cpu_ms", of_kind(kernel["cpu_ms"], "undo"), CPU),
        row(size, "merge_to_pixels_ms", merged[FIRST:], after_first(size, merged)),
        row(size, "undo_to_pixels_ms", undone[FIRST:], after_first(size, undone)),
        row(size, "scroll_frame_ms", frames),
        row(size, "scroll_to_pictures_ms", pictures),
        row(size, "rows_out_of_reach", [missed], "rows below what the bar's end shows, all clusters shown"),
        row(
            size,
            "longest_task_ms",
            [longest],
            f"after load; the browser tells of tasks above {SEEN_MS:.0f} ms",
        ),
        row(size, "longest_task_cpu_ms", [max(tasks)], f"the longest of {len(tasks):,} after load; {CPU}"),
        row(size, "bytes_sent", came, "from running the cell until the pictures in view are there"),
        row(size, "delta_bytes", of_kind(kernel["bytes"], "changed"), "the event of a merge or its undo"),
        row(size, "notebook_growth_bytes", [growth], "the notebook's file after all this"),
    ]


def rows(only: str = "") -> list[dict[str, Any]]:
    """``browser.100k.*`` and ``browser.1m.*``."""
    found = []
    for size in (SMALL, LARGE):
        prefix = f"browser.{size.name}."
        if prefix.startswith(only) or (only.startswith(prefix) and ".vs_" not in only):
            found += measure(size)
    return found
