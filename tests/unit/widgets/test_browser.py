"""The widget itself; what it looks like is tested in a real browser."""

import pytest

from shoal.widgets.browser import Browser, browse
from shoal.widgets.view import STATIC
from tests.unit.review.folders import make_folder
from tests.unit.widgets.fixtures import FakePictures, memory_review

built = pytest.mark.skipif(not (STATIC / "browser.js").exists(), reason="the widget has not been built")


@built
def test_a_folder_is_opened_and_messages_are_answered(tmp_path):
    widget = browse(make_folder(tmp_path), height=500, theme="dark")
    sent = []
    widget.send = lambda content, buffers: sent.append((content, buffers))
    widget._on_request(widget, {"v": 1, "id": "a", "payload": {"kind": "hello"}}, [])
    assert sent[0][0]["payload"]["n_items"] == 11
    assert (widget.height, widget.theme) == (500, "dark")
    assert "11 items" in repr(widget)


@built
def test_neither_pictures_nor_codes_are_kept_in_the_notebook():
    widget = Browser(memory_review(), pictures=FakePictures())
    assert not {"codes", "thumbs", "xy"} & set(widget.keys)
    kept = {k: v for k, v in widget.get_state().items() if k not in ("_esm", "_css")}
    assert len(str(kept)) < 2_000


@built
def test_views_know_at_once_what_to_ask_for_first():
    widget = Browser(memory_review(), pictures=FakePictures())
    told = widget._expected
    assert told["items"] == len(widget.review)
    places = ["xy"] if "xy" in widget.review.session.table.columns else []
    assert told["columns"] == ["codes", *places]
    assert "_expected" in widget.get_state()
