"""The web app: loopback, a token that is nowhere to be read, and one page."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from shoal.errors import BadInputError, MissingError
from shoal.widgets import webapp


def test_what_the_server_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "mine")
    folder = tmp_path / 'it\'s "a" folder'
    command, environment = webapp._prepare(tmp_path, folder, 8123, "s3cret")
    settings = json.loads((tmp_path / "voila.json").read_text())
    assert settings["Voila"] | {"port": 0} == {
        "token": "s3cret", "ip": "127.0.0.1", "port": 0, "port_retries": 0, "open_browser": False,
    }  # fmt: skip
    assert not any("s3cret" in word for word in [*command, *environment.values()])
    templates, mine = environment["JUPYTER_PATH"].split(":")
    assert mine == "mine" and (Path(templates) / "voila/templates/shoal/index.html.j2").is_file()
    (cell,) = json.loads((tmp_path / "review.ipynb").read_text())["cells"]
    opened: list[str] = []
    code = cell["source"].replace("import shoal", "")

    class Shoal:
        open_review = staticmethod(opened.append)
        browse = staticmethod(lambda review: None)

    exec(code, {"shoal": Shoal})
    assert opened == [str(folder.resolve())], "a folder's name is data in the code, never code"


def test_the_template_asks_nothing_of_other_machines() -> None:
    text = (webapp._TEMPLATES / "voila/templates/shoal/index.html.j2").read_text()
    assert "http:" not in text and "https:" not in text and "//" not in text


def test_a_port_that_is_taken_and_a_missing_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInputError, match=f"port {port} cannot be used"):
            webapp.open_app(tmp_path, port=port, browser=False, say=print)
    monkeypatch.setitem(sys.modules, "voila", None)
    with pytest.raises(MissingError, match="Voilà is not installed"):
        webapp.open_app(tmp_path, browser=False, say=print)


def test_a_server_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("voila", reason="Voilà is not installed")
    failing = ([sys.executable, "-c", "raise SystemExit(3)"], {})
    monkeypatch.setattr(webapp, "_prepare", lambda *_: failing)
    with pytest.raises(Exception, match="ended with status 3"):
        webapp.open_app(tmp_path, browser=False, say=print)


def test_the_address_is_said_and_opened_and_the_server_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("voila", reason="Voilà is not installed")
    server = (
        "import http.server, sys\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)"
        ".handle_request()\n"
    )
    monkeypatch.setattr(
        webapp, "_prepare", lambda place, folder, port, token: ([sys.executable, "-c", server, str(port)], {})
    )
    said: list[str] = []
    seen: list[str] = []
    monkeypatch.setattr(webapp.webbrowser, "open", seen.append)
    assert webapp.open_app(tmp_path, say=said.append) == 0
    assert seen[0].startswith("http://127.0.0.1:") and "?token=" in seen[0] and seen[0] in said[0]
