"""A review without files, and a view that only remembers what it was sent."""

from concurrent.futures import Future

import numpy as np

from shoal.review.history import History
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.table import ItemTable
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from shoal.widgets.pictures import Picture
from tests.unit.review.fixtures import N, small_state


class FakePictures:
    """Pictures that need no files; row 7 is broken."""

    def thumbnail(self, path, side):
        future = Future()
        future.set_result(
            Picture(None, "cut short") if path == "a/7.png" else Picture(b"jpeg of " + path.encode())
        )
        return future

    def preview(self, path, max_side):
        return Picture(b"x" * max_side * 1000), (4000, 3000)


class View:
    """Collects messages; asks the host as a view would."""

    def __init__(self, host_of):
        self.sent = []
        self.host = host_of(lambda content, buffers: self.sent.append((content, buffers)))
        self.n = 0

    def ask(self, payload, buffers=(), *, base=None, request_id=None):
        self.n += 1
        request_id = request_id or f"r{self.n}"
        before = len(self.sent)
        self.host.handle({"v": 1, "id": request_id, "base": base, "payload": payload}, list(buffers))
        replies = [m for m in self.sent[before:] if m[0]["type"] == "reply"]
        assert len(replies) == 1
        assert replies[0][0]["id"] == request_id
        return replies[0]

    def events(self, kind):
        return [c for c, _ in self.sent if c["type"] == "event" and c["payload"]["kind"] == kind]


def memory_review() -> Review:
    columns = {
        "xy": np.arange(2 * N, dtype=np.float32).reshape(N, 2),
        "shot": np.arange(N, dtype=np.int32),
        "time_s": np.full(N, 61.5),
    }
    table = ItemTable([f"a/{i}.png" for i in range(N)], columns=columns)
    return Review(Session(table, small_state(), History(), None), None)


def memory_view(review: Review | None = None, *, vectors: bool = True) -> View:
    """A view; ``vectors`` gives the review some when it has none."""
    review = review or memory_review()
    if vectors and review.quality is None:
        review.use_vectors(np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32))
    return View(lambda send: Host(review, send, pictures=FakePictures(), columns=Columns(review)))
