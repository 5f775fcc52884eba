"""Ordered results with a bounded window, from any executor."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.compute.batches import batched, default_workers, map_ordered, reading_threads
from shoal.compute.cancel import CancelledError, CancelToken
from shoal.errors import BadInputError


@given(st.lists(st.integers()), st.integers(1, 7))
def test_batches_are_whole_and_ordered(items: list[int], size: int) -> None:
    batches = list(batched(items, size))
    assert [x for batch in batches for x in batch] == items
    assert all(len(batch) == size for batch in batches[:-1]) and all(batches)


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(BadInputError):
        list(batched([1], 0))


def _slow_square(n: int) -> int:
    time.sleep(0.001 * (5 - n % 5))
    return n * n


def test_results_keep_their_order_with_any_executor() -> None:
    expected = [n * n for n in range(40)]
    assert list(map_ordered(_slow_square, range(40))) == expected
    with ThreadPoolExecutor(4) as pool:
        assert list(map_ordered(_slow_square, range(40), executor=pool, window=5)) == expected
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(map_ordered(abs, range(-9, 0), executor=pool)) == list(range(9, 0, -1))


def test_tasks_are_drawn_no_further_than_the_window() -> None:
    drawn = 0

    def endless() -> Iterator[int]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn

    with ThreadPoolExecutor(2) as pool:
        results = map_ordered(_slow_square, endless(), executor=pool, window=4)
        assert [next(results) for _ in range(10)] == [n * n for n in range(1, 11)]
        assert drawn <= 10 + 4
        results.close()


def test_an_error_waits_for_what_still_runs() -> None:
    begun, finished = threading.Event(), threading.Event()

    def work(n: int) -> int:
        if n == 0:
            begun.wait(5)
            raise ValueError("broken")
        begun.set()
        time.sleep(0.05)
        finished.set()
        return n

    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(ValueError, match="broken"):
            list(map_ordered(work, range(2), executor=pool))
        assert finished.is_set()
        assert pool.submit(abs, -1).result() == 1  # the caller's executor is left open


@pytest.mark.parametrize("threads", [0, 2])
def test_cancelling_stops_between_tasks(threads: int) -> None:
    token = CancelToken()
    done: list[int] = []
    pool = ThreadPoolExecutor(threads) if threads else None
    with pytest.raises(CancelledError):
        for value in map_ordered(abs, range(100), executor=pool, cancel=token):
            done.append(value)
            if value == 3:
                token.cancel()
    assert done == [0, 1, 2, 3]
    if pool:
        pool.shutdown()


def test_reading_threads_closes_only_its_own_pool() -> None:
    with ThreadPoolExecutor(1) as mine:
        with reading_threads(mine) as pool:
            assert pool is mine
        assert mine.submit(abs, -2).result() == 2
    with reading_threads() as own:
        assert own.submit(abs, -2).result() == 2
    with pytest.raises(RuntimeError):
        own.submit(abs, 1)
    assert default_workers() >= 1
