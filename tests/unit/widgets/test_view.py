"""What the widgets of a review have in common."""

import asyncio

import pytest

from shoal.errors import MissingError
from shoal.widgets import view
from shoal.widgets.browser import Browser
from shoal.widgets.queue import Queue
from tests.unit.widgets.fixtures import FakePictures, memory_review

KINDS = [(Browser, "browser.js"), (Queue, "queue.js")]
built = pytest.mark.skipif(
    not all((view.STATIC / name).exists() for _, name in KINDS), reason="the widget has not been built"
)


@built
@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS])
def test_the_revision_follows_and_closing_ends_it(kind):
    review = memory_review()
    widget = kind(review, pictures=FakePictures())
    review.create("liz")
    assert widget._revision == 1
    widget.close()
    review.undo()
    assert widget._revision == 1


@built
def test_within_a_kernel_the_revision_follows_after_what_was_told(monkeypatch):
    monkeypatch.setattr(view, "REVISION_S", 0.01)
    review = memory_review()
    widget = Browser(review, pictures=FakePictures())
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "_revision")

    async def cell():
        review.create("liz")
        review.create("bob")
        assert seen == [], "no trait keeps the events waiting"
        await asyncio.sleep(0.1)
        assert seen == [2], "and one is enough for both"
        review.undo()
        widget.close()
        await asyncio.sleep(0.05)

    asyncio.run(cell())
    assert seen == [2], "a widget that is gone tells nothing"


@built
def test_a_browser_and_a_queue_of_one_review_share_what_the_queue_knows():
    review = memory_review()
    one, other = Browser(review, pictures=FakePictures()), Queue(review, pictures=FakePictures())
    assert one._host._desk is other._host._desk
    audit = one._host._desk.audit
    one.close()
    one.close()
    assert other._host._desk.audit is audit and len(other._host._desk.audit.rows) > 0
    other.close()
    third = Queue(review, pictures=FakePictures())
    assert third._host._desk is not other._host._desk, "with the last user the desk is cleared"
    third.close()


@pytest.mark.parametrize(("kind", "script"), KINDS)
def test_a_checkout_that_was_not_built_says_what_to_do(monkeypatch, tmp_path, kind, script):
    monkeypatch.setattr(view, "STATIC", tmp_path)
    with pytest.raises(MissingError, match=f"has not been built \\({script}"):
        kind(memory_review(), pictures=FakePictures())
