"""Requests and their one reply each."""

import numpy as np
import pytest

from shoal.review.history import History
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.table import ItemTable
from shoal.widgets.codec import Buffers, decode_array, decode_items
from shoal.widgets.protocol import FRAME_BYTES
from shoal.widgets.protocol.base import ArrayRef, ItemSet
from tests.unit.review.fixtures import N, small_state
from tests.unit.widgets.fixtures import memory_review, memory_view


def item_set(rows):
    out = Buffers()
    return out.items(np.array(rows, np.int64), N).model_dump(), out.parts


def edit(command):
    return {"kind": "edit", "command": command}


def test_hello_says_everything_but_arrays():
    reply, _ = memory_view().ask({"kind": "hello"})
    payload = reply["payload"]
    assert payload["n_items"] == N
    assert [c["id"] for c in payload["clusters"]] == ["c0", "c1", "c2", "c3", "noise", "trash"]
    assert sum(c["size"] for c in payload["clusters"]) == N
    assert [c["name"] for c in payload["columns"]] == [
        "codes",
        "xy",
        "time_s",
        "shot",
        "similarity",
        "outlier",
    ]
    assert 0 < payload["clusters"][0]["cohesion"] <= 1


def test_arrays_come_in_frames():
    view = memory_view()
    reply, buffers = view.ask({"kind": "get_array", "name": "xy", "start": 4, "count": 3})
    array = decode_array(ArrayRef(**reply["payload"]["array"]), buffers)
    assert array.tolist() == [[8, 9], [10, 11], [12, 13]]
    reply, _ = view.ask({"kind": "get_array", "name": "nonsense", "start": 0, "count": 3})
    assert reply["error"]["code"] == "missing"


def test_arrays_are_packed_when_the_view_can_unpack():
    ask = {"kind": "get_array", "name": "codes", "start": 0, "count": N}
    view = memory_view()
    plain, _ = view.ask(ask)
    packed, _ = view.ask({**ask, "packed": True})
    assert plain["payload"]["array"]["packing"] == "none"
    assert packed["payload"]["array"]["packing"] == "planes"


def test_a_million_points_and_every_edit_of_them_stay_below_the_limit_of_a_frame():
    """Fault row 25: a server cuts a connection off for messages that are too large."""
    n = 1_000_000
    table = ItemTable([f"{i}" for i in range(n)], columns={"xy": np.zeros((n, 2), np.float32)})
    review = Review(Session(table, small_state(n), History(), None), None)
    view = memory_view(review, vectors=False)
    parts, at = [], 0
    while at < n:
        reply, buffers = view.ask({"kind": "get_array", "name": "codes", "start": at, "count": n})
        parts.append(decode_array(ArrayRef(**reply["payload"]["array"]), buffers))
        at += len(parts[-1])
    assert 4 <= len(parts) < 10
    assert (np.concatenate(parts) == review.session.state.codes).all()
    reply, buffers = view.ask({"kind": "get_array", "name": "xy", "start": 0, "count": n})
    assert 0 < len(decode_array(ArrayRef(**reply["payload"]["array"]), buffers)) < n
    review.merge(["c0", "c1", "c2"], name="most")
    review.selection = np.arange(0, n, 2)
    review.undo()
    assert len(view.events("changed")) == 2
    assert max(sum(len(memoryview(b).cast("B")) for b in buffers) for _, buffers in view.sent) <= FRAME_BYTES


def test_an_edit_is_told_before_it_is_answered():
    view = memory_view()
    items, buffers = item_set([0, 1, 2])
    reply, _ = view.ask(edit({"type": "split_cluster", "items": items, "name": "liz"}), buffers, base=0)
    assert reply["payload"] == {"kind": "done", "label": "Split 3 items off as liz", "cluster": "c4"}
    (event, parts), last = view.sent[-2:]
    assert last[0] is reply
    assert (event["payload"]["from_revision"], event["revision"], event["source"]) == (0, 1, "r1")
    moved = event["payload"]["moved"]
    assert [(m["to"], decode_items(ItemSet(**m["items"]), parts, N).tolist()) for m in moved] == [
        (4, [0, 1, 2])
    ]
    assert {c["id"]: c["size"] for c in event["payload"]["clusters"]}["c4"] == 3
    assert event["payload"]["stale_columns"] == ["similarity", "outlier"]


def test_a_repeated_request_gets_the_same_reply_and_is_not_done_twice():
    """Fault row 24."""
    view = memory_view()
    request = edit({"type": "create_cluster", "name": "liz"})
    first, _ = view.ask(request, base=0, request_id="same")
    second, _ = view.ask(request, base=0, request_id="same")
    assert first == second
    assert view.host.review.revision == 1


def test_a_stale_base_is_a_conflict_and_changes_nothing():
    """Fault row 26."""
    view = memory_view()
    view.ask(edit({"type": "create_cluster", "name": "liz"}), base=0)
    for stale in (0, 7):
        reply, _ = view.ask({"kind": "undo"}, base=stale)
        assert reply["error"]["code"] == "conflict"
    reply, _ = view.ask({"kind": "undo"})
    assert reply["error"]["code"] == "bad_input"
    assert view.host.review.revision == 1


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"v": 2, "id": "x", "payload": {"kind": "hello"}},
        {"v": 1, "id": "x", "payload": {"kind": "drop_tables"}},
        {"v": 1, "id": "x", "payload": {"kind": "hello", "extra": 1}},
    ],
)
def test_what_is_not_understood_is_answered_in_words(content):
    view = memory_view()
    view.host.handle(content, [])
    reply, _ = view.sent[-1]
    assert reply["ok"] is False
    assert reply["error"]["code"] == "bad_input"


