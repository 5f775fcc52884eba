from __future__ import annotations

import gc
import threading

import pytest

from shoal.compute.garbage import no_collection


def test_the_collector_is_off_inside_and_as_it_was_afterwards() -> None:
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled(), "the outer block is not over"
    assert gc.isenabled()
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled(), "somebody had turned it off"
    finally:
        gc.enable()


def test_an_error_turns_it_on_again_and_functions_can_be_decorated() -> None:
    @no_collection()
    def fails() -> None:
        assert not gc.isenabled()
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            fails()
        assert gc.isenabled()


def test_two_threads_at_once() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def work() -> None:
        with no_collection():
            inside.set()
            go_on.wait(5)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(5)
    with no_collection():
        pass
    assert not gc.isenabled(), "the other thread is still at it"
    go_on.set()
    thread.join()
    assert gc.isenabled()
