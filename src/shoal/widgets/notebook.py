"""The tutorial notebooks: where they are, one of them set to a folder, JupyterLab opened on it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from shoal.errors import MissingError

__all__ = ["notebooks", "open_lab", "write_notebook"]


def write_notebook(path: Path, folder: Path, *, name: str = "01_review_a_folder.ipynb") -> Path:
    """Copy a tutorial notebook to ``path`` with its parameter ``folder`` set, as papermill would.

    The parameter is written relative to the notebook, so both may be moved together.
    """
    notebook = json.loads((notebooks() / name).read_text(encoding="utf-8"))
    start = path.parent.resolve()
    target = folder.resolve()
    value = target.relative_to(start).as_posix() if target.is_relative_to(start) else str(target)
    for cell in notebook["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            cell["source"] = [f"folder = {value!r}\n", "height = 720"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def notebooks() -> Path:
    """Folder of the tutorial notebooks: in the installed package, else in the source tree beside it."""
    inside = Path(__file__).parents[1] / "notebooks"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "notebooks"


def open_lab(notebook: Path, *, port: int | None = None, browser: bool = True) -> int:
    """Open a notebook in JupyterLab on loopback, its token kept on, and wait until it is closed.

    Raises
    ------
    MissingError
        When JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingError("JupyterLab is not installed", hint='pip install "shoal[notebook]"')
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={notebook.parent.resolve()}",
    ]
    command += [f"--port={port}"] if port is not None else []
    command += [] if browser else ["--no-browser"]
    # In a container one is often root, and JupyterLab would refuse to start.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    try:
        return subprocess.run([*command, str(notebook.resolve())], check=False).returncode
    except KeyboardInterrupt:  # how one leaves JupyterLab
        return 0
