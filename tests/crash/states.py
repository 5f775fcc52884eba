"""Crash a save anywhere, recover, and see whether anything is missing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from shoal.disk import committed, recover
from shoal.errors import ShoalError
from tests.crash.disk import Disk, Power
from tests.crash.scenarios import Backup, Scenario, Tree, random_scenario
from tests.crash.simulated import SimulatedFileSystem

Verdict = Literal["old", "new", "lost", "mixed", "unrecovered"]
POWERS: tuple[Power, ...] = ("kill", "ordered", "atomic", "split")


class State(NamedTuple):
    """One crashed disk: which save, how it was crashed, and how many recoveries crash after it."""

    scenario: Scenario
    disk: Disk
    power: Power
    depth: int


def pictures(tree: Tree) -> Tree:
    """The tree without the report and the change logs in the root."""
    return {path: data for path, data in tree.items() if "/" in path or data is None}


def judge(scenario: Scenario, disk: Disk) -> Verdict:
    """What a recovered disk holds: the old tree, the new one, or something that must not be."""
    tree = pictures(disk.walk())
    there = set(tree.values())
    if any(data not in there for data in pictures(scenario.old).values()):
        return "lost"
    done = committed("", scenario.revision - 1, fs=SimulatedFileSystem(disk))
    if not done:
        return "old" if tree == pictures(scenario.old) else "mixed"
    # The log must say what the tree says, and the report must be the new one.
    told = len(done) == 1 and dict(done[0].moves) == scenario.moves
    report = disk.find("cluster_report.json")
    fresh = report is not None and b"new" in disk.files[report].data
    logged = disk.find(done[0].changes_file) is not None
    return "new" if tree == pictures(scenario.new) and told and fresh and logged else "mixed"


def recovered(disk: Disk, rng: random.Random, power: Power, depth: int) -> Disk:
    """Recover; before that, let ``depth`` attempts of it crash on the way."""
    for _ in range(depth):
        fs = SimulatedFileSystem(disk.settled())
        recover("", fs=fs)
        facts = fs.disk.facts
        if not facts:
            return disk
        disk = fs.history().crash(rng.randint(0, len(facts)), power, rng)
    fs = SimulatedFileSystem(disk.settled())
    recover("", fs=fs)
    return fs.disk


def outcome(state: State, rng: random.Random) -> Verdict:
    """Recover a crashed disk and judge it; recovering once more must change nothing."""
    try:
        disk = recovered(state.disk, rng, state.power, state.depth)
        verdict = judge(state.scenario, disk)
        again = SimulatedFileSystem(disk.settled())
        if recover("", fs=again).action != "nothing" or again.disk.facts:
            return "unrecovered"
    except (ShoalError, OSError):
        return "unrecovered"
    return verdict


def crash_states(
    rng: random.Random, per_scenario: int, powers: tuple[Power, ...] = POWERS
) -> Iterator[State]:
    """Without end: crashed disks of random saves, killed or without power at every kind of moment."""
    while True:
        backup: Backup = rng.choice(("link", "link", "copy", "none"))
        scenario = random_scenario(rng, backup)
        # Without a backup nothing can make up for a disk that tears a rename in two: that is not promised.
        fair = tuple(power for power in powers if not (backup == "none" and power == "split"))
        for _ in range(per_scenario):
            power = rng.choice(fair)
            k = rng.randint(0, len(scenario.history.facts))
            disk = scenario.history.crash(k, power, rng)
            yield State(scenario, disk, power, rng.choice((0, 0, 0, 1, 2, 3)))


def soak(states: int, seed: int, per_scenario: int = 100) -> Counter[str]:
    """Count the verdicts over so many crash states."""
    rng = random.Random(seed)
    count: Counter[str] = Counter()
    for state in crash_states(rng, per_scenario):
        count[outcome(state, rng)] += 1
        if count.total() >= states:
            break
    return count
