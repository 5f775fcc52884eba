"""2,000 hostile names through every place where a name is shown or used, and the same in plain HTML."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from tests.e2e import hostile, name_tour
from tests.e2e import lab as labs
from tests.e2e import server as servers

IDS = ("names.",)
NAMES = 2_000


def rows(only: str = "") -> list[dict[str, Any]]:
    """``names.escapes``, ``names.executed`` and ``names.control_executed``."""
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH", "")) if p)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "escapes").mkdir()
        escaped = hostile.escapes(Path(place) / "escapes", NAMES)
        notebooks = Path(place) / "notebooks"
        folder = hostile.build(notebooks / "hostile", NAMES)
        with (
            servers.running(notebooks, Path(place) / "state", environment={"PYTHONPATH": path}) as server,
            labs.browser() as chromium,
        ):
            with labs.lab(chromium, server) as lab:
                ran, looked_at = name_tour.shown(lab, folder)
            with labs.lab(chromium, server) as lab:
                control = name_tour.control(lab, NAMES)
    note = f"{NAMES:,} names, {looked_at} clusters looked at in Chromium"
    common = {"unit": "count", "bar": 0, "note": note}
    return [
        {"id": "names.escapes", "value": escaped, "passed": escaped == 0, **common},
        {
            "id": "names.executed",
            "value": ran,
            "peer": "ipywidgets.HTML",
            "peer_value": control,
            "passed": ran == 0,
            **common,
        },
        {"id": "names.control_executed", "value": control, "unit": "count", "passed": control > 0},
    ]
