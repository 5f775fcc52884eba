"""From a whole film to a review by one command: ``shoal night film.mp4``, seconds by stage.

A run this long may be stopped and gone on with: ``$SHOAL_BENCH_NIGHT`` names a folder that keeps its runs.
A finished one is read, not made again. A stage that was stopped counts from its last start.
``$SHOAL_BENCH_NOTE`` is added to the note of the total: what else the machine was doing.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.film_data import whole_film

IDS = ("film.",)


def finished(runs: Path) -> Path | None:
    """Folder of the title of the newest run that came to its end."""
    for folder in sorted(runs.glob("*"), reverse=True):
        record = folder / "run.json"
        if record.is_file() and json.loads(record.read_text())["complete"]:
            return next((folder / "titles").iterdir())
    return None


def make(runs: Path) -> Path:
    """Run the command until its end, with a cache of its own, and return the folder of the title."""
    environment = {**os.environ, "SHOAL_CACHE": str(runs.parent / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "shoal.cli", "night", str(whole_film()), "--out", str(runs)]
    subprocess.run(command, check=True, env=environment)
    done = finished(runs)
    assert done is not None, f"{runs} holds no finished run"
    return done


def rows(only: str = "") -> list[dict[str, Any]]:
    """``film.<stage>.seconds`` and ``film.total_minutes``."""
    given = os.environ.get("SHOAL_BENCH_NIGHT")
    with contextlib.ExitStack() as stack:
        runs = Path(given or stack.enter_context(tempfile.TemporaryDirectory())) / "runs"
        title = finished(runs) or make(runs)
        stages = json.loads((title / "stages.json").read_text())
    cut = int(stages["segment"]["instances"])
    notes = {
        "extract_frames": "{shots} shots, {frames} stills".format(**stages["extract_frames"]),
        "segment": f"{cut} instances, rejected: {stages['segment']['rejected']}",
        "cluster": f"{stages['cluster']['clusters']} clusters",
        "join_identities": f"{stages['join_identities']['clusters']} identities, "
        f"{stages['join_identities']['noise']} in noise",
    }
    made = [
        {"id": f"film.{name}.seconds", "value": stage["seconds"], "unit": "s", "note": notes.get(name)}
        for name, stage in stages.items()
    ]
    minutes = sum(stage["seconds"] for stage in stages.values()) / 60
    told = "the film of 9 min 57 s at 1280 × 720, from the file to the review and the training set"
    told = "; ".join([told, *filter(None, [os.environ.get("SHOAL_BENCH_NOTE")])])
    return [*made, {"id": "film.total_minutes", "value": round(minutes, 1), "unit": "min", "note": told}]
