"""What a person does to a review, in JupyterLab and in the web app alike: one suite, told only the host."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import hostile, hosts, name_tour, small_folder
from tests.e2e.conftest import ARTIFACTS

TOP_LEFT = [(0.02, 0.02), (0.35, 0.02), (0.35, 0.4), (0.02, 0.4)]
N = small_folder.PER_CLUMP


@pytest.fixture(params=hosts.NAMES)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[hosts.Host]:
    """The small folder, ready to be opened."""
    if request.param == hosts.JUPYTERLAB:
        lab = request.getfixturevalue("lab")
        root = lab.server.root / re.sub(r"\W+", "_", request.node.name) / "clustered"
        small_folder.build(root)
        yield hosts.in_jupyterlab(lab, root)
        shutil.rmtree(root.parent)
        return
    pytest.importorskip("voila", reason="Voilà is not installed")
    browser: Browser = request.getfixturevalue("chromium_browser")
    folder = small_folder.build(tmp_path / "clustered")
    failed_before = request.session.testsfailed
    with hosts.in_web_app(browser, folder, tmp_path / "log") as opened:
        yield opened
        if request.session.testsfailed > failed_before:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"\W+", "_", request.node.name)
            opened.page.screenshot(path=str(ARTIFACTS / f"{name}.png"))


def files(root: Path) -> dict[str, list[str]]:
    """Pictures and sidecars in each cluster folder."""
    return {
        p.name: sorted(f.name for f in p.iterdir())
        for p in sorted(root.iterdir())
        if p.is_dir() and p.name != ".shoal"
    }


def test_the_main_job(host: hosts.Host) -> None:
    before = files(host.folder)
    hands = host.open()

    # Lasso: one of alpha's two clumps (which one is up depends on the way the map's y axis points).
    hands.lasso(TOP_LEFT)
    expect(hands.selected_cards()).to_have_count(N)
    expect(hands.root.get_by_test_id("selected-count")).to_have_text(f"{N} selected")

    # Move by drag and drop.
    hands.drag(hands.selected_cards().first, hands.cluster("beta"))
    hands.at_revision(1)
    state = host.state()
    left = state["clusters"]["alpha"]
    clump = 1 if left[0].startswith("alpha/alpha_0") else 0
    assert left == [f"alpha/{name}" for name in small_folder.names("alpha", 1 - clump)]
    assert set(state["clusters"]["beta"]) >= {f"alpha/{name}" for name in small_folder.names("alpha", clump)}
    assert files(host.folder) == before, "an edit moves no file before a save"

    # Merge two clusters, rename one in place, and split three off.
    hands.cluster("gamma").click()
    hands.cluster("delta").click(modifiers=["ControlOrMeta"])
    hands.press("g")
    hands.answer("trio")
    hands.at_revision(2)
    hands.cluster("beta").click()
    hands.press("F2")
    hands.type_over("hero")
    hands.press("Enter")
    hands.at_revision(3)
    hands.cluster("hero").click()
    hands.cards().nth(0).click()
    hands.cards().nth(2).click(modifiers=["Shift"])
    expect(hands.selected_cards()).to_have_count(3)
    hands.press("s")
    hands.answer("side")
    hands.at_revision(4)
    sizes = {name: len(items) for name, items in host.state()["clusters"].items()}
    assert sizes == {"alpha": N, "hero": 2 * N - 3, "trio": 2 * N, "side": 3}

    # Undo twice, redo once: the split and the rename are gone, the rename is back.
    hands.focus()
    hands.press("ControlOrMeta+z")
    hands.at_revision(5)
    hands.press("ControlOrMeta+z")
    hands.at_revision(6)
    assert "beta" in host.state()["clusters"]
    hands.press("ControlOrMeta+y")
    hands.at_revision(7)
    state = host.state()
    assert set(state["clusters"]) == {"alpha", "hero", "trio"}
    assert [in_force for _, in_force in state["history"]] == [True, True, True, False]
    assert files(host.folder) == before

    # Save.
    hands.focus()
    hands.press("ControlOrMeta+s")
    hands.confirm_save()
    hands.at_revision(8)
    expect(host.page.get_by_test_id("saved-note")).to_be_visible(timeout=20_000)
    wanted = {name: sorted(Path(i).name for i in items) for name, items in state["clusters"].items()}
    wanted["noise"] = before["noise"]
    now = files(host.folder)
    assert {k: [n for n in v if n.endswith(".png")] for k, v in now.items()} == wanted
    assert f"alpha_{clump}_0.txt" in now["hero"], "a sidecar travels with its picture"
    assert f"alpha_{1 - clump}_0.txt" in now["alpha"]
    (changes,) = host.folder.glob("changes_*.json")
    written = json.loads(changes.read_text(encoding="utf-8"))
    assert len(written["actions"]) == 3
    assert {Path(dst).parts[0] for _, dst in written["moves"]} == {"hero", "trio"}
    report = json.loads((host.folder / "cluster_report.json").read_text(encoding="utf-8"))
    assert {c["name"]: c["size"] for c in report["clusters"]} == {
        k: len(v) for k, v in wanted.items() if k != "noise"
    }

    # The page is loaded again: everything is there, and an edit from before the save is undone.
    hands = host.reload()
    hands.focus()
    hands.press("ControlOrMeta+z")
    expect(hands.cluster("beta")).to_be_visible()
    assert "beta" in host.state()["clusters"]
    host.check()


def test_keys_send_to_noise_and_trash_and_bring_back(host: hosts.Host) -> None:
    hands = host.open()
    hands.cluster("gamma").click()
    hands.cards().nth(0).click()
    hands.cards().nth(1).click(modifiers=["Shift"])
    expect(hands.selected_cards()).to_have_count(2)
    hands.press("Delete")
    hands.at_revision(1)
    state = host.state()
    assert len(state["noise"]) == N + 2 and len(state["clusters"]["gamma"]) == N - 2

    # M and the first letters of a name: the rest of them to another cluster.
    hands.focus()
    hands.press("ControlOrMeta+a")
    expect(hands.selected_cards()).to_have_count(N - 2)
    hands.press("m")
    expect(hands.root.get_by_role("dialog")).to_be_visible()
    host.page.keyboard.type("del")
    hands.press("Enter")
    hands.at_revision(2)
    assert len(host.state()["clusters"]["delta"]) == 2 * N - 2
    for revision in (3, 4):
        hands.focus()
        hands.press("ControlOrMeta+z")
        hands.at_revision(revision)
    state = host.state()
    assert len(state["clusters"]["gamma"]) == N and len(state["noise"]) == N
    host.check()


def test_a_picture_large_and_two_side_by_side(host: hosts.Host) -> None:
    hands = host.open()
    hands.cluster("beta").click()
    hands.cards().nth(0).click()
    hands.press("Space")
    preview = hands.root.get_by_role("dialog")
    large = preview.locator("img").first
    expect(large).to_be_visible()
    expect(large).to_have_js_property("naturalWidth", 96)
    hands.press("ArrowRight")
    hands.press("Escape")
    expect(preview).to_be_hidden()
    for place in (0, 3):
        hands.cards().nth(place).click(modifiers=["ControlOrMeta"] if place else [])
    hands.press("c")
    expect(hands.root.get_by_test_id("compare").locator("img").nth(1)).to_be_visible()
    hands.press("Escape")
    assert hands.revision() == 0, "looking changes nothing"
    host.check()


def test_a_mixed_cluster_is_taken_apart_and_noise_brought_home(host: hosts.Host) -> None:
    hands = host.open()
    hands.cluster("alpha").click()
    hands.focus()
    hands.press("Shift+S")
    expect(hands.root.get_by_test_id("split-part")).to_have_count(2)
    hands.root.get_by_test_id("part-name").fill("other half")
    hands.press("Enter")
    hands.at_revision(1)
    found = host.state()["clusters"]
    halves = {"_".join(Path(i).stem.split("_")[:2]) for i in found["other half"]}
    assert len(found["alpha"]) == len(found["other half"]) == N and len(halves) == 1

    hands.focus()
    hands.press("n")
    expect(hands.root.get_by_test_id("harvest-group").first).to_be_visible()
    hands.root.get_by_test_id("harvest-least").fill("0")
    everything = hands.root.get_by_test_id("harvest-all")
    expect(everything).to_have_text(f"Take all {N}")
    everything.click()
    hands.at_revision(2)
    assert host.state()["noise"] == []
    hands.press("Escape")
    hands.focus()
    hands.press("ControlOrMeta+z")
    hands.at_revision(3)
    assert len(host.state()["noise"]) == N
    host.check()


def test_names_are_shown_as_text_and_nothing_runs(host: hosts.Host) -> None:
    shutil.rmtree(host.folder)
    hostile.build(host.folder, 100)
    clusters = len(host.state()["clusters"]) + 1
    hands = host.open()
    hands.show_whole()
    assert name_tour.tour(hands, clusters) == (0, clusters) and clusters >= 3
    host.check()
