"""A million points in shoal's browser, in plotly's ``FigureWidget`` and in jupyter-scatter, in the same run.

Each is shown by one cell of a fresh page of JupyterLab, from arrays that are in the kernel already. When the
points are there is read off the screen, alike for all: from running the cell until the map shows nine tenths
of the coloured pixels that it shows in the end (frames as the browser composes them). shoal's cell shows the
whole browser, clusters and thumbnails beside the map. Bytes are what web sockets bring, the widget's own code
included.
"""

from __future__ import annotations

import base64
import io
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession

from tests.benchmarks.gauges import Gauges
from tests.e2e import lab as labs
from tests.e2e import server as servers

IDS = ("browser.1m.vs_", "browser.100k.vs_")
RUNS = 3
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SETUP = """
import pathlib, tempfile
import numpy as np
from tests.benchmarks import synthetic
log = pathlib.Path(tempfile.mkdtemp()) / "actions.jsonl"
review = synthetic.review({items}, clusters=300, ordered=True, log=log)
columns, codes = review.session.table.columns, review.session.state.codes
x, y = columns["xy"][:, 0].copy(), columns["xy"][:, 1].copy()
"""
SHOAL = (
    "from shoal.widgets.browser import Browser",
    "Browser(review, pictures=synthetic.Painted(), height=600)",
)
PLOTLY = (
    "import plotly.graph_objects as go",
    """go.FigureWidget(
    go.Scattergl(x=x, y=y, mode="markers", marker=dict(size=2, color=codes, colorscale="Turbo"){more}),
    layout=dict(height=600))""",
)
NAMES = "names = list(review.session.table.paths)"
JSCATTER = (
    "import jscatter, pandas as pd\nframe = pd.DataFrame(dict(x=x, y=y, c=codes.astype(np.float32)))",
    "jscatter.Scatter(data=frame, x='x', y='y', color_by='c', color_map='viridis', height=600).show()",
)
# Shade that is a colour and no grey: text, axes and frames are left out.
SATURATED = 36
LEAST_PIXELS = 400
QUIET_S = 4.0
MOST_S = 100.0


