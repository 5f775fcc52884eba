"""JupyterLab in a real browser, driven by its own commands, with everything that goes wrong written down."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e import chromium
from tests.e2e.server import Server

READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const session = panel?.context?.sessionContext;
  const kernel = session?.session?.kernel;
  const connected = kernel?.connectionStatus === 'connected';
  return Boolean(session?.isReady && connected && kernel.status === 'idle');
}"""
EXECUTE = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false, stop_on_error: false });
  let text = '';
  let error = null;
  future.onIOPub = (message) => {
    const { header, content } = message;
    if (header.msg_type === 'stream' && content.name === 'stdout') text += content.text;
    if (header.msg_type === 'error') error = content.traceback.join('\\n');
  };
  await future.done;
  return { text, error };
}"""
CELL_ERRORS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  const found = [];
  for (let i = 0; i < cells.length; i++) {
    const outputs = cells.get(i).toJSON().outputs ?? [];
    for (const o of outputs) if (o.output_type === 'error') found.push(`cell ${i}: ${o.ename}: ${o.evalue}`);
  }
  return found;
}"""
# What JupyterLab itself is known to say on a clean start, with nothing of ours on the page. Keep it short.
JUPYTERLAB_SAYS = re.compile(r"/api/workspaces/|/static/favicons/|favicon\.ico")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Watch:
    """What a page did that no test may let pass."""

    server: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to a page from its first byte on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", lambda request: self._url(request.url))
        page.on("websocket", lambda socket: self._url(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not JUPYTERLAB_SAYS.search(f"{message.text} {where}"):
            self.errors.append(f"{message.text} ({where})")

    def _url(self, url: str) -> None:
        own = (
            self.server,
            self.server.replace("http", "ws", 1),
            "data:",
            "blob:",
            "about:",
            "chrome-extension:",
        )
        if not url.startswith(own):
            self.foreign.append(url)

    def check(self) -> None:
        """Fail when anything was written down."""
        assert not self.errors, "errors in the browser's console:\n" + "\n".join(self.errors)
        assert not self.foreign, "requests to elsewhere than the server:\n" + "\n".join(self.foreign)


@dataclass
class Lab:
    """One notebook open in JupyterLab."""

    server: Server
    page: Page
    watch: Watch

    def open(self, notebook: str) -> None:
        """Open a notebook and wait until its kernel is connected and idle."""
        self.page.goto(self.server.lab(notebook))
        self.wait_idle()
        # The notebook is what is looked at: the file browser and the status bar only take room.
        self.command("application:set-mode", {"mode": "single-document"})
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft?.()")

    def wait_idle(self, timeout_s: float = 60) -> None:
        """Wait until the kernel is connected and idle."""
        self.page.wait_for_function(READY, timeout=timeout_s * 1000)

    def command(self, name: str, args: dict[str, Any] | None = None) -> None:
        """Run one of JupyterLab's commands (menus drop a click now and then; commands do not)."""
        self.page.evaluate(
            "([n, a]) => window.jupyterapp.commands.execute(n, a).then(() => null)", [name, args or {}]
        )

    def run_all(self) -> None:
        """Run all cells and fail on the first error in an output."""
        self.command("notebook:run-all-cells")
        self.wait_idle(300)
        errors = self.page.evaluate(CELL_ERRORS)
        assert not errors, "\n".join(errors)

    def kernel(self, code: str) -> Any:
        """Run ``code`` in the notebook's kernel; return the JSON that it prints, or None for no print."""
        result = self.page.evaluate(EXECUTE, code)
        assert result["error"] is None, ANSI.sub("", result["error"])
        return json.loads(result["text"]) if result["text"].strip() else None

    def survive_restart(self, timeout_s: float = 60) -> None:
        """After the kernel was killed: wait for the server's new one, and close the notice about it."""
        self.page.wait_for_function(f"() => !({READY})()", timeout=timeout_s * 1000)
        button = self.page.locator(".jp-Dialog .jp-mod-accept")
        with contextlib.suppress(TimeoutError, PlaywrightTimeout):
            button.click(timeout=15_000)
        self.wait_idle(timeout_s)

    def theme(self, dark: bool) -> None:
        """Switch JupyterLab's theme and wait until the page wears it."""
        self.command("apputils:change-theme", {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"})
        attribute = "false" if dark else "true"
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", attribute)

    def shows(self, selector: str, timeout_s: float = 30) -> None:
        """Wait until something is visible."""
        expect(self.page.locator(selector).first).to_be_visible(timeout=timeout_s * 1000)

    def screenshot(self, path: Path, selector: str | None = None) -> Path:
        """Write a PNG of the page, or of one element."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # Let pictures fade in and the map settle; two frames are not enough for decoded thumbnails.
        self.page.wait_for_timeout(400)
        if selector:
            self.page.locator(selector).first.screenshot(path=str(path))
        else:
            self.page.screenshot(path=str(path))
        return path


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium; raises with advice when there is none."""
    path = chromium.find() or chromium.install()
    with sync_playwright() as play:
        yield (opened := launch(play, path))
        opened.close()


def launch(play: Playwright, path: str) -> Browser:
    """Start Chromium with the flags of the tests."""
    return play.chromium.launch(executable_path=path, args=chromium.flags())


@contextlib.contextmanager
def lab(opened: Browser, server: Server, *, width: int = 1440, height: int = 900) -> Iterator[Lab]:
    """A page of its own on the server, watched from its first byte on."""
    context = opened.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    watch = Watch(server.url)
    watch.attach(page)
    try:
        yield Lab(server, page, watch)
    finally:
        context.close()
