"""Ordered results from any executor, with a bounded number of batches in flight."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from shoal.compute.cancel import CancelToken
from shoal.errors import BadInputError

__all__ = ["batched", "default_workers", "map_ordered", "reading_threads"]

T = TypeVar("T")
R = TypeVar("R")


def default_workers() -> int:
    """Number of processor cores this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS and Windows have no affinity call
        return max(1, os.cpu_count() or 1)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut ``items`` into lists of ``size``; the last may be shorter.

    Raises
    ------
    BadInputError
        ``size`` is below 1.
    """
    if size < 1:
        raise BadInputError(f"batch size {size} is below 1", hint="Pass 1 or more.")
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def map_ordered(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    executor: Executor | None = None,
    window: int | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[R]:
    """Apply ``function`` to every task and yield the results in the order of the tasks.

    Tasks are drawn lazily, so an endless or very large iterable is fine: at most ``window`` of them are
    submitted and not yet taken. When the consumer stops, or an error is raised, tasks that have not begun are
    cancelled and those that run are waited for; the executor itself is left open, since it is the caller's.

    Parameters
    ----------
    function : callable
        Must be picklable for executors that live in other processes.
    tasks : iterable
        Its items must be picklable for such executors.
    executor : concurrent.futures.Executor, optional
        Without one the tasks run here, one after the other.
    window : int, optional
        Most tasks in flight; default 2 × the cores of this machine.
    cancel : CancelToken, optional
        Looked at before each task is drawn and each result is handed out.

    Yields
    ------
    object
        One result a task.

    Raises
    ------
    CancelledError
        ``cancel`` was set.
    """
    if executor is None:
        for task in tasks:
            if cancel is not None:
                cancel.check()
            yield function(task)
        return
    window = window or 2 * default_workers()
    waiting: deque[Future[R]] = deque()
    source = iter(tasks)
    try:
        while True:
            if cancel is not None:
                cancel.check()
            while len(waiting) < window:
                try:
                    task = next(source)
                except StopIteration:
                    break
                waiting.append(executor.submit(function, task))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        for future in waiting:
            if not future.cancelled():
                future.exception()  # wait: the task may be writing files; its own error is not the first one


@contextmanager
def reading_threads(executor: Executor | None = None, *, workers: int | None = None) -> Iterator[Executor]:
    """Give the caller's executor, or a thread pool of our own that is closed at the end.

    Reading and decoding pictures releases the interpreter lock, so threads are enough for it.
    """
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(workers or default_workers(), thread_name_prefix="shoal-read") as pool:
        yield pool
