"""A person's path through a review of 600 crops with known mistakes, in a real JupyterLab, in gestures.

A gesture is a click, a key (each letter that is typed counts), or a screen that is scrolled. The person sees
what is wrong (the file names know the truth) and corrects it by what the browser has; the kernel is asked
at the end whether every item is where it belongs. ``gestures`` is plain browsing: cluster after cluster,
select what is wrong, move it. ``gestures_with_offers`` also takes what the browser offers: proposals to
split, outliers first, noise brought home.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from shoal.widgets.notebook import write_notebook
from tests.e2e import cast_folder
from tests.e2e import lab as labs
from tests.e2e import server as servers
from tests.e2e.hands import Hands

IDS = ("review.600.",)
STATE = """
import json
state, table = review.session.state, review.session.table
print(json.dumps({"names": [p.split("/")[-1] for p in table.ids],
    "clusters": {r.name: state.members(r.code).tolist() for r in state.clusters.values()},
    "noise": state.members(-1).tolist(), "revision": review.revision}))
"""
RUN = 3
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
AT_END = """(e, direction) => direction > 0
  ? e.scrollTop + e.clientHeight >= e.scrollHeight - 1 : e.scrollTop <= 0"""


@dataclass
class Person:
    """Hands that count what they do."""

    lab: labs.Lab
    hands: Hands
    done: dict[str, int] = field(default_factory=lambda: {"clicks": 0, "keys": 0, "scrolls": 0})

    @property
    def total(self) -> int:
        """All gestures."""
        return sum(self.done.values())

    def click(self, what: Locator, *modifiers: Any) -> None:
        """One click."""
        self.done["clicks"] += 1
        what.click(modifiers=list(modifiers))

    def key(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.done["keys"] += 1
            self.hands.press(key)

    def type(self, text: str) -> None:
        """Letters."""
        self.done["keys"] += len(text)
        self.hands.page.keyboard.type(text)

    def card(self, row: int) -> Locator:
        """The picture of an item, scrolled to screen by screen when it is not in view."""
        card = self.hands.root.locator(f'[data-testid="card"][data-row="{row}"]')
        scroller = self.hands.root.locator(".sh-scroller")
        self.hands.page.evaluate(DRAWN)
        up = self._first_in_view() > row
        for direction in (-1, 1) if up else (1, -1):
            while not self._in_view(card, scroller):
                if scroller.evaluate(AT_END, direction):
                    self.hands.page.evaluate(DRAWN)  # a scroll may have come to its end just now
                    if self._in_view(card, scroller):
                        return card
                    break
                before = scroller.evaluate("(e) => e.scrollTop")
                scroller.hover(position={"x": 4, "y": 4})
                self.hands.page.mouse.wheel(0, direction * 400)
                self.hands.page.wait_for_function(
                    "(b) => document.querySelector('.sh-scroller').scrollTop !== b", arg=before
                )
                self.hands.page.evaluate(DRAWN)
                self.done["scrolls"] += 1
            else:
                return card
        seen = self.hands.cards().evaluate_all("(cards) => cards.map((c) => c.dataset.row)")
        title = self.hands.root.get_by_test_id("shown-count").inner_text()
        raise AssertionError(f"item {row} is not in the grid: {title}, in view {seen}")

    def _first_in_view(self) -> int:
        return min(self.hands.cards().evaluate_all("(cards) => cards.map((c) => Number(c.dataset.row))"))

    def _in_view(self, card: Locator, scroller: Locator) -> bool:
        if card.count() == 0:
            return False
        box, frame = card.bounding_box(), scroller.bounding_box()
        if box is None or frame is None:
            return False
        middle = box["y"] + box["height"] / 2
        return bool(frame["y"] + 8 < middle < frame["y"] + frame["height"] - 8)

    def select(self, rows: list[int]) -> None:
        """Click the first, then the others: a run of three and more by its ends."""
        self.click(self.card(rows[0]))
        if len(rows) > 2 and rows == list(range(rows[0], rows[-1] + 1)):
            self.click(self.card(rows[-1]), "Shift")
            return
        for row in rows[1:]:
            self.click(self.card(row), "ControlOrMeta")

    def show(self, cluster: str) -> None:
        """Choose a cluster in the list."""
        row = self.hands.cluster("Noise / Unclassified" if cluster == "noise" else cluster)
        row.scroll_into_view_if_needed()
        self.click(row)
        title = "Noise / Unclassified" if cluster == "noise" else cluster
        expect(self.hands.root.get_by_test_id("shown-title")).to_have_text(title)
        expect(self.hands.cards().first).to_be_visible()
        self.hands.settled()

    def after(self, act: Callable[[], None]) -> None:
        """Do something that makes one edit, and wait for it."""
        before = self.hands.revision()
        act()
        self.hands.at_revision(before + 1)


def wrong(lab: labs.Lab, truth: dict[str, str]) -> tuple[dict[str, Any], dict[str, dict[str, list[int]]]]:
    """The state, and for each place the items that belong elsewhere, by where they belong."""
    state = lab.kernel(STATE)
    owner = {name: owner_of(name, rows, state, truth) for name, rows in state["clusters"].items()}
    found: dict[str, dict[str, list[int]]] = {}
    for place, rows in {**state["clusters"], "noise": state["noise"]}.items():
        astray: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            who = truth[state["names"][row]]
            if who != owner.get(place):
                astray[who].append(row)
        if astray:
            found[place] = dict(astray)
    return {**state, "owner": owner}, found


def owner_of(name: str, rows: list[int], state: dict[str, Any], truth: dict[str, str]) -> str:
    """Whom a cluster is named after where a third of it is that one, else who most of the items are."""
    count: dict[str, int] = defaultdict(int)
    for row in rows:
        count[truth[state["names"][row]]] += 1
    if count[name] * 3 >= len(rows):
        return name
    return max(count, key=lambda who: count[who])


def merge_twins(person: Person, truth: dict[str, str]) -> None:
    """Clusters of one character become one: click, Ctrl-click, G, Enter."""
    state, _ = wrong(person.lab, truth)
    by_owner: dict[str, list[str]] = defaultdict(list)
    for name, who in state["owner"].items():
        by_owner[who].append(name)
    for twins in by_owner.values():
        if len(twins) > 1:
            first, *others = sorted(twins, key=lambda name: -len(state["clusters"][name]))
            person.show(first)
            for other in others:
                person.click(person.hands.cluster(other), "ControlOrMeta")
            person.after(lambda: person.key("g", "Enter"))


def runs_of(rows: list[int]) -> list[list[int]]:
    """Items in the order of the grid as runs of three and more, and the rest together."""
    out: list[list[int]] = []
    loose: list[int] = []
    start = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or rows[i] != rows[i - 1] + 1:
            run = rows[start:i]
            if len(run) >= RUN:
                out.append(run)
            else:
                loose += run
            start = i
    return [*out, loose] if loose else out


def move_astray(person: Person, truth: dict[str, str]) -> None:
    """Plain browsing: in each cluster select what is wrong, and move it by typing where it belongs."""
    state, found = wrong(person.lab, truth)
    home = {who: name for name, who in state["owner"].items()}
    for place, astray in found.items():
        person.show(place)
        for who, rows in astray.items():
            for run in runs_of(rows):
                person.select(run)
                if who in home:
                    person.after(
                        lambda who=who: (person.key("m"), person.type(home[who][:3]), person.key("Enter"))
                    )
                else:
                    person.after(lambda who=who: (person.key("s"), person.type(who), person.key("Enter")))
                    home[who] = who


def plain(person: Person, truth: dict[str, str]) -> None:
    """Merge what is one, then move what is astray until nothing is."""
    merge_twins(person, truth)
    for _ in range(4):
        if not wrong(person.lab, truth)[1]:
            return
        move_astray(person, truth)


def with_offers(person: Person, truth: dict[str, str]) -> None:
    """Split as proposed, merge, odd ones to noise, noise brought home; then the rest by plain browsing."""
    root = person.hands.root
    for a, _ in cast_folder.MIXED:
        person.show(a)
        person.key("Shift+S")
        expect(root.get_by_test_id("split-part").nth(1)).to_be_visible(timeout=20_000)
        slider = root.get_by_test_id("split-parts")
        while int(slider.input_value()) > 2:
            person.key("ArrowLeft")
            person.hands.page.wait_for_timeout(400)
        person.after(lambda: person.key("Enter"))
    merge_twins(person, truth)
    person.click(root.get_by_test_id("item-sort"))
    person.click(root.get_by_role("menuitemradio", name="Outliers first"))
    _, found = wrong(person.lab, truth)
    for place, astray in found.items():
        if place == "noise":
            continue
        person.show(place)
        rows = [row for group in astray.values() for row in group]
        person.click(person.card(rows[0]))
        for row in rows[1:]:
            person.click(person.card(row), "ControlOrMeta")
        person.after(lambda: person.key("Delete"))
    person.key("n")
    everything = root.get_by_test_id("harvest-all")
    expect(everything).to_be_visible()
    person.hands.page.wait_for_timeout(600)
    person.key("Home")
    noise = len(person.lab.kernel(STATE)["noise"])
    expect(everything).to_have_text(f"Take all {noise}", timeout=15_000)
    person.after(lambda: person.click(everything))
    person.key("Escape")
    if wrong(person.lab, truth)[1]:
        person.click(root.get_by_test_id("item-sort"))
        person.click(root.get_by_role("menuitemradio", name="Original order"))
    plain(person, truth)


def walked(
    opened: Any, way: Callable[[Person, dict[str, str]], None], folder: Path, state: Path
) -> tuple[Person, float]:
    """One review from its beginning to its end: who did it, and the seconds it took."""
    cast = cast_folder.build(folder / "clustered")
    write_notebook(folder / "review.ipynb", cast.root)
    with (
        servers.running(folder, state, environment={"HF_HUB_OFFLINE": "1"}) as server,
        labs.lab(opened, server) as lab,
    ):
        lab.open("review.ipynb")
        lab.run_all()
        hands = Hands(lab.page).ready()
        hands.show_whole()
        person = Person(lab, hands)
        began = time.perf_counter()
        way(person, cast.truth)
        seconds = time.perf_counter() - began
        end, left = wrong(lab, cast.truth)
        assert not left, left
        assert sorted(end["owner"].values()) == sorted(cast_folder.CAST), "every character has one cluster"
        lab.watch.check()
    return person, seconds


def rows(only: str) -> list[dict[str, Any]]:
    """Both paths."""
    out: list[dict[str, Any]] = []
    ways = {"review.600.gestures": plain, "review.600.gestures_with_offers": with_offers}
    with labs.browser() as opened:
        for name, way in ways.items():
            if not (name.startswith(only) or only.startswith(name)):
                continue
            with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as state:
                person, seconds = walked(opened, way, Path(folder), Path(state))
            parts = ", ".join(f"{n} {what}" for what, n in person.done.items())
            note = f"{parts}; {seconds:.0f} s by a machine's hand. 600 crops: "
            note += f"{len(cast_folder.SPLIT)} characters in two clusters, {len(cast_folder.MIXED)} mixed "
            note += f"clusters, {cast_folder.STRAYS} strays, {cast_folder.IN_NOISE} in noise"
            out.append({"id": name, "value": person.total, "unit": "gestures", "note": note})
    return out
