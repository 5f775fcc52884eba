"""Notebooks set to a folder, and JupyterLab opened on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shoal
from shoal.widgets import notebook


def parameters(path: Path) -> str:
    """Source of the cell that papermill would replace."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (cell,) = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    return "".join(cell["source"])


def test_the_notebook_points_at_the_folder(tmp_path: Path) -> None:
    path = notebook.write_notebook(tmp_path / "review.ipynb", tmp_path / "clustered")
    values: dict[str, Any] = {}
    exec(parameters(path), values)
    assert values["folder"] == "clustered"
    assert values["height"] == 720


def test_a_folder_with_a_strange_name_stays_a_name(tmp_path: Path) -> None:
    """Quotes and newlines in a folder's name are data in the notebook's code, never code."""
    strange = tmp_path / 'it\'s "a"\nfolder'
    path = notebook.write_notebook(tmp_path / "elsewhere" / "review.ipynb", strange)
    values: dict[str, Any] = {}
    exec(parameters(path), values)
    assert values["folder"] == str(strange.resolve())


def test_jupyterlab_is_opened_on_loopback_with_its_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    seen: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    review = tmp_path / "review.ipynb"
    assert notebook.open_lab(review, port=8890, browser=False) == 0
    (command,) = seen
    assert {"--ip=127.0.0.1", "--port=8890", "--no-browser", str(review.resolve())} <= set(command)
    assert not any("token" in word or "password" in word for word in command)


def test_without_jupyterlab_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    with pytest.raises(shoal.ShoalError, match=r"shoal\[notebook\]"):
        notebook.open_lab(tmp_path / "review.ipynb")
