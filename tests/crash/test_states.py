"""Twenty thousand crash states in every test run, and the proof that the harness can fail."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

import shoal.disk.save as save_module
import shoal.disk.settle as settle_module
from shoal.disk.layout import COMMITS, JOURNAL
from shoal.errors import SaveError
from shoal.store.filesystem import FileSystem
from tests.crash.disk import Fact
from tests.crash.naive import naive_soak
from tests.crash.simulated import SimulatedFileSystem
from tests.crash.states import crash_states, outcome, soak

STATES = 20_000


@pytest.mark.parametrize("seed", range(4))
def test_no_crash_state_loses_or_mixes_anything(seed: int) -> None:
    count = soak(STATES // 4, seed)
    assert set(count) <= {"old", "new"}, dict(count)
    assert count["old"] > 100
    assert count["new"] > 100


def test_the_naive_save_loses_pictures_in_the_same_harness() -> None:
    count = naive_soak(5_000, 1)
    assert count["lost"] > 100
    assert count["mixed"] > 100


def _no_sync_of(folders: Callable[[str], bool]) -> Callable[[SimulatedFileSystem, str], None]:
    def sync_folder(self: SimulatedFileSystem, path: str) -> None:
        if not folders(path):
            self.disk.facts.append(Fact("sync_folder", self.disk.txn, self.disk.folder(path)))

    return sync_folder


MUTANTS = {
    "the pictures' folders are not synced": lambda path: not path.startswith(".shoal"),
    "the journal is not synced": lambda path: path == JOURNAL,
    "the commit is not synced": lambda path: path == COMMITS,
    "the backup is not synced": lambda path: path.startswith(".shoal/backups"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_harness_sees_every_sync_that_is_left_out(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedFileSystem, "sync_folder", _no_sync_of(MUTANTS[mutant]))
    assert _found_within(30_000), mutant


def test_the_harness_sees_a_save_without_a_plan_for_collisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rename that replaces, and renames in any order: pictures are lost."""

    def rename(self: SimulatedFileSystem, src: str, dst: str) -> None:
        self._call()
        inode = self.disk.find(src)
        self.disk.put(*self.disk.place(dst), inode)
        self.disk.put(*self.disk.place(src), None)

    def carry_out(fs: FileSystem, pairs: list[tuple[str, str]], *_: object) -> None:
        for src, dst in pairs:
            if fs.stat(src) is not None:
                fs.rename(src, dst)

    monkeypatch.setattr(SimulatedFileSystem, "rename", rename)
    monkeypatch.setattr(save_module, "carry_out", carry_out)
    monkeypatch.setattr(settle_module, "carry_out", carry_out)
    assert _found_within(3_000)


def _found_within(states: int) -> bool:
    """Whether some crash state is lost, mixed or not recovered, or a restore finds that a picture is gone."""
    rng = random.Random(0)
    try:
        for n, state in enumerate(crash_states(rng, 50)):
            if outcome(state, rng) not in ("old", "new"):
                return True
            if n >= states:
                break
    except SaveError as error:
        return "is gone" in str(error)
    return False


def test_the_same_seed_gives_the_same_states() -> None:
    assert soak(300, 5) == soak(300, 5)
