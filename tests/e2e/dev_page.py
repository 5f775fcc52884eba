"""The dev page of the widget, whose kernel lives in the page: how to serve, open and ask it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.conventions.sources import ROOT
from tests.e2e.hands import Hands

WIDGETS = ROOT / "widgets_js"
GALLERY = ROOT / "tests" / ".artifacts" / "dev_page"
LOCAL = ("http://127.0.0.1:", "blob:", "data:")
MIDDLE = [(0.3, 0.3), (0.75, 0.3), (0.75, 0.7), (0.3, 0.7)]
Open = Callable[..., Hands]

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (WIDGETS / "node_modules").is_dir(), reason="needs Node's packages"
)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def serving() -> Iterator[str]:
    """The dev server, built from the sources."""
    port = _free_port()
    command = ["node", "dev/serve.mjs", "--port", str(port)]
    with subprocess.Popen(command, cwd=WIDGETS, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}/dev/index.html"
        for _ in range(100):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
        server.terminate()


@contextmanager
def opening(chromium_browser: Browser, address: str) -> Iterator[Open]:
    """Open the page; at the end nothing may have been said on the console, nor asked of another host."""
    said: list[str] = []
    contexts: list[Any] = []

    def opened(width: int = 1360, height: int = 760, **query: object) -> Hands:
        context = chromium_browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith(LOCAL) else said.append(f"asked {r.url}"))
        asked = "&".join(f"{k}={v}" for k, v in query.items())
        page.goto(f"{address}?{asked}")
        return Hands(page).ready()

    yield opened
    for context in contexts:
        context.close()
    assert [s for s in said if "GPU stall" not in s] == []


def kernel(hands: Hands, expression: str) -> Any:
    """Ask the page's kernel: ``k`` is it."""
    return hands.page.evaluate(f"() => {{ const k = window.shoal.transport.kernel; return {expression} }}")


def names(hands: Hands) -> set[str]:
    return set(kernel(hands, "[...k.clusters.values()].filter(c => c.kind === 'cluster').map(c => c.name)"))


def keep(hands: Hands, name: str) -> None:
    """A picture for people to look at."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    hands.page.wait_for_timeout(250)
    hands.page.screenshot(path=GALLERY / f"{name}.png")
