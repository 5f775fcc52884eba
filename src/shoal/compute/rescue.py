"""Batches on workers that may die: what is lost is done again elsewhere, what kills is named, never fatal."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Generic, TypeVar

from shoal.compute.batches import default_workers
from shoal.compute.cancel import CancelToken

__all__ = ["map_rescued"]

T = TypeVar("T")
R = TypeVar("R")

# How Dask, ipyparallel and joblib say that the process behind a task is gone; they cannot be imported here.
_DEATHS = frozenset({"KilledWorker", "EngineError", "TerminatedWorkerError", "CommClosedError"})
_TRIES = 2
_MANY = 32


def _is_death(error: BaseException) -> bool:
    return isinstance(error, BrokenExecutor) or any(kind.__name__ in _DEATHS for kind in type(error).__mro__)


def _count_workers(executor: Executor) -> int:
    """How many tasks it runs at once; what does not tell (a cluster of any size) is taken for large."""
    return int(getattr(executor, "_max_workers", None) or _MANY)


class _Hospital(Generic[T, R]):
    """The executor in use: the caller's until it breaks, then process pools of our own."""

    def __init__(self, executor: Executor, function: Callable[[list[T]], list[R]]) -> None:
        self._executor, self._function = executor, function
        self._own: ProcessPoolExecutor | None = None
        self.workers = _count_workers(executor)

    def submit(self, batch: list[T]) -> Future[list[R]]:
        try:
            return self._executor.submit(self._function, batch)
        except BrokenExecutor:
            self.replace()
            return self._executor.submit(self._function, batch)

    def replace(self) -> None:
        """Start a fresh pool. Fresh interpreters: a fork of a process with threads may stand still."""
        self.close()
        context = multiprocessing.get_context("spawn")
        self._own = ProcessPoolExecutor(min(self.workers, default_workers()), mp_context=context)
        self._executor = self._own

    def after_death(self) -> None:
        """Make sure that the next task finds a worker: a broken process pool stays broken."""
        if self._own is not None or isinstance(self._executor, ProcessPoolExecutor):
            self.replace()

    def close(self) -> None:
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)
            self._own = None

    def alone(self, batch: list[T], lost: Callable[[T, BaseException], R]) -> list[R]:
        """Do a lost batch with nothing else in flight; one that kills again is split, to the one task."""
        error: BaseException | None = None
        for _ in range(_TRIES if len(batch) == 1 else 1):
            try:
                return self.submit(batch).result()
            except BaseException as died:
                if not _is_death(died):
                    raise
                error = died
                self.after_death()
        if len(batch) > 1:
            return [result for task in batch for result in self.alone([task], lost)]
        assert error is not None
        return [lost(batch[0], error)]


def map_rescued(
    function: Callable[[list[T]], list[R]],
    batches: Iterable[Sequence[T]],
    *,
    executor: Executor,
    lost: Callable[[T, BaseException], R],
    window: int = 0,
    cancel: CancelToken | None = None,
) -> Iterator[list[R]]:
    """Apply ``function`` to batches on an executor, in order, and survive the death of its workers.

    When a worker dies (killed for its memory, a decoder that crashes), every batch that was lost with it is
    done again, one at a time, and its tasks singly when it kills again. A broken process pool is replaced by
    one of our own, of fresh interpreters. Errors that ``function`` raises are the caller's.

    Parameters
    ----------
    function : callable
        ``list of tasks -> list of results``, equally long; picklable for executors in other processes.
    batches : iterable of sequence
        Drawn lazily.
    executor : concurrent.futures.Executor
        Any: threads, processes, Dask's ``client.get_executor()``, ipyparallel's ``view.executor``.
    lost : callable
        ``(task, error) -> result`` for a task that killed its worker twice by itself.
    window : int
        Most batches in flight; 0 means twice the workers.
    cancel : CancelToken, optional
        Looked at before each batch is drawn and each result is handed out.

    Yields
    ------
    list
        The results of one batch.

    Raises
    ------
    CancelledError
        ``cancel`` was set.
    """
    hospital = _Hospital(executor, function)
    window = window or 2 * hospital.workers
    waiting: deque[tuple[list[T], Future[list[R]]]] = deque()
    source = iter(batches)
    try:
        while True:
            if cancel is not None:
                cancel.check()
            while len(waiting) < window:
                try:
                    batch = list(next(source))
                except StopIteration:
                    break
                waiting.append((batch, hospital.submit(batch)))
            if not waiting:
                return
            batch, future = waiting[0]
            try:
                result = future.result()
                waiting.popleft()
            except BaseException as error:
                if not _is_death(error):
                    raise
                yield from _rescue(hospital, waiting, lost)
                continue
            yield result
    finally:
        for _, future in waiting:
            future.cancel()
        for _, future in waiting:
            if not future.cancelled():
                future.exception()  # wait: nothing of ours may run on when the caller goes on
        hospital.close()


def _rescue(
    hospital: _Hospital[T, R],
    waiting: deque[tuple[list[T], Future[list[R]]]],
    lost: Callable[[T, BaseException], R],
) -> Iterator[list[R]]:
    """Hand out everything that was in flight when a worker died, in order."""
    hospital.after_death()
    while waiting:
        batch, future = waiting.popleft()
        try:
            result = future.result()
        except BaseException as error:
            if not _is_death(error):
                raise
            result = hospital.alone(batch, lost)
        yield result
