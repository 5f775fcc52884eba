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
    names = ("shots", "frames", "instances", "near_duplicates", "clusters", "noise", "items_in_review")
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


def parameters(notebook: Path) -> str:
    """Source of the cell that papermill would replace."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    (cell,) = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    return "".join(cell["source"])


def test_the_notebook_points_at_the_folder(tmp_path: Path) -> None:
    path = demo.write_notebook(tmp_path / "review.ipynb", tmp_path / "clustered")
    values: dict[str, Any] = {}
    exec(parameters(path), values)
    assert values["folder"] == "clustered"
    assert values["height"] == 720


def test_a_folder_with_a_strange_name_stays_a_name(tmp_path: Path) -> None:
    """Quotes and newlines in a folder's name are data in the notebook's code, never code."""
    strange = tmp_path / 'it\'s "a"\nfolder'
    path = demo.write_notebook(tmp_path / "elsewhere" / "review.ipynb", strange)
    values: dict[str, Any] = {}
    exec(parameters(path), values)
    assert values["folder"] == str(strange.resolve())


def test_what_is_said_names_every_stage(tmp_path: Path) -> None:
    text = demo.describe({**summary_of(tmp_path), "reused": True}, tmp_path)
    assert "embed 1.2 s" in text or "embed 1.3 s" in text
    assert "kept" in text
    assert str(tmp_path / "clustered") in text


def test_a_failure_is_a_line_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object, **__: object) -> None:
        raise shoal.ShoalError("no weights", hint="fetch them")

    monkeypatch.setattr(demo, "build", build)
    assert demo.main(["--out", str(tmp_path), "--no-lab"]) == 1
    assert capsys.readouterr().err == "shoal: no weights\n  → fetch them\n"


def test_jupyterlab_is_opened_on_loopback_with_its_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    seen: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    notebook = tmp_path / "review.ipynb"
    assert demo.open_lab(notebook, port=8890, browser=False) == 0
    (command,) = seen
    assert {"--ip=127.0.0.1", "--port=8890", "--no-browser", str(notebook.resolve())} <= set(command)
    assert not any("token" in word or "password" in word for word in command)


def test_without_jupyterlab_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    with pytest.raises(shoal.ShoalError, match=r"shoal\[notebook\]"):
        demo.open_lab(tmp_path / "review.ipynb")
