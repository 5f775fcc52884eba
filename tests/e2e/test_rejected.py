"""What a gate has rejected, in a real JupyterLab: the trash says why, and one gesture brings it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

import shoal
from shoal.widgets.notebook import write_notebook
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab

REASONS = {
    "tiny": "small: 30 px, less than 48",
    "speck": "small: 12 px, less than 48",
    "fast": "blurred: sharpness 3.1, less than 8",
}
COUNTS = "import json; print(json.dumps([len(review.items('trash')), len(review.items('noise'))]))"


def _picture(path: Path, colour: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGBA", (96, 96))
    ImageDraw.Draw(picture).ellipse((12, 12, 84, 84), fill=colour)
    picture.save(path)


@pytest.fixture
def folder(lab: Lab) -> Iterator[Path]:
    """A clustered folder of six, with three that were rejected."""
    root = lab.server.root / "gated"
    kept = [f"character/kept_{n}.png" for n in range(6)]
    for n, path in enumerate(kept):
        _picture(root / "cast" / path, "#c0504d" if n < 3 else "#4f81bd")
    thrown = [f"rejected/{name}.png" for name in REASONS]
    for path in thrown:
        _picture(root / "cast" / path, "#9bbb59")
    rejected = shoal.Items(root / "cast", thrown, {"reason": np.array(list(REASONS.values()))})
    labels = np.array([0, 0, 0, 1, 1, 1], dtype=np.int32)
    clusters = shoal.Clusters(labels, np.ones(6, dtype=np.float32), "kmeans", {})
    out = root / "clustered"
    shoal.write_clusters(
        shoal.Items(root / "cast", kept), clusters, out=out, rejected=rejected, progress=False
    ).close()
    write_notebook(root / "review.ipynb", out)
    yield out
    shutil.rmtree(root)


def test_the_trash_says_why_and_gives_back(lab: Lab, folder: Path, tmp_path: Path) -> None:
    lab.open("gated/review.ipynb")
    lab.run_all()
    hands = Hands(lab.page).ready()
    hands.cluster("Trash").click()
    expect(hands.cards()).to_have_count(3)
    flags = hands.root.locator(".sh-flagged .sh-flag")
    expect(flags).to_have_count(3)
    assert sorted(flags.all_inner_texts()) == ["blurred", "small", "small"]

    # The whole reason: under the pointer, and in the large picture.
    hands.cards().first.hover()
    expect(hands.root.locator(".sh-has-cap .sh-cap").first).to_contain_text("less than")
    hands.cards().first.dblclick()
    dialog = hands.root.get_by_role("dialog")
    expect(dialog).to_contain_text("Rejected")
    expect(dialog).to_contain_text("less than")
    hands.press("Escape")
    expect(dialog).to_be_hidden()

    # All of one reason at once; one button brings them back, one key takes that back.
    hands.root.get_by_test_id("reasons").click()
    hands.root.get_by_role("menuitem", name="Select 2 small").click()
    expect(hands.selected_cards()).to_have_count(2)
    hands.show_whole()
    hands.settled()
    lab.screenshot(tmp_path / "trash.png")
    lab.theme(dark=True)
    hands.settled()
    lab.screenshot(tmp_path / "trash-dark.png")
    lab.theme(dark=False)
    before = hands.revision()
    hands.root.get_by_test_id("restore").click()
    hands.at_revision(before + 1)
    assert lab.kernel(COUNTS) == [1, 2]
    expect(hands.cards()).to_have_count(1)
    hands.press("Control+z")
    hands.at_revision(before + 2)
    assert lab.kernel(COUNTS) == [3, 0]

    # By key alone: what lies in the trash comes out of it, and the file follows when it is saved.
    expect(hands.cards()).to_have_count(3)
    hands.cards().first.click()
    hands.press("Shift+Delete")
    hands.at_revision(before + 3)
    assert lab.kernel(COUNTS) == [2, 1]
    lab.kernel("review.save()")
    assert len(list((folder / "trash").glob("*.png"))) == 2
    assert len(list((folder / "noise").glob("*.png"))) == 1
    lab.watch.check()
