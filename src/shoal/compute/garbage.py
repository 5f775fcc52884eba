"""Garbage collection put off while very many small objects are made at once."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["no_collection"]

_lock = threading.Lock()
_held = 0
_was_on = False


@contextmanager
def no_collection() -> Generator[None]:
    """Put the cyclic collector off inside the ``with`` block, or while the decorated function runs.

    A hundred thousand rows make it look through all of them again and again, and none is garbage: that took
    as long as the work. Blocks may be nested and may run in several threads; after the last, the collector is
    as it was. Objects that are in no cycle are freed at once as ever.
    """
    global _held, _was_on
    with _lock:
        if _held == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _held += 1
    try:
        yield
    finally:
        with _lock:
            _held -= 1
            if _held == 0 and _was_on:
                gc.enable()
