"""How long the whole road takes on the demo clip, stage by stage, each time from nothing.

The embedding cache is a fresh one for every run, so ``embed`` is measured without its help. Imports count, as
they do for a person who starts a kernel.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

IDS = ("demo.",)
RUNS = 3
BAR_TOTAL_S = 180.0


def one_run(folder: Path) -> dict[str, float]:
    """Seconds by stage of one demo in a fresh process."""
    environment = {**os.environ, "SHOAL_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "shoal.demo", "--no-lab", "--out", str(folder / "demo")]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "demo" / "summary.json").read_text())["seconds"]


def rows(only: str = "") -> list[dict[str, Any]]:
    """``demo.<stage>_s`` and ``demo.total_s``, medians over the runs."""
    runs = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(one_run(Path(folder)))
    made = []
    for stage in runs[0]:
        bar = BAR_TOTAL_S if stage == "total" else None
        value = round(statistics.median(run[stage] for run in runs), 2)
        row = {"id": f"demo.{stage}_s", "value": value, "unit": "s", "bar": bar}
        made.append({**row, "passed": None if bar is None else value <= bar})
    return made
