"""Clustering again as messages: a proposal comes from a thread, changes nothing, and is taken as one edit."""

import threading
import time

import numpy as np
import pytest

from shoal.review.recluster import recluster
from shoal.widgets import renewal
from shoal.widgets.codec import decode_items
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from shoal.widgets.protocol.base import ItemSet
from tests.unit.review.reviews import over_split
from tests.unit.widgets.fixtures import FakePictures


class Later:
    """A view that waits for replies, which may come from a thread."""

    def __init__(self, review):
        self.sent = []
        self.host = Host(
            review, lambda *m: self.sent.append(m), pictures=FakePictures(), columns=Columns(review)
        )
        self.n = 0

    def send(self, payload, base=None):
        self.n += 1
        self.host.handle({"v": 1, "id": f"r{self.n}", "base": base, "payload": payload}, [])
        return f"r{self.n}"

    def reply(self, request_id):
        for _ in range(2_000):
            found = [m for m in self.sent if m[0]["type"] == "reply" and m[0]["id"] == request_id]
            if found:
                return found[0]
            time.sleep(0.01)
        raise AssertionError("no reply came")

    def ask(self, payload, base=None):
        return self.reply(self.send(payload, base))

    def progress(self):
        events = [c["payload"] for c, _ in self.sent if c["type"] == "event"]
        return [e for e in events if e["kind"] == "progress" and e["task"] == "recluster"]


@pytest.fixture
def work():
    review, truth = over_split(n=200)
    wrong = np.flatnonzero(review.session.state.codes % 4 != truth)[:5]
    for row in wrong.tolist():
        review.move([review.session.table.ids[row]], to=f"character_{truth[row]}")
    return review, Later(review)


def test_what_would_change_is_shown_and_nothing_has_changed(work):
    review, view = work
    before = review.session.state.codes.copy()
    content, buffers = view.ask({"kind": "get_reclustering"})
    reply, wanted = content["payload"], recluster(review)
    assert (review.session.state.codes == before).all() and reply["pinned_touched"] == 0
    assert reply["moved"] == len(wanted.rows) > 0 and reply["kept"] == wanted.n_kept >= 5
    assert [(m["source_name"], m["target_name"]) for m in reply["moves"]] == [
        (d.source, d.target) for d in wanted.differences()
    ]
    for move, difference in zip(reply["moves"], wanted.differences(), strict=True):
        rows = decode_items(ItemSet(**move["items"]), buffers, len(review))
        assert rows.tolist() == difference.rows.tolist()
        assert set(move["examples"]) <= set(rows.tolist()) and move["examples"]
        codes = {before[row] for row in move["beside"]}
        assert codes == {review.session.state.code_of(move["target"])} or move["target"] is None
    for size in reply["clusters"]:
        assert size["before"] != size["after"]
        if size["cluster"]:
            assert size["before"] == (before == review.session.state.code_of(size["cluster"])).sum()
    assert view.progress()[-1]["done"] == view.progress()[-1]["total"]


def test_taking_it_is_one_edit_and_only_while_nothing_else_was_edited(work):
    review, view = work
    proposal = view.ask({"kind": "get_reclustering"})[0]["payload"]["proposal"]
    review.create("somebody")
    late = view.ask({"kind": "accept_reclustering", "proposal": proposal})[0]
    assert late["error"]["code"] == "conflict"
    reply = view.ask({"kind": "get_reclustering"})[0]["payload"]
    other = view.ask({"kind": "accept_reclustering", "proposal": proposal})[0]
    assert other["error"]["code"] == "conflict", "the proposal that was looked at is the one that is taken"
    before, edits = review.session.state.codes.copy(), len(review.session.history)
    done = view.ask({"kind": "accept_reclustering", "proposal": reply["proposal"]})[0]
    assert done["payload"]["kind"] == "done" and "corrections kept" in done["payload"]["label"]
    assert len(review.session.history) == edits + 1
    assert (review.session.state.codes != before).sum() == reply["moved"]
    review.undo()
    assert (review.session.state.codes == before).all()


def test_it_can_be_called_off_and_a_newer_one_ends_it(work, monkeypatch):
    _, view = work
    began, go = threading.Event(), threading.Event()

    def slow(review, *, progress):
        progress("comparing the items", 0, 3)
        began.set()
        assert go.wait(10)
        progress("learning", 1, 3)
        raise AssertionError("it went on")

    monkeypatch.setattr(renewal, "recluster", slow)
    asked = view.send({"kind": "get_reclustering"})
    assert began.wait(10)
    assert view.ask({"kind": "cancel", "task": "recluster"})[0]["ok"]
    go.set()
    assert view.reply(asked)[0]["error"]["code"] == "cancelled"
    assert view.progress()[-1]["done"] == view.progress()[-1]["total"], "the bar goes"


def test_a_review_without_vectors_says_what_to_do():
    from tests.unit.widgets.fixtures import memory_review

    reply = Later(memory_review()).ask({"kind": "get_reclustering"})[0]
    assert reply["error"]["code"] == "missing" and "vectors" in reply["error"]["message"]
