"""The main job in a real JupyterLab: lasso, drag, merge, rename, split, undo, save, and a killed kernel."""

from __future__ import annotations

import json
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


def files(root: Path) -> dict[str, list[str]]:
    """Pictures and sidecars in each cluster folder."""
    return {
        p.name: sorted(f.name for f in p.iterdir())
        for p in sorted(root.iterdir())
        if p.is_dir() and p.name != ".shoal"
    }


def test_the_main_job(lab: Lab, folder: Path) -> None:
    before = files(folder)
    lab.open(f"{folder.parent.name}/review.ipynb")
    lab.run_all()
    hands = Hands(lab.page).ready()

    # Lasso: one of alpha's two clumps (which one is up depends on the way the map's y axis points).
    hands.lasso(TOP_LEFT)
    expect(hands.selected_cards()).to_have_count(small_folder.PER_CLUMP)
    lab.page.wait_for_timeout(300)
    selection = lab.kernel(STATE)["selection"]
    clump = 0 if "alpha/alpha_0_0.png" in selection else 1
    caught = [f"alpha/{n}" for n in small_folder.names("alpha", clump)]
    assert selection == caught

    # Move by drag and drop.
    hands.drag(hands.selected_cards().first, hands.cluster("beta"))
    hands.at_revision(1)
    state = lab.kernel(STATE)
    assert set(caught) <= set(state["clusters"]["beta"])
    assert len(state["clusters"]["alpha"]) == small_folder.PER_CLUMP
    assert files(folder) == before, "an edit moves no file before a save"

    # Merge two clusters.
    hands.cluster("gamma").click()
    hands.cluster("delta").click(modifiers=["ControlOrMeta"])
    hands.press("g")
    hands.answer("trio")
    hands.at_revision(2)
    state = lab.kernel(STATE)
    assert len(state["clusters"]["trio"]) == 2 * small_folder.PER_CLUMP
    assert "gamma" not in state["clusters"]
    assert "delta" not in state["clusters"]

    # Rename in place.
    hands.cluster("beta").click()
    hands.press("F2")
    hands.type_over("hero")
    hands.press("Enter")
    hands.at_revision(3)
    assert len(lab.kernel(STATE)["clusters"]["hero"]) == 2 * small_folder.PER_CLUMP

    # Split three of them off.
    hands.cluster("hero").click()
    hands.cards().nth(0).click()
    hands.cards().nth(2).click(modifiers=["Shift"])
    expect(hands.selected_cards()).to_have_count(3)
    hands.press("s")
    hands.answer("side")
    hands.at_revision(4)
    assert len(lab.kernel(STATE)["clusters"]["side"]) == 3

    # Undo twice, redo once: the split and the rename are gone, the rename is back.
    hands.focus()
    hands.press("Control+z")
    hands.at_revision(5)
    hands.press("Control+z")
    hands.at_revision(6)
    assert "beta" in lab.kernel(STATE)["clusters"]
    hands.press("Control+y")
    hands.at_revision(7)
    state = lab.kernel(STATE)
    assert set(state["clusters"]) == {"alpha", "hero", "trio"}
    assert [in_force for _, in_force in state["history"]] == [True, True, True, False]
    assert files(folder) == before

    # Save.
    hands.focus()
    hands.press("Control+s")
    hands.confirm_save()
    hands.at_revision(8)
    wanted = {name: sorted(Path(i).name for i in items) for name, items in state["clusters"].items()}
    wanted["noise"] = before["noise"]
    now = files(folder)
    assert {k: [n for n in v if n.endswith(".png")] for k, v in now.items()} == wanted
    assert f"alpha_{clump}_0.txt" in now["hero"], "a sidecar travels with its picture"
    assert f"alpha_{1 - clump}_0.txt" in now["alpha"]
    (changes,) = folder.glob("changes_*.json")
    written = json.loads(changes.read_text(encoding="utf-8"))
    assert len(written["actions"]) == 3
    assert {Path(dst).parts[0] for _, dst in written["moves"]} == {"hero", "trio"}
    report = json.loads((folder / "cluster_report.json").read_text(encoding="utf-8"))
    assert {c["name"]: c["size"] for c in report["clusters"]} == {
        k: len(v) for k, v in wanted.items() if k != "noise"
    }
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
    hands.at_revision(9)
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
