"""The kernel side of the queue: questions and answers as messages."""

import numpy as np
import pytest

from shoal.review.review import Review
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from tests.unit.review.reviews import mixed, over_split
from tests.unit.review.test_opinions import two_models
from tests.unit.widgets.fixtures import FakePictures, View, memory_view


def view_of(review: Review) -> View:
    return View(lambda send: Host(review, send, pictures=FakePictures(), columns=Columns(review)))


@pytest.fixture
def work():
    review, truth = over_split()
    return review, truth, view_of(review)


def ask(view, mode="review"):
    return view.ask({"kind": "ask_queue", "mode": mode})[0]["payload"]


def answer(view, question, mode="review", **facts):
    return view.ask({"kind": "answer_queue", "mode": mode, "question": question["id"], **facts})[0]


def test_a_question_is_asked_answered_and_the_next_one_comes_with_the_reply(work):
    review, _, view = work
    first = ask(view)
    question = first["question"]
    assert question["kind"] == "same" and len(question["claims"]) >= 4
    claim = question["claims"][0]
    assert claim["rows"] and claim["beside"] and len(claim["names"]) == 2 and claim["guess"]
    reply = answer(view, question, verdicts=[c["guess"] for c in question["claims"]])
    assert reply["ok"] and reply["revision"] == 1 and "merged" in reply["payload"]["label"]
    assert (
        reply["payload"]["status"]["answered"] == 1 and reply["payload"]["question"]["id"] != question["id"]
    )
    assert [e["payload"]["action"] for e in view.events("changed")] == ["do"]
    late = answer(view, question, verdicts=[True] * len(question["claims"]))
    assert late["error"]["code"] == "conflict"
    view.ask({"kind": "undo"}, base=1)
    assert len(review.clusters) == 8


def test_the_same_request_twice_is_one_answer(work):
    review, _, view = work
    question = ask(view)["question"]
    payload = {"kind": "answer_queue", "mode": "review", "question": question["id"], "verdicts": []}
    once, _ = view.ask(payload, request_id="x")
    again, _ = view.ask(payload, request_id="x")
    assert once is again and len(review.session.history) == 1


def test_skipping_brings_another_question(work):
    _, _, view = work
    question = ask(view)["question"]
    payload = view.ask({"kind": "skip_queue", "mode": "review", "question": question["id"]})[0]["payload"]
    assert payload["question"] is None or payload["question"]["claims"] != question["claims"]


def test_sorting_suggests_assigns_and_takes_new_names(work):
    review, truth, view = work
    reply = ask(view, "sort")
    question = reply["question"]
    row = question["shown"][0]
    best = question["suggestions"][0]
    assert (
        question["kind"] == "who" and int(best["cluster"][1:]) % 4 == truth[row] and best["similarity"] > 0.5
    )
    left = reply["status"]["remaining"]
    reply = answer(view, question, "sort", choice=best["cluster"])["payload"]
    assert reply["status"]["remaining"] == left - 1 and reply["status"]["manual"] == 1
    reply = answer(view, reply["question"], "sort", choice="new", name="liz")["payload"]
    assert "liz" in set(review.clusters["name"])
    reply = answer(view, reply["question"], "sort", choice="trash")["payload"]
    assert review.session.state.size(-2) == 1
    put_off = reply["question"]["id"]
    reply = view.ask({"kind": "skip_queue", "mode": "sort", "question": put_off})[0]["payload"]
    assert reply["question"]["id"] != put_off and reply["status"]["later"] == 1
    assert answer(view, reply["question"], "sort")["error"]["code"] == "bad_input"
    view.ask({"kind": "undo"}, base=review.revision)
    assert review.session.state.size(-2) == 0
    assert ask(view, "sort")["question"]["shown"][0] == row + 51, "what was undone is asked again"


def test_the_switches(work):
    _, _, view = work
    payload = view.ask({"kind": "set_queue", "mode": "sort", "manual_only": True, "shuffle": True})[0][
        "payload"
    ]
    assert payload["status"]["manual_only"] and payload["status"]["shuffled"]
    assert payload["question"]["suggestions"] == []
    payload = view.ask({"kind": "set_queue", "mode": "sort", "manual_only": False, "again": True})[0][
        "payload"
    ]
    assert payload["question"]["suggestions"] and payload["status"]["shuffled"]


