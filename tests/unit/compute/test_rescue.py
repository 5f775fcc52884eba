"""Workers that die: nothing is lost, order is kept, and what kills is named."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from shoal.compute.cancel import CancelledError, CancelToken
from shoal.compute.rescue import map_rescued

Task = tuple[int, str]


def double(batch: list[Task]) -> list[int]:
    """Twice each number; a task with a path dies, the first time ("once:…") or always ("always")."""
    for _, fate in batch:
        kind, _, mark = fate.partition(":")
        if kind == "always" or (kind == "once" and not Path(mark).exists()):
            if mark:
                Path(mark).touch()
            os._exit(9)
    return [2 * number for number, _ in batch]


def gone(task: Task, error: BaseException) -> int:
    return -task[0]


def batches(tasks: list[Task], size: int = 3) -> Iterator[list[Task]]:
    return (tasks[i : i + size] for i in range(0, len(tasks), size))


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


def test_batches_come_back_in_order_whoever_is_slow() -> None:
    def slow(batch: list[int]) -> list[int]:
        time.sleep(0.02 if batch[0] % 2 else 0.0)
        return [n + 1 for n in batch]

    with ThreadPoolExecutor(4) as pool:
        found = list(map_rescued(slow, ([n] for n in range(20)), executor=pool, lost=gone))  # type: ignore[arg-type,misc]
    assert found == [[n + 1] for n in range(20)]


def test_a_worker_that_dies_once_costs_nothing(pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    tasks = [(n, f"once:{tmp_path / 'mark'}" if n == 7 else "") for n in range(20)]
    found = list(map_rescued(double, batches(tasks), executor=pool, lost=gone))
    assert [n for batch in found for n in batch] == [2 * n for n in range(20)]
    assert [len(batch) for batch in found] == [3] * 6 + [2]


def test_a_task_that_always_kills_is_named_and_no_other(pool: ProcessPoolExecutor) -> None:
    tasks = [(n, "always" if n == 4 else "") for n in range(10)]
    found = list(map_rescued(double, batches(tasks), executor=pool, lost=gone))
    assert [n for batch in found for n in batch] == [-4 if n == 4 else 2 * n for n in range(10)]


def test_other_errors_are_the_callers(pool: ProcessPoolExecutor) -> None:
    with pytest.raises(TypeError):
        list(map_rescued(double, [[1, 2]], executor=pool, lost=gone))  # type: ignore[list-item]


def test_a_death_told_by_a_library_of_its_own_is_known() -> None:
    class KilledWorker(Exception):  # noqa: N818 - Dask's name
        pass

    deaths = [KilledWorker("node 3")]

    def sometimes(batch: list[int]) -> list[int]:
        if batch == [2] and deaths:
            raise deaths.pop()
        return batch

    with ThreadPoolExecutor(2) as pool:
        found = list(map_rescued(sometimes, ([n] for n in range(5)), executor=pool, lost=gone))  # type: ignore[arg-type,misc]
    assert found == [[0], [1], [2], [3], [4]]


def test_little_is_in_flight_and_cancelling_waits_for_it() -> None:
    drawn, running, token = [], [0], CancelToken()

    def source() -> Iterator[list[int]]:
        for n in range(1000):
            drawn.append(n)
            yield [n]

    def work(batch: list[int]) -> list[int]:
        running[0] += 1
        time.sleep(0.01)
        running[0] -= 1
        return batch

    with ThreadPoolExecutor(2) as pool:
        results = map_rescued(work, source(), executor=pool, lost=gone, cancel=token)  # type: ignore[arg-type,misc]
        assert next(results) == [0] and len(drawn) <= 5
        token.cancel()
        with pytest.raises(CancelledError):
            next(results)
        assert running[0] == 0 and len(drawn) <= 5
