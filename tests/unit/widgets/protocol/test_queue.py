from __future__ import annotations

import pytest
from pydantic import ValidationError

from shoal.widgets.protocol import Request
from shoal.widgets.protocol.queue import AnswerQueue, AskQueue, SetQueue


def _request(payload: dict[str, object]) -> Request:
    return Request.model_validate({"v": 1, "id": "r1", "base": 3, "payload": payload})


def test_a_request_knows_each_by_its_kind() -> None:
    asked = _request({"kind": "ask_queue", "mode": "audit"})
    assert asked.payload == AskQueue(mode="audit")
    answered = _request(
        {"kind": "answer_queue", "mode": "review", "question": "q7", "verdicts": [True, None, False]}
    )
    assert isinstance(answered.payload, AnswerQueue)
    assert answered.payload.verdicts == [True, None, False]
    assert answered.payload.choice is None


@pytest.mark.parametrize(
    "payload",
    [
        {"kind": "ask_queue", "mode": "party"},
        {"kind": "answer_queue", "mode": "review", "question": "q7", "verdicts": ["perhaps"]},
        {"kind": "run_auto_move", "threshold": "high"},
        {"kind": "skip_queue", "mode": "sort"},
    ],
)
def test_what_is_no_message_of_the_queue_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _request(payload)


def test_switches_that_are_not_named_stay_as_they_are() -> None:
    assert SetQueue(mode="sort").model_dump() == {
        "kind": "set_queue",
        "mode": "sort",
        "manual_only": None,
        "shuffle": None,
        "paged": None,
        "turn": 0,
        "again": False,
    }


def test_answers_do_not_share_their_verdicts() -> None:
    one, other = (AnswerQueue(mode="review", question=q) for q in ("a", "b"))
    one.verdicts.append(True)
    assert other.verdicts == []