def test_auto_move_has_stops_and_is_one_edit(work):
    review, _, view = work
    steps = view.ask({"kind": "get_auto_moves"})[0]["payload"]["steps"]
    assert steps[0]["count"] == review.session.state.size(-1) and steps[0]["precision"] is None
    reply = view.ask({"kind": "run_auto_move", "threshold": steps[0]["threshold"] - 0.001})[0]
    assert reply["payload"]["kind"] == "done" and review.session.state.size(-1) == 0
    assert ask(view, "sort")["status"]["auto"] == steps[0]["count"]
    assert view.ask({"kind": "run_auto_move", "threshold": 0})[0]["error"]["code"] == "not_allowed"


def test_pairs_are_answered_by_one_verdict_and_become_links(work):
    review, _, view = work
    reply = ask(view, "pairs")
    question = reply["question"]
    [claim] = question["claims"]
    assert question["kind"] == "pair" and claim["sort"] == "pair" and claim["rows"] != claim["beside"]
    assert answer(view, question, "pairs", verdicts=[])["error"]["code"] == "bad_input"
    reply = answer(view, question, "pairs", verdicts=[False])["payload"]
    assert reply["label"] == "Different: 1 pair" and reply["status"]["answered"] == 1
    assert reply["question"]["id"] != question["id"] and len(review.history) == 1
    put_off = reply["question"]
    reply = view.ask({"kind": "skip_queue", "mode": "pairs", "question": put_off["id"]})[0]["payload"]
    assert reply["status"]["later"] == 1 and reply["question"]["claims"] != put_off["claims"]
    reply = view.ask({"kind": "set_queue", "mode": "pairs", "again": True})[0]["payload"]
    assert reply["status"]["later"] == 0 and reply["question"]["claims"] == put_off["claims"]
    view.ask({"kind": "undo"}, base=review.revision)
    assert ask(view, "pairs")["question"]["claims"] == question["claims"]


def test_the_audit_counts_and_estimates(work):
    _, truth, view = work
    reply = ask(view, "audit")
    assert reply["status"]["sample"] == 120 and reply["status"]["estimate"] == ""
    for _ in range(20):
        question = reply["question"]
        who = int(truth[question["shown"][0]])
        here = question["cluster"] == f"c{who}"
        reply = answer(view, question, "audit", choice="here" if here else f"c{who}")["payload"]
    assert reply["status"]["looked_at"] == 20 and "precision" in reply["status"]["estimate"]
    assert reply["status"]["advice"]
    skip = view.ask({"kind": "skip_queue", "mode": "audit", "question": reply["question"]["id"]})[0]
    assert skip["error"]["code"] == "bad_input"


def test_what_is_confirmed_is_learned_from_beside_the_answers():
    review, _ = mixed(n=240, spread=0.9)
    view = view_of(review)
    review.pin(np.arange(0, 240, 3))
    question = ask(view)["question"]
    answer(view, question, verdicts=[])
    desk = view.host._desk
    assert desk._learning is not None
    desk._learning.join(20)
    assert not desk.sorting.queue.learning_due and ask(view)["status"] is not None


def test_without_vectors_sorting_works_by_hand_and_the_review_queue_says_why_not():
    view = memory_view(vectors=False)
    question = ask(view, "sort")["question"]
    assert [s["name"] for s in question["suggestions"]] == [f"character_{i}" for i in range(4)]
    error = view.ask({"kind": "ask_queue", "mode": "review"})[0]["error"]
    assert error["code"] == "missing" and "vectors" in error["message"]
    assert view.ask({"kind": "get_auto_moves"})[0]["error"]["code"] == "missing"
    view.host.close()


