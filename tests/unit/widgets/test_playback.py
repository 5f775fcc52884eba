"""The history played back: every point is what the review was then, and the review stays as it is."""

import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.widgets.codec import decode_items
from shoal.widgets.protocol.base import ItemSet
from tests.unit.review.fixtures import N
from tests.unit.widgets.fixtures import memory_review, memory_view


def codes_of(reply, buffers):
    """The codes of a reply, unpacked as a view does."""
    ref = reply["codes"]
    raw = np.frombuffer(zlib.decompress(buffers[ref["buffer"]], -15), np.uint8)
    return raw.reshape(4, -1).T.copy().view("<i4").ravel()


def past(view, cursor):
    content, buffers = view.ask({"kind": "get_past", "cursor": cursor})
    return content["payload"], buffers


def edited(choices):
    """A review with a history, and a copy of its codes and names at each point."""
    review = memory_review()
    ids = review.items()
    points = []

    def note():
        state = review.session.state
        points.append((state.codes.copy(), {r.name: state.size(r.code) for r in state.clusters.values()}))

    note()
    for at, choice in enumerate(choices):
        names = list(review.clusters["name"])
        if choice == 0:
            review.split([ids[at], ids[-1 - at]], name=f"new {at}")
        elif choice == 1 and len(names) > 2:
            review.merge(names[:2], name=f"both {at}")
        elif choice == 2:
            review.rename(names[-1], f"called {at}")
        elif choice == 3:
            review.create(f"empty {at}")
        else:
            review.tag([ids[at]], add=[f"tag {at}"])
        note()
    return review, points


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.data())
def test_every_point_is_what_the_review_was_then(choices, data):
    review, points = edited(choices)
    back = data.draw(st.integers(0, len(review.session.history)))
    if back != review.session.history.cursor:
        review.jump(back)
    view, now = memory_view(review), review.session.state.copy()
    revision = review.revision
    for cursor in data.draw(st.lists(st.integers(0, len(points) - 1), min_size=1, max_size=6)):
        reply, buffers = past(view, cursor)
        codes, sizes = points[cursor]
        assert reply["cursor"] == cursor and (codes_of(reply, buffers) == codes).all()
        assert {c["name"]: c["size"] for c in reply["clusters"]} == sizes
        assert reply["n_noise"] == (codes == -1).sum() and reply["n_trash"] == (codes == -2).sum()
        for cluster in reply["clusters"]:
            assert cluster["cover"] is None or codes[cluster["cover"]] == cluster["code"]
    assert review.session.state.equals(now) and review.revision == revision


def test_a_point_says_what_the_edit_did():
    review = memory_review()
    ids = review.items("character_0")
    review.move(ids[:3], to="character_1")
    review.checkpoint("three moved")
    review.merge(["character_0", "character_1"], name="both")
    view = memory_view(review)
    start, buffers = past(view, 0)
    assert start["label"] == "" and start["moves"] == [] and start["touched"]["count"] == 0
    reply, buffers = past(view, 1)
    assert reply["label"].startswith("Moved 3") and reply["checkpoint"] == "three moved" and reply["actor"]
    [move] = reply["moves"]
    assert (move["source_name"], move["target_name"], move["count"]) == ("character_0", "character_1", 3)
    touched = decode_items(ItemSet(**reply["touched"]), buffers, N)
    assert touched.tolist() == sorted(review.rows(ids[:3]).tolist()) == sorted(move["examples"])
    assert {c["name"] for c in reply["clusters"] if c["changed"]} == {"character_0", "character_1"}
    merged, _ = past(view, 2)
    assert {m["target_name"] for m in merged["moves"]} == {"both"}
    assert "both" in {c["name"] for c in merged["clusters"] if c["changed"]}


def test_it_follows_a_review_that_goes_on():
    review = memory_review()
    review.create("one")
    view = memory_view(review)
    assert len(past(view, 1)[0]["clusters"]) == 5
    review.create("two")
    assert len(past(view, 2)[0]["clusters"]) == 6 and len(past(view, 0)[0]["clusters"]) == 4
    refused = view.ask({"kind": "get_past", "cursor": 3})[0]
    assert refused["error"]["code"] == "not_allowed" and "0 to 2" in refused["error"]["hint"]
