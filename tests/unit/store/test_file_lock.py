"""The lock between processes."""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path

import pytest

from shoal.errors import ConflictError
from shoal.store.file_lock import file_lock


def test_one_at_a_time(tmp_path: Path) -> None:
    inside = most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(10):
            with file_lock(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_that_is_kept_too_long_is_named(tmp_path: Path) -> None:
    with (
        file_lock(tmp_path / "lock"),
        pytest.raises(ConflictError, match="lock"),
        file_lock(tmp_path / "lock", timeout_s=0.05),
    ):
        pass


def _hold(path: str, ready: object) -> None:
    with file_lock(Path(path)):
        ready.set()  # type: ignore[attr-defined]
        time.sleep(60)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path / "lock"), ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(ConflictError), file_lock(tmp_path / "lock", timeout_s=0.02):
        pass
    holder.kill()
    holder.join(30)
    with file_lock(tmp_path / "lock", timeout_s=5):
        assert (tmp_path / "lock").exists()