def test_what_does_not_belong_on_a_page_is_sent_elsewhere_with_it(work):
    review, _, view = work
    question = ask(view)["question"]
    for _ in range(40):
        if question is None or question["kind"] == "place":
            break
        view.ask({"kind": "skip_queue", "mode": "review", "question": question["id"]})
        question = ask(view)["question"]
    assert question["kind"] == "place" and question["suggestions"]
    to, n = question["suggestions"][0]["cluster"], len(question["claims"])
    reply = answer(view, question, verdicts=[False] + [True] * (n - 1), sent=[to] + [None] * (n - 1))
    state, row = review.session.state, question["claims"][0]["rows"][0]
    assert reply["ok"] and "1 sent elsewhere" in reply["payload"]["label"]
    assert state.codes[row] == state.code_of(to) and row in state.notes["pin"]


def test_the_pictures_are_looked_at_once_beside_the_answers(work, tmp_path, monkeypatch):
    from shoal.review.assist.looks import LOOK_DIMS
    from shoal.widgets import desk as module

    review, _, view = work
    seen = []

    def looked(files, *, stopped):
        seen.append(len(files))
        assert not stopped()
        return np.random.default_rng(0).random((len(files), LOOK_DIMS)).astype(np.float32)

    monkeypatch.setattr(module, "looks_of", looked)
    monkeypatch.setattr(review, "root", tmp_path)
    desk = module.desk_of(review)
    for _ in range(2):
        question = ask(view)["question"]
        answer(view, question, verdicts=[c["guess"] for c in question["claims"]])
        desk._learning.join(10)
    assert seen == [len(review)] and len(desk.sorting.queue.choices.points) == 2


def test_pages_are_sorted_turned_and_put_off(work):
    review, truth, view = work
    reply = view.ask({"kind": "set_queue", "mode": "sort", "paged": True})[0]["payload"]
    question, left = reply["question"], review.session.state.size(-1)
    assert question["kind"] == "page" and len(question["claims"]) == left
    assert (reply["status"]["paged"], reply["status"]["first"], reply["status"]["open"]) == (True, 0, left)
    guessed = [int(c["cluster"][1:]) % 4 == truth[c["rows"][0]] for c in question["claims"]]
    assert np.mean(guessed) > 0.9 and question["claims"][0]["names"] and len(question["suggestions"]) == 8
    sent = [question["claims"][0]["cluster"], "trash", *[None] * (left - 2)]
    reply = answer(view, question, "sort", sent=sent)["payload"]
    assert reply["label"].endswith("1 to the trash") and reply["status"]["open"] == left - 2
    assert answer(view, question, "sort", sent=sent)["error"]["code"] == "conflict", "another page is shown"
    assert answer(view, reply["question"], "sort", sent=["c0"])["error"]["code"] == "bad_input"
    put_off = {"kind": "skip_queue", "mode": "sort", "question": reply["question"]["id"], "places": [0, 2]}
    status = view.ask(put_off)[0]["payload"]["status"]
    assert status["later"] == 2 and status["open"] == left - 4
    reply = view.ask({"kind": "set_queue", "mode": "sort", "turn": 1})[0]["payload"]
    assert reply["status"]["first"] == 0, "there is one page"


def test_what_two_models_dispute_is_asked_with_its_reason():
    review, truth = two_models()
    view = view_of(review)
    reply = ask(view, "disputed")
    question = reply["question"]
    row = question["shown"][0]
    assert reply["status"]["disputed"] == 2 and question["cluster"] == f"c{truth[row]}"
    assert question["reason"].endswith("by clothes") and question["kind"] == "who"
    assert [s["cluster"] for s in question["suggestions"]][:2] == [
        f"c{truth[row]}",
        f"c{(truth[row] + 1) % 3}",
    ]
    skip = {"kind": "skip_queue", "mode": "disputed", "question": question["id"]}
    other = view.ask(skip)[0]["payload"]["question"]
    assert other["id"] != question["id"]
    reply = answer(view, other, "disputed", choice="here")["payload"]
    assert reply["label"].startswith("Left in") and reply["question"] is None
    assert reply["status"]["disputed"] == 0 and reply["status"]["later"] == 1
    reply = view.ask({"kind": "set_queue", "mode": "disputed", "again": True})[0]["payload"]
    reply = answer(view, reply["question"], "disputed", choice=f"c{(truth[row] + 1) % 3}")["payload"]
    assert reply["label"].startswith("Assigned to") and reply["question"] is None
    assert ask(view_of(over_split()[0]), "sort")["status"]["disputed"] is None
