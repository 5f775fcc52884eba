"""The headless end of ``make demo``: real JupyterLab on the demo's review, a lasso, and pictures of it.

Writes ``screenshot.png`` (light) and ``screenshot-dark.png`` beside ``summary.json``, and adds to it what
was seen there. Edits nothing: the review is left as the demo made it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.e2e import lab as labs
from tests.e2e import server as servers
from tests.e2e.hands import Hands

# Where the clumps of the map lie follows from the data; one of these rounds has something in it.
ROUND = [(0.0, 0.12), (0.12, 0.0), (0.3, 0.03), (0.38, 0.18), (0.33, 0.36), (0.14, 0.4), (0.02, 0.3)]
CORNERS = [(0.5, 0.5), (0.04, 0.5), (0.3, 0.3), (0.55, 0.1), (0.1, 0.1), (0.3, 0.55)]
ENOUGH = 8
COUNT = """
import json
print(json.dumps({
    "items": len(review),
    "clusters": len(review.clusters),
    "noise": len(review.items("noise")),
    "broken": len(review.broken),
    "selected": len(review.selection),
}))
"""


def tour(folder: Path) -> dict[str, Any]:
    """Open ``<folder>/review.ipynb``, look, lasso, and take two pictures; returns what the kernel counted."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as state,
        servers.running(folder.resolve(), Path(state) / "jupyter") as server,
        labs.browser() as chromium,
        labs.lab(chromium, server, width=1600, height=1000) as lab,
    ):
        lab.open("review.ipynb")
        lab.run_all()
        hands = Hands(lab.page).ready()
        ready_s = time.perf_counter() - start
        hands.show_whole()
        for x, y in CORNERS:
            hands.lasso([(x + dx, y + dy) for dx, dy in ROUND])
            lab.page.wait_for_timeout(400)
            if lab.kernel(COUNT)["selected"] >= ENOUGH:
                break
        hands.settled()
        lab.screenshot(folder / "screenshot.png")
        counted = lab.kernel(COUNT)
        lab.theme(dark=True)
        hands.show_whole()
        hands.settled()
        lab.screenshot(folder / "screenshot-dark.png")
        lab.watch.check()
    return {
        **counted,
        "jupyterlab_ready_s": round(ready_s, 2),
        "screenshots": ["screenshot.png", "screenshot-dark.png"],
    }


def main(folder: Path) -> int:
    """Take the tour and write down what was seen; 0 when something was lassoed and nothing went wrong."""
    seen = tour(folder)
    path = folder / "summary.json"
    summary = {**json.loads(path.read_text(encoding="utf-8")), "seen_in_jupyterlab": seen}
    path.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(seen))
    return 0 if seen["selected"] and seen["items"] == summary["counts"]["items_in_review"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
