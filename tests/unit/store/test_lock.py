"""Fault row 20 and half of row 19: one owner, named, and never two."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from shoal.errors import ConflictError
from shoal.store.lock import FolderLock, Owner, this_process

HOLD = """
import sys, time
from shoal.store.lock import FolderLock
with FolderLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the lock."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.wait()
    child.stdout.close()


def write(path: Path, owner: Owner) -> None:
    path.write_text(json.dumps(asdict(owner)))


def test_held_and_given_back(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "lock")
    with lock:
        assert lock.held
        owner = lock.owner()
        assert owner is not None
        assert owner.pid == os.getpid()
        assert owner.is_alive()
        with pytest.raises(ConflictError), FolderLock(tmp_path / "lock"):
            pass
    assert not lock.held
    assert lock.owner() is None
    with lock:
        pass


def test_the_owner_is_named(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(ConflictError, match=rf"process {holder.pid} on ") as caught:
        FolderLock(tmp_path / "lock").acquire()
    assert "Wait" in caught.value.hint


def test_a_suspended_owner_keeps_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(ConflictError, match=str(holder.pid)):
        FolderLock(tmp_path / "lock", wait_s=0.1).acquire()
    with pytest.raises(ConflictError):
        FolderLock(tmp_path / "lock").break_lock()
    holder.send_signal(signal.SIGCONT)


def test_a_killed_owner_loses_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    lock = FolderLock(tmp_path / "lock")
    left = lock.owner()
    assert left is not None
    assert left.pid == holder.pid
    assert left.is_alive() is False
    with lock:
        assert lock.held


def test_waiting_for_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    start = time.monotonic()
    os.kill(holder.pid, signal.SIGTERM)
    with FolderLock(tmp_path / "lock", wait_s=10):
        assert time.monotonic() - start < 9


def test_a_dead_pid_that_somebody_else_has_now(tmp_path: Path) -> None:
    """The start time tells a reused pid from the owner."""
    mine = this_process()
    write(tmp_path / "lock", replace(mine, started="1"))
    lock = FolderLock(tmp_path / "lock")
    owner = lock.owner()
    assert owner is not None
    assert owner.is_alive() is False
    with lock:
        pass


def test_an_owner_before_the_last_start_of_this_machine(tmp_path: Path) -> None:
    write(tmp_path / "lock", replace(this_process(), boot="another"))
    with FolderLock(tmp_path / "lock"):
        pass


def test_an_owner_on_another_machine_is_believed_until_told_otherwise(tmp_path: Path) -> None:
    other = replace(this_process(), host="elsewhere", boot="another", pid=4)
    write(tmp_path / "lock", other)
    lock = FolderLock(tmp_path / "lock")
    with pytest.raises(ConflictError, match="process 4 on elsewhere") as caught:
        lock.acquire()
    assert "break_lock" in caught.value.hint
    assert lock.break_lock() == other
    with lock:
        pass


@pytest.mark.parametrize("text", ["", "{", '{"host": 1}', "[]", "null"])
def test_a_torn_owner_does_not_lock_anybody_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text)
    with FolderLock(tmp_path / "lock"):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (tmp_path / "lock").symlink_to("precious")
    with pytest.raises(OSError, match="Too many levels"):
        FolderLock(tmp_path / "lock").acquire()
    assert (tmp_path / "precious").read_text() == "x"