@dataclass
class Film:
    """What the page showed, as the browser composed it."""

    session: CDPSession
    frames: list[tuple[float, bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to write frames down."""
        self.session.on("Page.screencastFrame", self._frame)
        self.session.send(
            "Page.startScreencast", {"format": "jpeg", "quality": 60, "maxWidth": 960, "maxHeight": 600}
        )

    def _frame(self, event: dict[str, Any]) -> None:
        self.frames.append((float(event["metadata"]["timestamp"]), base64.b64decode(event["data"])))
        self.session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def stop(self) -> None:
        """End it."""
        self.session.send("Page.stopScreencast")


def coloured(data: bytes, box: tuple[float, float, float, float]) -> int:
    """Coloured pixels of a frame within a box (shares of its width and height)."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = picture.size
    part = np.asarray(picture)[int(box[1] * h) : int(box[3] * h), int(box[0] * w) : int(box[2] * w)]
    return int((part.max(axis=2).astype(int) - part.min(axis=2) > SATURATED).sum())


def shown(chromium: Chromium, server: servers.Server, notebook: str, where: str) -> tuple[float, float]:
    """Open a notebook, run its cells; ms until the points are there, and bytes that came for it."""
    with labs.lab(chromium, server) as lab:
        gauges = Gauges(lab.page)
        lab.open(notebook)
        lab.command("notebook:run-cell-and-select-next")
        lab.wait_idle(200)
        film = Film(lab.page.context.new_cdp_session(lab.page))
        film.start()
        before, began = gauges.received(), time.time()
        lab.command("notebook:run-cell")
        lab.shows(where, 90)
        quiet = time.time()
        seen = (len(film.frames), 0)
        while time.time() < began + MOST_S and time.time() < quiet + QUIET_S:
            lab.page.wait_for_timeout(500)
            now = (len(film.frames), gauges.received())
            if now != seen:
                seen, quiet = now, time.time()
        bytes_came = gauges.received() - before
        place = lab.page.locator(where).first.bounding_box()
        film.stop()
        assert place is not None
        view = lab.page.viewport_size or {"width": 1440, "height": 900}
    box = (
        max(0.0, place["x"] / view["width"]),
        max(0.0, place["y"] / view["height"]),
        min(1.0, (place["x"] + place["width"]) / view["width"]),
        min(1.0, (place["y"] + place["height"]) / view["height"]),
    )
    counts = [(at, coloured(data, box)) for at, data in film.frames if at >= began]
    last = counts[-1][1] if counts else 0
    if last < LEAST_PIXELS:
        raise RuntimeError(f"{notebook} showed no points in {MOST_S:.0f} s ({last} coloured pixels)")
    first = next(at for at, count in counts if count >= 0.9 * last)
    return 1000 * (first - began), float(bytes_came)


def median_of(measure: Callable[[], tuple[float, float]], runs: int) -> tuple[float, float]:
    """Medians over some runs, after one for what is compiled and cached at first use."""
    measure()
    found = np.array([measure() for _ in range(runs)])
    return float(np.median(found[:, 0])), float(np.median(found[:, 1]))


def row(
    name: str, own: float, peer: str, theirs: float, bar: float | None, unit: str, note: str
) -> dict[str, Any]:
    """One comparison; the ratio says how many times more the peer needs."""
    ratio = theirs / own
    return {
        "id": f"browser.{name}",
        "value": round(own),
        "unit": unit,
        "peer": peer,
        "peer_value": round(theirs),
        "ratio": round(ratio, 2),
        "bar": None if bar is None else f"≥ {bar:g}×",
        "passed": None if bar is None else ratio >= bar,
        "note": note,
    }


def measure(name: str, items: int, runs: int, *, bars: bool) -> list[dict[str, Any]]:
    """All comparisons at one size."""
    root = Path(__file__).resolve().parents[2]
    setup = SETUP.format(items=items)
    plain, named = PLOTLY[1].format(more=""), PLOTLY[1].format(more=", hovertext=names")
    cells = {
        "shoal": (f"{setup}\n{SHOAL[0]}", SHOAL[1]),
        "plotly": (f"{setup}\n{PLOTLY[0]}", plain),
        "plotly_names": (f"{setup}\n{PLOTLY[0]}\n{NAMES}", named),
        "jscatter": (f"{setup}\n{JSCATTER[0]}", JSCATTER[1]),
    }
    with tempfile.TemporaryDirectory() as place:
        notebooks, state = Path(place) / "notebooks", Path(place) / "state"
        notebooks.mkdir()
        for title, parts in cells.items():
            book = new_notebook(cells=[new_code_cell(part) for part in parts], metadata=KERNEL)
            nbformat.write(book, notebooks / f"{title}.ipynb")
        path = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH", "")) if p)
        with (
            servers.running(notebooks, state, environment={"PYTHONPATH": path}) as server,
            labs.browser() as chromium,
        ):
            own = median_of(lambda: shown(chromium, server, "shoal.ipynb", "[data-testid=map]"), runs)
            plotly = median_of(lambda: shown(chromium, server, "plotly.ipynb", ".js-plotly-plot"), runs)
            scatter = median_of(
                lambda: shown(chromium, server, "jscatter.ipynb", ".jp-OutputArea-output canvas"), runs
            )
            named_bytes = shown(chromium, server, "plotly_names.ipynb", ".js-plotly-plot")[1]
    paint = (
        f"{items:,} points, software WebGL, median of {runs}; "
        "from running the cell until nine tenths of the points' pixels are on the screen"
    )
    whole = f"{items:,} points coloured by cluster, file name on hover; all that the web socket brings"
    bare = f"{items:,} points coloured by cluster, the peer without names; all that the web socket brings"
    plotly_name, jscatter_name = "plotly FigureWidget, scattergl", "jupyter-scatter"
    ten, five, half_more = (10.0, 5.0, 1.5) if bars else (None, None, None)
    return [
        row(f"{name}.vs_plotly_bytes", own[1], plotly_name, named_bytes, ten, "bytes", whole),
        row(f"{name}.vs_plotly_bare_bytes", own[1], plotly_name, plotly[1], None, "bytes", bare),
        row(f"{name}.vs_plotly_paint", own[0], plotly_name, plotly[0], five, "ms", paint),
        row(f"{name}.vs_jscatter_paint", own[0], jscatter_name, scatter[0], half_more, "ms", paint),
        row(f"{name}.vs_jscatter_bytes", own[1], jscatter_name, scatter[1], None, "bytes", bare),
    ]


def rows(only: str = "") -> list[dict[str, Any]]:
    """``browser.100k.vs_*`` and ``browser.1m.vs_*``."""
    found = []
    for name, items, runs in (("100k", 100_000, 1), ("1m", 1_000_000, RUNS)):
        prefix = f"browser.{name}.vs_"
        if prefix.startswith(only) or only.startswith(prefix):
            found += measure(name, items, runs, bars=name == "1m")
    return found
