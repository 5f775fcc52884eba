"""Requests for thumbnails, and calling them off."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from shoal.widgets.codec import Buffers
from shoal.widgets.pictures import Picture
from tests.unit.widgets.fixtures import memory_view


class Slow:
    """One picture at a time, each when it is let through."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(1)
        self.gate = threading.Semaphore(0)
        self.begun = threading.Event()
        self.made = []

    def thumbnail(self, path, side):
        def make():
            self.begun.set()
            assert self.gate.acquire(timeout=20)
            self.made.append(path)
            return Picture(b"jpeg")

        return self.pool.submit(make)


def ask(view, rows, ticket):
    out = Buffers()
    ref = out.array(np.array(rows, np.uint32)).model_dump()
    payload = {"kind": "get_thumbs", "rows": ref, "side": 96, "ticket": ticket}
    view.host.handle({"v": 1, "id": ticket, "base": None, "payload": payload}, out.parts)


def replies(view, request_id):
    return [c for c, _ in view.sent if c["type"] == "reply" and c["id"] == request_id]


def test_what_is_called_off_is_not_made_and_the_rest_is_sent():
    view, slow = memory_view(), Slow()
    view.host.pictures = slow
    ask(view, [0, 1, 2, 3], "first")
    ask(view, [5], "second")
    assert slow.begun.wait(10)
    reply, _ = view.ask({"kind": "cancel", "task": "first"})
    assert reply["ok"]
    assert replies(view, "first") == []  # the one that was begun is still being made
    slow.gate.release(5)
    slow.pool.shutdown(wait=True)
    (answer,) = replies(view, "first")
    assert [t["row"] for t in answer["payload"]["thumbs"]] == [0]
    (answer,) = replies(view, "second")
    assert [t["row"] for t in answer["payload"]["thumbs"]] == [5]
    assert len(slow.made) == 2


def test_calling_off_what_is_done_or_unknown_is_no_error():
    view = memory_view()
    ask(view, [0, 1], "t")
    assert len(replies(view, "t")) == 1
    assert not view.host._thumbs.call_off("t")
    assert view.ask({"kind": "cancel", "task": "never"})[0]["ok"]
