"""What a view can ask for: splits, harvests of noise, neighbours in time, values of a cluster."""

import time

import numpy as np
import pytest

from shoal.widgets.codec import Buffers, decode_array, decode_items
from shoal.widgets.protocol.base import ArrayRef, ItemSet
from tests.unit.review.fixtures import N
from tests.unit.widgets.fixtures import memory_review, memory_view


@pytest.fixture
def review():
    """Clusters c0 … c3 along four axes; noise leans to c0 and c1; c0 is of two kinds."""
    review = memory_review()
    codes = review.session.state.codes
    vectors = np.random.default_rng(0).normal(0, 0.05, (N, 8)).astype(np.float32)
    rows = np.arange(N)
    vectors[rows, np.where(codes >= 0, codes, rows // 5 % 2)] += 1
    vectors[codes == 0, 4] += np.where(rows[codes == 0] % 2, 1.5, -1.5)
    review.use_vectors(vectors)
    review.merge(["c0", "c3"], name="liz")
    return review


def waited(view, payload):
    """Ask what is answered by a thread."""
    view.n += 1
    request_id = f"w{view.n}"
    view.host.handle({"v": 1, "id": request_id, "base": None, "payload": payload}, [])
    for _ in range(500):
        found = [m for m in view.sent if m[0]["type"] == "reply" and m[0]["id"] == request_id]
        if found:
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no reply")


def items(part, parts):
    return decode_items(ItemSet(**part["items"]), parts, N).tolist()


def test_a_split_is_proposed_with_examples_and_neighbours(review):
    view = memory_view(review, vectors=False)
    reply, buffers = waited(view, {"kind": "get_split", "cluster": "c0"})
    found = reply["payload"]
    assert found["suggested"] == 3
    assert found["levels"][0] == 2
    sets = [items(part, buffers) for part in found["parts"]]
    assert sorted(row for rows in sets for row in rows) == review.session.state.members(0).tolist()
    assert [len(s) for s in sets] == sorted(map(len, sets), reverse=True)
    for part, rows in zip(found["parts"], sets, strict=True):
        assert set(part["examples"]) <= set(rows)
        assert part["cohesion"] > 0.9
        assert part["near"]["cluster"] in {"c1", "c2"}
    assert view.events("progress")[-1]["payload"]["done"] == 3
    # another number of parts comes from what is kept
    again, _ = waited(view, {"kind": "get_split", "cluster": "c0", "parts": 2})
    assert len(again["payload"]["parts"]) == 2
    assert len(view.events("progress")) == 4


def test_a_split_is_accepted_as_one_edit(review):
    view = memory_view(review, vectors=False)
    reply, buffers = waited(view, {"kind": "get_split", "cluster": "c0", "parts": 2, "method": "even"})
    rows = [np.array(items(part, buffers)) for part in reply["payload"]["parts"]]
    out = Buffers()
    parts = [
        {"items": out.items(rows[0], N).model_dump(), "name": "hare"},
        {"items": out.items(rows[1], N).model_dump(), "to": "c1"},
    ]
    command = {"type": "assign_items", "parts": parts, "label": "Split liz into 2"}
    base = review.revision
    reply, _ = view.ask({"kind": "edit", "command": command}, out.parts, base=base)
    assert reply["payload"]["label"] == "Split liz into 2"
    assert review.revision == base + 1
    assert set(rows[1].tolist()) <= set(review.session.state.members(1).tolist())
    review.undo()
    assert sorted(np.concatenate(rows).tolist()) == review.session.state.members(0).tolist()


def test_a_cluster_that_is_gone_or_too_small_is_said(review):
    view = memory_view(review, vectors=False)
    reply, _ = view.ask({"kind": "get_split", "cluster": "c9"})
    assert reply["error"]["code"] == "missing"
    review.split(review.items("liz")[:2], name="two")
    reply, _ = waited(view, {"kind": "get_split", "cluster": "c4"})
    assert reply["error"]["code"] == "not_allowed"
    assert "too few" in reply["error"]["message"]


def test_a_split_that_is_given_up_is_answered_so(review, monkeypatch):
    from shoal.widgets import offers

    view = memory_view(review, vectors=False)

    def slow(*_args, check, **_options):
        view.ask({"kind": "cancel", "task": "split"})
        check()

    monkeypatch.setattr(offers, "propose_for", slow)
    view.host.handle({"v": 1, "id": "x", "payload": {"kind": "get_split", "cluster": "c0"}}, [])
    for _ in range(200):
        found = [m[0] for m in view.sent if m[0].get("id") == "x"]
        if found:
            break
        time.sleep(0.01)
    assert found[0]["error"]["code"] == "cancelled"


def test_noise_is_offered_to_the_nearest_clusters(review):
    view = memory_view(review, vectors=False)
    reply, buffers = view.ask({"kind": "get_harvest", "least": 0.0})
    found = reply["payload"]
    noise = review.session.state.members(-1)
    assert found["n_noise"] == len(noise)
    got = {g["cluster"]: items(g, buffers) for g in found["groups"]}
    near, best, _ = review.quality.nearest(review.session.state, noise)
    assert got == {
        review.session.state.id_of(int(code)): noise[near == code].tolist() for code in np.unique(near)
    }
    first = found["groups"][0]
    assert first["best"] >= first["least"]
    assert (
        first["sample"][0]
        == noise[near == review.session.state.code_of(first["cluster"])][
            best[near == review.session.state.code_of(first["cluster"])].argmax()
        ]
    )
    assert found["steps"] == sorted(found["steps"])
    reply, _ = view.ask({"kind": "get_harvest", "least": 1.0})
    assert reply["payload"]["groups"] == []


def test_without_vectors_no_harvest():
    reply, _ = memory_view(memory_review(), vectors=False).ask({"kind": "get_harvest", "least": 0.0})
    assert "use_vectors" in reply["error"]["hint"]


def test_neighbours_in_time(review):
    columns = review.session.table.columns
    columns["time_s"] = np.roll(np.arange(N, dtype=float), 3) / 2
    columns["time_s"][5] = np.nan
    columns["shot"] = (np.nan_to_num(columns["time_s"]) // 4).astype(np.int32)
    view = memory_view(review, vectors=False)
    reply, _ = view.ask({"kind": "get_film", "row": 9, "count": 2})
    found = reply["payload"]
    assert found["rows"] == [7, 8, 9, 10, 11]
    assert found["times"] == [2.0, 2.5, 3.0, 3.5, 4.0]
    assert found["shots"] == [0, 0, 0, 0, 1]
    assert (found["first_s"], found["last_s"]) == (0.0, 11.5)
    assert (found["shot_first_s"], found["shot_last_s"]) == (0.0, 3.5)
    reply, _ = view.ask({"kind": "get_film", "row": 5, "count": 2})
    assert reply["error"]["code"] == "missing"


def test_values_of_one_cluster(review):
    view = memory_view(review, vectors=False)
    reply, buffers = view.ask({"kind": "get_values", "name": "outlier", "cluster": "c1"})
    rows = review.session.state.members(1)
    values = decode_array(ArrayRef(**reply["payload"]["array"]), buffers)
    assert np.allclose(values, review.quality.outlier(review.session.state)[rows])
    reply, _ = view.ask({"kind": "get_values", "name": "nonsense", "cluster": "c1"})
    assert reply["error"]["code"] == "missing"
