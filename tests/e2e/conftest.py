"""Fixtures of the browser tests: one browser and one JupyterLab for all of them, a fresh page for each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conventions.sources import ROOT
from tests.e2e import dev_page
from tests.e2e import lab as labs
from tests.e2e import server as servers

ARTIFACTS = ROOT / "tests" / ".artifacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    with labs.browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A JupyterLab whose root is a temporary folder; the kernels find this very shoal."""
    root = tmp_path_factory.mktemp("notebooks")
    state = tmp_path_factory.mktemp("jupyter")
    with servers.running(root, state, environment={"HF_HUB_OFFLINE": "1"}) as server:
        yield server


@pytest.fixture
def lab(
    chromium_browser: Browser, jupyter: servers.Server, request: pytest.FixtureRequest
) -> Iterator[labs.Lab]:
    """A watched page. A failed test leaves its last sight in ``tests/.artifacts``."""
    failed_before = request.session.testsfailed
    with labs.lab(chromium_browser, jupyter) as opened:
        yield opened
        if request.session.testsfailed > failed_before or os.environ.get("SHOAL_KEEP_SCREENSHOTS"):
            name = re.sub(r"\W+", "_", request.node.name)
            opened.screenshot(ARTIFACTS / f"{name}.png")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The dev page of the widget, built from the sources."""
    with dev_page.serving() as url:
        yield url


@pytest.fixture
def show(chromium_browser: Browser, address: str) -> Iterator[dev_page.Open]:
    """Open the dev page; at the end nothing may have been said on the console, nor asked of another host."""
    with dev_page.opening(chromium_browser, address) as opened:
        yield opened
