"""The queue widget itself; what it looks like is tested in a real browser."""

import pytest

from shoal.errors import MissingError
from shoal.widgets import queue as module
from shoal.widgets.queue import Queue, queue
from tests.unit.review.folders import make_folder
from tests.unit.review.reviews import over_split
from tests.unit.widgets.fixtures import FakePictures

built = pytest.mark.skipif(not module._SCRIPT.exists(), reason="the widget has not been built")


@built
def test_a_folder_is_opened_and_questions_are_answered(tmp_path):
    widget = queue(make_folder(tmp_path), mode="sort", height=500, theme="dark")
    sent = []
    widget.send = lambda content, buffers: sent.append((content, buffers))
    widget._on_request(widget, {"v": 1, "id": "a", "payload": {"kind": "ask_queue", "mode": "sort"}}, [])
    assert sent[0][0]["payload"]["kind"] == "queue"
    assert (widget.mode, widget.height, widget.theme) == ("sort", 500, "dark") and "11 items" in repr(widget)
    widget.close()


@built
def test_the_revision_follows_and_closing_ends_it():
    review, _ = over_split()
    widget = Queue(review, pictures=FakePictures())
    review.create("liz")
    assert widget._revision == 1
    widget.close()
    review.undo()
    assert widget._revision == 1


def test_a_widget_that_is_not_built_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_SCRIPT", tmp_path / "queue.js")
    with pytest.raises(MissingError, match="built"):
        Queue(over_split()[0], pictures=FakePictures())
