"""The same review opened in each of the hosts that people open it in: JupyterLab, and ``shoal review``."""

from __future__ import annotations

import contextlib
import functools
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

import shoal
from shoal.widgets.notebook import write_notebook
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab, Watch

JUPYTERLAB, WEB_APP = "JupyterLab", "web app"
NAMES = (JUPYTERLAB, WEB_APP)


@dataclass
class Host:
    """One folder that is about to be reviewed, and the page to do it on.

    Nothing here reaches into a kernel: the web app lets nobody do that. What became of an edit is read from
    the folder, as another session would.
    """

    name: str
    page: Page
    watch: Watch
    folder: Path
    show: Callable[[], None]
    again: Callable[[], None]

    def open(self) -> Hands:
        """Open the review for the first time."""
        self.show()
        return Hands(self.page).ready()

    def reload(self) -> Hands:
        """Load the page again, as a person does whose connection was lost."""
        self.page.wait_for_timeout(800)  # settings are kept in the kernel with a delay
        self.again()
        return Hands(self.page).ready()

    def state(self) -> dict[str, Any]:
        """Clusters with their items, noise, and the history, as another session on the folder sees them."""
        review = shoal.open_review(self.folder)
        try:
            return {
                "clusters": {c.name: sorted(review.items(c.name)) for c in review.clusters.itertuples()},
                "noise": sorted(review.items("noise")),
                "trash": sorted(review.items("trash")),
                "history": [(h.label, bool(h.in_force)) for h in review.history.itertuples()],
            }
        finally:
            review.close()

    def check(self) -> None:
        """Fail when the page said an error or asked another machine for anything."""
        # On leaving, Voilà's page asks for the end of its kernel without the token; idle kernels are culled.
        self.watch.errors = [error for error in self.watch.errors if "/voila/api/shutdown/" not in error]
        self.watch.check()


def in_jupyterlab(lab: Lab, folder: Path) -> Host:
    """A notebook beside the folder, which must lie below the server's root."""
    notebook = write_notebook(folder.parent / "review.ipynb", folder)

    def show() -> None:
        lab.open(notebook.relative_to(lab.server.root).as_posix())
        lab.run_all()

    def again() -> None:
        lab.command("docmanager:save")
        lab.page.wait_for_timeout(500)
        lab.page.reload()
        lab.wait_idle()

    return Host(JUPYTERLAB, lab.page, lab.watch, folder, show, again)


@contextlib.contextmanager
def served(folder: Path, log: Path) -> Iterator[str]:
    """``shoal review FOLDER`` as a command of its own; gives the address that it says, with its token."""
    command = [sys.executable, "-m", "shoal.cli", "review", str(folder), "--no-browser"]
    with log.open("w") as file:
        # a shell in the background has its commands ignore Ctrl+C, and what they start
        heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        server = subprocess.Popen(command, stdout=file, stderr=file, cwd=folder.parent, preexec_fn=heard)
        address = None
        for _ in range(900):
            address = re.search(r"The review is at (\S+)", log.read_text(errors="replace"))
            if address or server.poll() is not None:
                break
            time.sleep(0.1)
        try:
            assert address, log.read_text(errors="replace")
            yield address.group(1)
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0


@contextlib.contextmanager
def in_web_app(browser: Browser, folder: Path, log: Path) -> Iterator[Host]:
    """The page of ``shoal review FOLDER``."""
    with served(folder, log) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        page = context.new_page()
        page.set_default_timeout(30_000)
        watch = Watch(address.partition("?")[0])
        watch.attach(page)
        try:
            yield Host(WEB_APP, page, watch, folder, lambda: page.goto(address) and None, page.reload)
        finally:
            context.close()
