"""A folder of strange input in a real JupyterLab: it opens, says what is broken, and loses nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shoal.widgets.notebook import write_notebook
from tests.e2e import strange
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab


@pytest.fixture
def folder(lab: Lab) -> Iterator[Path]:
    root = strange.build(lab.server.root / "strange input" / "it's <b>here")
    write_notebook(root.parent / "review.ipynb", root)
    yield root
    shutil.rmtree(root.parent)


def test_strange_input(lab: Lab, folder: Path) -> None:
    everything = strange.hashes(folder)
    lab.open("strange%20input/review.ipynb")
    lab.run_all()
    hands = Hands(lab.page).ready()

    # The broken ones are listed with a reason, and only they.
    broken = lab.kernel("import json; print(json.dumps(review.broken))")
    assert {Path(path).name for path, _ in broken} == set(strange.BROKEN)
    assert all(reason for _, reason in broken)

    # Every cluster can be shown; names are text, and nothing in them runs.
    for name in ("<b>plain", "odd ones"):
        hands.cluster(name).click()
        expect(hands.cards().first).to_be_visible()
        lab.page.wait_for_timeout(500)
    assert lab.page.evaluate("() => window.__ran === undefined")
    made = "[onerror], img[src='x'], .sh-name *, [data-testid='card'] b, [data-testid='shown-title'] b"
    assert hands.root.locator(made).count() == 0, "a name became markup"
    expect(hands.cluster("<b>plain")).to_be_visible()

    # A broken picture shows its reason and moves like any other; everything goes into one cluster and back.
    hands.cluster("odd ones").click()
    expect(hands.root.locator(".sh-is-broken").first).to_be_visible()
    lab.kernel("review.merge(['odd ones', '<b>plain'], name='all of them')")
    lab.kernel("review.to_noise(review.items('all of them')[:9])")
    hands.at_revision(2)
    text = lab.kernel("import json; print(json.dumps(review.plan().text()))")
    assert "all of them" in text
    lab.kernel("review.save()")
    hands.at_revision(3)
    assert strange.hashes(folder) == everything
    assert (folder / "README.txt").exists()
    lab.watch.check()
