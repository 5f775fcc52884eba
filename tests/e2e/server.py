"""A Jupyter server of its own for tests and screenshots: temporary settings, a token, loopback only."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 90


@dataclass(frozen=True)
class Server:
    """A running JupyterLab, or Notebook 7.

    Attributes
    ----------
    url : str
        Base address, with a slash at its end.
    root : Path
        The folder that notebooks are opened from.
    """

    url: str
    token: str
    root: Path
    log: Path

    def lab(self, notebook: str) -> str:
        """Address that opens a notebook (path below ``root``) in a clean workspace."""
        return f"{self.url}lab/tree/{notebook}?token={self.token}&reset"

    def classic(self, notebook: str) -> str:
        """Address that opens a notebook in Notebook 7, where that is what runs."""
        return f"{self.url}notebooks/{notebook}?token={self.token}"


@contextlib.contextmanager
def running(
    root: Path, state: Path, *, app: str = "jupyterlab", environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Start JupyterLab on a free port and stop it, kernels included, at the end.

    Parameters
    ----------
    root : Path
        Folder that notebooks are opened from.
    state : Path
        Empty folder for settings, workspaces, run-time files and the log.
    app : {"jupyterlab", "notebook"}
        Which one.
    """
    config = state / "config"
    (config / "labconfig").mkdir(parents=True)
    # The news popup appears in spite of news_url=None; without its extension it cannot.
    (config / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    settings = state / "settings"
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    server = Server(f"http://127.0.0.1:{port}/", token, root, state / "server.log")
    command = [
        *(sys.executable, "-m", app, "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"),
        *(
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            "--LabApp.extension_manager=readonly",
        ),
        *(f"--LabApp.user_settings_dir={settings}", f"--LabApp.workspaces_dir={state / 'workspaces'}"),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    own = {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),
    }
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, **own, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(server, process)
        yield server
    finally:
        _stop(process)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers; raise with its log when it does not."""
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}api/status?token={server.token}", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"Jupyter did not start:\n{server.log.read_text(errors='replace')[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server's whole session; kernels are its children and get the same signal."""
    for name in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, name)
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
