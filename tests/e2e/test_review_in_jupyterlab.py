"""What only JupyterLab has: a kernel that sees the selection and may be killed, and themes."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shoal.widgets.notebook import write_notebook
from tests.e2e import small_folder
from tests.e2e.hands import Hands
from tests.e2e.lab import Lab

STATE = """
import json
print(json.dumps({
    "clusters": {c.name: sorted(review.items(c.name)) for c in review.clusters.itertuples()},
    "noise": len(review.items("noise")),
    "revision": review.revision,
    "history": [[h.label, bool(h.in_force)] for h in review.history.itertuples()],
    "selection": sorted(review.selection),
}))
"""
TOP_LEFT = [(0.02, 0.02), (0.35, 0.02), (0.35, 0.4), (0.02, 0.4)]


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    root = lab.server.root / request.node.name / "clustered"
    small_folder.build(root)
    write_notebook(root.parent / "review.ipynb", root)
    yield root
    shutil.rmtree(root.parent)


def test_the_kernel_sees_what_is_done_and_a_killed_one_comes_back(lab: Lab, folder: Path) -> None:
    """What a person does is tested in every host; here, what only a kernel can tell."""
    lab.open(f"{folder.parent.name}/review.ipynb")
    lab.run_all()
    hands = Hands(lab.page).ready()

    # The selection of the map is the kernel's (which clump is up depends on the way the map's y axis points).
    hands.lasso(TOP_LEFT)
    expect(hands.selected_cards()).to_have_count(small_folder.PER_CLUMP)
    lab.page.wait_for_timeout(300)
    selection = lab.kernel(STATE)["selection"]
    clump = 0 if "alpha/alpha_0_0.png" in selection else 1
    caught = [f"alpha/{n}" for n in small_folder.names("alpha", clump)]
    assert selection == caught
    hands.drag(hands.selected_cards().first, hands.cluster("beta"))
    hands.at_revision(1)
    assert set(caught) <= set(lab.kernel(STATE)["clusters"]["beta"])
    hands.cluster("beta").click()
    hands.press("F2")
    hands.type_over("hero")
    hands.press("Enter")
    hands.at_revision(2)
    hands.focus()
    hands.press("Control+s")
    hands.confirm_save()
    hands.at_revision(3)
    state = lab.kernel(STATE)
    assert len(state["clusters"]["hero"]) == 2 * small_folder.PER_CLUMP
    lab.watch.check()

    # The kernel is killed, comes back, and the session with it.
    pid = lab.kernel("import os; print(os.getpid())")
    os.kill(pid, signal.SIGKILL)
    lab.survive_restart()
    lab.run_all()
    Hands(lab.page).ready()
    again = lab.kernel(STATE)
    assert {k: len(v) for k, v in again["clusters"].items()} == {
        k: len(v) for k, v in state["clusters"].items()
    }
    assert again["history"] == state["history"]
    hands = Hands(lab.page)
    hands.focus()
    hands.press("Control+z")
    hands.at_revision(4)
    assert "beta" in lab.kernel(STATE)["clusters"], "an edit from before the kernel's death is undone"
    assert not lab.watch.foreign


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_wears_the_theme(lab: Lab, folder: Path, dark: bool) -> None:
    """The widget's ground follows JupyterLab's theme, also when it is switched later."""
    lab.open(f"{folder.parent.name}/review.ipynb")
    lab.theme(dark=not dark)
    lab.run_all()
    hands = Hands(lab.page).ready()
    lab.theme(dark=dark)
    lab.page.wait_for_timeout(300)
    red, green, blue = hands.ground()
    assert (red + green + blue < 3 * 96) == dark
    lab.watch.check()
