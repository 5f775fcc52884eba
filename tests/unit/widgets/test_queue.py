"""The queue widget itself; what it looks like is tested in a real browser."""

import pytest

from shoal.widgets.queue import queue
from shoal.widgets.view import STATIC
from tests.unit.review.folders import make_folder

built = pytest.mark.skipif(not (STATIC / "queue.js").exists(), reason="the widget has not been built")


@built
def test_a_folder_is_opened_and_questions_are_answered(tmp_path):
    widget = queue(make_folder(tmp_path), mode="sort", height=500, theme="dark")
    sent = []
    widget.send = lambda content, buffers: sent.append((content, buffers))
    widget._on_request(widget, {"v": 1, "id": "a", "payload": {"kind": "ask_queue", "mode": "sort"}}, [])
    assert sent[0][0]["payload"]["kind"] == "queue"
    assert (widget.mode, widget.height, widget.theme) == ("sort", 500, "dark") and "11 items" in repr(widget)
    widget.close()
