"""Fault rows 16 and 28, small: 100 hostile names through every place where a name is shown or used."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e import hostile, name_tour
from tests.e2e.lab import Lab

N = 100


def test_names_are_shown_as_text_and_nothing_runs(lab: Lab) -> None:
    root = hostile.build(lab.server.root / "hostile" / "clustered", N)
    try:
        ran, looked_at = name_tour.shown(lab, root)
    finally:
        shutil.rmtree(root.parent, ignore_errors=True)
    assert ran == 0
    assert looked_at >= 3
    lab.watch.check()


def test_the_control_does_run_them(lab: Lab) -> None:
    """A harness that nothing fails proves nothing."""
    assert name_tour.control(lab, 40) > 0


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    assert hostile.escapes(tmp_path, 200) == 0