def test_a_defect_is_reported_not_swallowed(monkeypatch):
    view = memory_view()

    def fail(*_args, **_kwargs):
        raise RuntimeError("a defect <b>")

    monkeypatch.setattr(view.host.review.session, "do", fail)
    reply, _ = view.ask(edit({"type": "create_cluster", "name": "liz"}), base=0)
    assert reply["error"]["code"] == "internal"
    assert "a defect <b>" in reply["error"]["message"]


def test_undo_redo_jump_and_history():
    view = memory_view()
    for i, name in enumerate(("one", "two", "three")):
        view.ask(edit({"type": "create_cluster", "name": name}), base=i)
    view.ask({"kind": "undo"}, base=3)
    view.ask({"kind": "jump", "cursor": 0}, base=4)
    reply, _ = view.ask({"kind": "redo"}, base=5)
    assert reply["payload"]["label"] == "Redid: Created one"
    reply, _ = view.ask({"kind": "get_history", "start": 1, "count": 9})
    assert [(e["index"], e["label"]) for e in reply["payload"]["entries"]] == [
        (2, "Created two"),
        (3, "Created three"),
    ]
    state = view.events("changed")[-1]["payload"]["history"]
    assert (state["cursor"], state["length"], state["redo_label"]) == (1, 3, "Created two")


def test_thumbnails_come_with_reasons_for_those_that_cannot():
    out = Buffers()
    rows = out.array(np.array([3, 7], np.uint32)).model_dump()
    reply, buffers = memory_view().ask({"kind": "get_thumbs", "rows": rows, "side": 64}, out.parts)
    three, seven = reply["payload"]["thumbs"]
    assert buffers[three["buffer"]] == b"jpeg of a/3.png"
    assert (seven["buffer"], seven["reason"]) == (None, "cut short")
    bad = Buffers()
    rows = bad.array(np.array([N], np.uint32)).model_dump()
    reply, _ = memory_view().ask({"kind": "get_thumbs", "rows": rows, "side": 64}, bad.parts)
    assert reply["error"]["code"] == "missing"


def test_a_preview_keeps_to_the_frame_limit():
    reply, buffers = memory_view().ask({"kind": "get_preview", "row": 1, "max_side": 4000})
    assert len(buffers[0]) <= 900_000
    assert (reply["payload"]["width"], reply["payload"]["info"]["facts"]["Time"]) == (4000, "1:01.50")


def test_the_selection_is_one_for_python_and_all_views():
    review = memory_review()
    one, two = memory_view(review), memory_view(review)
    items, buffers = item_set([4, 5])
    one.ask({"kind": "set_selection", "items": items}, buffers)
    assert review.selection == ["a/4.png", "a/5.png"]
    assert two.events("selection")[-1]["payload"]["items"]["count"] == 2
    review.selection = ["a/1.png"]
    assert one.events("selection")[-1]["payload"]["items"]["count"] == 1


def test_two_views_hear_of_each_edit_once():
    """Fault row 23."""
    review = memory_review()
    one, two = memory_view(review), memory_view(review)
    one.ask(edit({"type": "create_cluster", "name": "liz"}), base=0)
    assert len(one.events("changed")) == len(two.events("changed")) == 1
    two.host.close()
    one.ask({"kind": "undo"}, base=1)
    assert len(two.events("changed")) == 1


def test_a_view_that_is_opened_later_is_at_the_same_revision():
    """Fault row 23: a page that is loaded again is a new view."""
    review = memory_review()
    first = memory_view(review)
    first.ask(edit({"type": "create_cluster", "name": "liz"}), base=0)
    first.ask(edit({"type": "rename_cluster", "cluster": "c0", "name": "bunny"}), base=1)
    first.host.close()
    again = memory_view(review)
    reply, _ = again.ask({"kind": "hello"})
    assert reply["revision"] == 2
    assert {"liz", "bunny"} <= {c["name"] for c in reply["payload"]["clusters"]}
    reply, _ = again.ask({"kind": "undo"}, base=2)
    assert reply["ok"] and reply["revision"] == 3


def test_a_review_without_a_folder_says_that_it_cannot_save():
    for payload in ({"kind": "get_plan"}, {"kind": "save"}):
        reply, _ = memory_view().ask(payload, base=0)
        assert reply["error"]["code"] == "not_allowed"


def test_views_are_answered_while_cells_edit():
    """Views are answered in a thread of their own: reading and editing must not trip over each other."""
    import threading

    review = memory_review()
    view = memory_view(review)
    stop = threading.Event()

    def edit_all_the_time():
        while not stop.is_set():
            review.create("liz")
            review.move(["a/1.png", "a/2.png"], "liz")
            review.undo()
            review.undo()

    thread = threading.Thread(target=edit_all_the_time)
    thread.start()
    try:
        for i in range(150):
            view.host.handle({"v": 1, "id": f"h{i}", "payload": {"kind": "hello"}}, [])
    finally:
        stop.set()
        thread.join()
    replies = [c for c, _ in view.sent if c["type"] == "reply"]
    assert len(replies) == 150
    assert all(r["ok"] for r in replies)
    assert all(sum(c["size"] for c in r["payload"]["clusters"]) == N for r in replies)


def test_the_beginning_can_be_named():
    view = memory_view()
    reply, _ = view.ask({"kind": "get_history", "start": 0, "count": 9})
    assert reply["payload"]["start_name"] is None
    view.ask({"kind": "checkpoint", "name": "as it came"})
    reply, _ = view.ask({"kind": "get_history", "start": 0, "count": 9})
    assert (reply["payload"]["start_name"], reply["payload"]["entries"]) == ("as it came", [])
