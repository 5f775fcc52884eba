"""The abstract suite: what every disk must show, the one in memory and a real one."""

from __future__ import annotations

import errno
import os

import pytest

from shoal.disk import Wish, apply_plan, committed, make_plan, recover, restore, scan
from shoal.disk.save import SaveRecord
from shoal.errors import SaveError
from shoal.store.filesystem import FileSystem
from tests.crash.disk import KilledError
from tests.crash.doors import Door
from tests.crash.scenarios import Tree

FILES = [
    "a/1.png",
    "a/1.txt",
    "a/2.png",
    "b/1.png",
    "b/notes.md",
    "c/3.png",
    "c/faces/3_0.png",
    "noise/9.png",
]
WISHES = {
    "a/1.png": "b/1.png", "b/1.png": "c/1.png", "c/3.png": "a/1.png",  # a cycle of folders, a chain of names
    "a/2.png": "new/2.png", "noise/9.png": "b/1.png",  # a new folder, a collision, an emptied folder
}  # fmt: skip


def fill(door: Door) -> Tree:
    door.fill({name: f"bytes of {name}".encode() for name in FILES})
    return door.look()


def save(fs: FileSystem) -> SaveRecord:
    found = scan("", check="none", fs=fs)
    wishes = [Wish(a, b.rpartition("/")[0], b.rpartition("/")[2]) for a, b in WISHES.items()]
    plan = make_plan(found, wishes)
    assert plan.ok
    return apply_plan("", plan, expected=found, report={"r": 1}, changes={"c": 1}, fs=fs)


def clusters(tree: Tree) -> Tree:
    return {path: data for path, data in tree.items() if "/" in path or data is None}


def after_save(door: Door) -> tuple[Tree, Tree, int]:
    """Old tree, new tree, and the number of changing calls of a save that goes well."""
    old = fill(door)
    other = door.copy()
    fs = other.open()
    save(fs)
    new = other.look()
    calls = fs.calls
    fs.close()
    assert sorted(d for d in old.values() if d) == sorted(d for d in clusters(new).values() if d)
    return old, new, calls


def test_killed_at_every_changing_call(door: Door) -> None:
    old, new, calls = after_save(door)
    seen = set()
    for k in range(0, calls, door.stride):
        victim = door.copy()
        fs = victim.open(kill_at=k)
        with pytest.raises(KilledError):
            save(fs)
        fs.close()
        fs = victim.open()
        recover("", fs=fs)
        tree, done = clusters(victim.look()), committed("", fs=fs)
        assert tree == clusters(new if done else old), f"killed at call {k}"
        seen.add(bool(done))
        before = fs.calls
        assert recover("", fs=fs).action == "nothing"
        assert fs.calls == before, "recovering twice changes nothing the second time"
        fs.close()
    assert seen == {True, False}, "some crashes come before the commit, some after it"


def test_killed_during_recovery_three_deep(door: Door) -> None:
    old, new, calls = after_save(door)
    for k in range(calls // 2, calls, 4 * door.stride):
        for deep in range(3):
            victim = door.copy()
            fs = victim.open(kill_at=k)
            with pytest.raises(KilledError):
                save(fs)
            fs.close()
            for level in range(3):
                fs = victim.open(kill_at=1 + deep + 2 * level)
                try:
                    recover("", fs=fs)
                except KilledError:
                    pass
                finally:
                    fs.close()
            fs = victim.open()
            recover("", fs=fs)
            assert clusters(victim.look()) == clusters(new if committed("", fs=fs) else old)
            fs.close()


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE])
def test_every_changing_call_may_fail(door: Door, number: int) -> None:
    """Fault rows 5, 6 and 7: the error is shown, the tree is as it was; saved is said only when it is so."""
    old, new, calls = after_save(door)
    for k in range(1, calls + 1, door.stride):
        victim = door.copy()
        fs = victim.open(fail_at=k, error=OSError(number, os.strerror(number)))
        try:
            done = save(fs)
        except SaveError as error:
            assert error.hint
            assert clusters(victim.look()) == clusters(old), f"call {k}"
            assert not committed("", fs=fs)
        else:
            assert done.warnings or victim.look()["cluster_report.json"] == new["cluster_report.json"]
            fs.close()
            fs = victim.open()
            recover("", fs=fs)
            assert clusters(victim.look()) == clusters(new), f"call {k}"
        finally:
            fs.close()
        fs = victim.open()
        recover("", fs=fs)
        assert clusters(victim.look()) in (clusters(old), clusters(new))
        assert save_again(fs, victim, old)
        fs.close()


def save_again(fs: FileSystem, victim: Door, old: Tree) -> bool:
    """After any failure, the next save goes well."""
    if clusters(victim.look()) != clusters(old):
        return True
    return save(fs).revision >= 1


def test_restore_is_byte_for_byte_and_can_be_killed_anywhere(door: Door) -> None:
    old = fill(door)
    pristine = door.copy()
    fs = door.open()
    save(fs)
    new = door.look()
    calls = fs.calls
    restore("", 0, fs=fs)
    steps = fs.calls - calls
    assert clusters(door.look()) == clusters(old)
    restore("", 1, fs=fs)
    assert clusters(door.look()) == clusters(new)
    fs.close()
    for k in range(0, steps, 2 * door.stride):
        victim = pristine.copy()
        fs = victim.open()
        save(fs)
        fs.close()
        fs = victim.open(kill_at=k)
        with pytest.raises(KilledError):
            restore("", 0, fs=fs)
        fs.close()
        fs = victim.open()
        recover("", fs=fs)
        assert clusters(victim.look()) == clusters(old if len(committed("", fs=fs)) == 2 else new), k
        fs.close()
