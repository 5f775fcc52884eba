"""The demo's own parts; that it runs whole is shown by the notebooks' tests and by ``make demo``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shoal
from shoal import demo


def summary_of(out: Path, **changes: Any) -> dict[str, Any]:
    """A summary as a finished demo leaves it, with the folder that belongs to it."""
    (out / "clustered").mkdir(parents=True, exist_ok=True)
    (out / "clustered" / "cluster_report.json").write_text("{}")
    names = ("shots", "frames", "instances", "near_duplicates", "rejected", "tracks", "clusters",
             "identities", "noise", "items_in_review")  # fmt: skip
    made = {
        "version": shoal.__version__,
        "settings": demo.SETTINGS,
        "counts": dict.fromkeys(names, 7),
        "seconds": {"embed": 1.25, "total": 1.25},
        **changes,
    }
    (out / "summary.json").write_text(json.dumps(made))
    return made


def test_the_clip_and_its_credit_are_there() -> None:
    assert demo.CLIP.stat().st_size > 500_000
    assert "Blender Foundation" in (demo.CLIP.parent / "CREDITS.txt").read_text()


def test_a_finished_demo_is_kept(tmp_path: Path) -> None:
    made = summary_of(tmp_path)
    assert demo.build(tmp_path) == {**made, "reused": True}


@pytest.mark.parametrize("changes", [{"version": "0.0.1"}, {"settings": {"embed": {"model": "colour"}}}])
def test_a_demo_of_another_make_is_not_kept(tmp_path: Path, changes: dict[str, Any]) -> None:
    summary_of(tmp_path, **changes)
    assert demo.finished(tmp_path) is None


@pytest.mark.parametrize("left", ["nothing", "half a summary", "no clusters"])
def test_an_unfinished_demo_is_not_kept(tmp_path: Path, left: str) -> None:
    if left != "nothing":
        summary_of(tmp_path)
    if left == "half a summary":
        (tmp_path / "summary.json").write_text('{"version": ')
    if left == "no clusters":
        (tmp_path / "clustered" / "cluster_report.json").unlink()
    assert demo.finished(tmp_path) is None


def test_what_is_said_names_every_stage(tmp_path: Path) -> None:
    text = demo.describe({**summary_of(tmp_path), "reused": True}, tmp_path)
    assert "embed 1.2 s" in text or "embed 1.3 s" in text
    assert "kept" in text and "7 identities" in text
    assert str(tmp_path / "clustered") in text


def test_a_failure_is_a_line_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object, **__: object) -> None:
        raise shoal.ShoalError("no weights", hint="fetch them")

    monkeypatch.setattr(demo, "build", build)
    assert demo.main(["--out", str(tmp_path), "--no-lab"]) == 1
    assert capsys.readouterr().err == "shoal: no weights\n  → fetch them\n"
