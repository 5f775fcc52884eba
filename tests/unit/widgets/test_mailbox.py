"""Envelopes."""

from shoal.errors import NameRefusedError
from shoal.widgets.mailbox import REMEMBERED, Mailbox
from shoal.widgets.protocol.replies import OkReply
from tests.unit.widgets.fixtures import memory_review


def mailbox():
    sent = []
    return Mailbox(memory_review(), lambda content, parts: sent.append((content, parts))), sent


def test_a_request_at_work_is_not_answered_twice():
    box, sent = mailbox()
    box.take("a")
    assert box.repeated("a")
    assert not sent
    box.reply("a", OkReply(), [b"x"])
    assert box.repeated("a")
    assert sent[0] == sent[1]


def test_errors_carry_code_message_and_hint():
    box, sent = mailbox()
    box.fail("a", NameRefusedError("'x\udcff' cannot be", hint="try y"))
    assert sent[0][0]["error"] == {"code": "name_refused", "message": "'x\\xff' cannot be", "hint": "try y"}


def test_memory_of_replies_is_bounded():
    box, _ = mailbox()
    for i in range(REMEMBERED + 5):
        box.take(str(i))
        box.reply(str(i), OkReply(), [])
    assert not box.repeated("0")
    assert box.repeated(str(REMEMBERED + 4))
