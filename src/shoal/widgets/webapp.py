"""A review as a web app on this machine, for people without notebooks: one page, a token, loopback only."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shoal.errors import BadInputError, MissingError, ShoalError

__all__ = ["open_app"]

_TEMPLATES = Path(__file__).parent / "webapp_template"
_START_S = 60.0
_EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
"""All that the page loads of what is installed."""


def open_app(
    folder: Path,
    *,
    port: int | None = None,
    browser: bool = True,
    say: Callable[[str], None],
) -> int:
    """Serve the review of a folder at 127.0.0.1 by Voilà until it is stopped.

    The page can edit and save the review. It cannot run code of its own: the server passes on widget messages
    only. The address holds a token; without it nothing is answered.

    Parameters
    ----------
    folder : Path
        The clustered folder.
    port : int, optional
        A free one when left out.
    browser : bool
        Open the address.
    say : callable
        Told the address.

    Returns
    -------
    int
        Exit status of the server; 0 when it was stopped by Ctrl-C.

    Raises
    ------
    MissingError
        Voilà is not installed.
    BadInputError
        The port is taken.
    """
    if importlib.util.find_spec("voila") is None:
        raise MissingError(
            "Voilà is not installed", hint='pip install "shoal[notebook]", or open it in JupyterLab: --lab'
        )
    port = _free_port(port)
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="shoal-app-") as place:
        command, environment = _prepare(Path(place), folder, port, token)
        server = subprocess.Popen(command, cwd=place, env=environment)
        try:
            _wait(server, port)
            address = f"http://127.0.0.1:{port}/?token={token}"
            say(f"The review is at {address}\nCtrl-C ends it; every edit is kept.")
            if browser:
                webbrowser.open(address)
            return server.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(server)


def _free_port(port: int | None) -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port or 0))
        except OSError as error:
            raise BadInputError(
                f"port {port} cannot be used: {error.strerror}", hint="Pass another --port."
            ) from error
        return int(probe.getsockname()[1])


def _prepare(place: Path, folder: Path, port: int, token: str) -> tuple[list[str], dict[str, str]]:
    """The notebook and the settings, in a folder that only this user can read; command and environment."""
    code = f"import shoal\nreview = shoal.open_review({str(folder.resolve())!r})\nshoal.browse(review)"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "review",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook: dict[str, Any] = {
        "cells": [{**cell, "source": code}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (place / "review.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    settings = {
        "Voila": {
            # In a file and not on the command line, which every user of the machine can read.
            "token": token,
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": False,
        },
        "VoilaConfiguration": {
            "template": "shoal",
            "strip_sources": True,
            "file_allowlist": ["(?!)"],
            "extension_allowlist": _EXTENSIONS,
            "theme": "light",
        },
        # A page that was closed or reloaded leaves its kernel behind; edits are in the log, not in it.
        "MappingKernelManager": {"cull_idle_timeout": 300, "cull_interval": 60, "cull_connected": False},
    }
    (place / "voila.json").write_text(json.dumps(settings), encoding="utf-8")
    places = [str(_TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    environment = {**os.environ, "JUPYTER_PATH": os.pathsep.join(places)}
    command = [sys.executable, "-m", "voila", "review.ipynb", "--Voila.config_file_paths", str(place)]
    return command, environment


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise ShoalError(
                f"Voilà ended with status {server.returncode} as it began", hint="Its words are above."
            )
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
    raise ShoalError(f"Voilà did not answer on port {port} in a minute", hint="Its words are above.")


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
