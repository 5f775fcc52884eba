from __future__ import annotations

import itertools

import pytest

from shoal.disk.layout import HOLD, hold_name
from shoal.disk.records import Record, Step
from shoal.disk.settle import carry_out, holding_place, path_key, settle
from tests.crash.disk import Disk
from tests.crash.scenarios import add_file
from tests.crash.simulated import SimulatedFileSystem


def record(steps: list[Step]) -> Record:
    return Record(1, "id", "", tuple(steps), (), (), "none", "changes.json", ())


def disk_with(places: dict[str, str]) -> tuple[Disk, dict[str, int]]:
    """Path → content; returns the inode of each content."""
    disk = Disk()
    for folder in ("a", "b", ".shoal/hold"):
        add_file(disk, f"{folder}/.dir", b"")
    for path, content in places.items():
        add_file(disk, path, content.encode())
    disk.facts.clear()
    return disk, {content: disk.find(path) or 0 for path, content in places.items()}


def pictures(disk: Disk) -> dict[str, str]:
    return {p: d.decode() for p, d in disk.walk().items() if d}


SRCS, DSTS = ["a/1", "a/2", "b/1"], ["a/2", "b/1", "a/1"]
OPTIONS = [[SRCS[i], DSTS[i], hold_name(1, i)] for i in range(3)]
# Each file at its source, its target or its waiting place; two files are never at one place.
REACHABLE = [
    places
    for places in itertools.product(range(3), repeat=3)
    if len({OPTIONS[i][k] for i, k in enumerate(places)}) == 3
]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("places", REACHABLE)
def test_a_three_cycle_is_settled_from_wherever_it_was_left(places: tuple[int, ...], forward: bool) -> None:
    where = {OPTIONS[i][k]: f"content {i}" for i, k in enumerate(places)}
    disk, inodes = disk_with(where)
    steps = [Step(SRCS[i], DSTS[i], inodes[f"content {i}"], 9, inodes[f"content {i}"]) for i in range(3)]
    settle(SimulatedFileSystem(disk), record(steps), forward=forward)
    side = DSTS if forward else SRCS
    assert pictures(disk) == {side[i]: f"content {i}" for i in range(3)}


@pytest.mark.parametrize("forward", [True, False])
def test_a_file_with_both_its_names_keeps_one(forward: bool) -> None:
    disk, inodes = disk_with({"a/1": "x"})
    fs = SimulatedFileSystem(disk)
    fs.link("a/1", "b/1")
    settle(fs, record([Step("a/1", "b/1", inodes["x"], 1, 1)]), forward=forward)
    assert pictures(disk) == {"b/1" if forward else "a/1": "x"}


def test_two_names_that_a_person_gave_both_stay() -> None:
    """A swap of two names of one file: whichever is which, both must be there afterwards."""
    disk, inodes = disk_with({"a/1": "x"})
    fs = SimulatedFileSystem(disk)
    fs.link("a/1", "b/1")
    steps = [Step("a/1", "b/1", inodes["x"], 1, 1), Step("b/1", "a/1", inodes["x"], 1, 1)]
    for forward in (True, False):
        settle(fs, record(steps), forward=forward)
        assert pictures(disk) == {"a/1": "x", "b/1": "x"}


def test_a_disk_that_gives_inodes_anew_is_known_by_size_and_time() -> None:
    disk, inodes = disk_with({"b/1": "x"})
    step = Step("a/1", "b/1", 999_999, 1, disk.files[inodes["x"]].mtime_ns)
    settle(SimulatedFileSystem(disk), record([step]), forward=False)
    assert pictures(disk) == {"a/1": "x"}


def test_somebody_elses_file_is_not_taken_for_ours() -> None:
    disk, _ = disk_with({"b/1": "other"})
    done = settle(SimulatedFileSystem(disk), record([Step("a/1", "b/1", 999_999, 1, 7)]), forward=False)
    assert pictures(disk) == {"b/1": "other"}
    assert any("no backup" in note for note in done.notes)


def test_twins_are_told_apart_where_the_disk_does() -> None:
    disk, _ = disk_with({"a/x.png": "lower", "a/X.png": "upper"})
    carry_out(
        SimulatedFileSystem(disk), [("a/x.png", "b/x.png"), ("a/X.png", "b/X.png")], str, lambda _: None
    )
    assert pictures(disk) == {"b/x.png": "lower", "b/X.png": "upper"}


def test_the_waiting_place_is_made_when_it_is_needed() -> None:
    disk = Disk()
    add_file(disk, ".shoal/x", b"")
    disk.facts.clear()
    fs = SimulatedFileSystem(disk)
    assert holding_place(fs, hold_name(1, 0)) == hold_name(1, 0)
    assert fs.stat(HOLD) is not None
    assert disk.facts[-1].what == "sync_folder"


def test_keys_of_paths() -> None:
    assert path_key("A/É.png") == path_key("a/e\u0301.PNG")
    assert path_key("a/b") != path_key("ab")
