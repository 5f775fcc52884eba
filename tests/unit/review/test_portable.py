"""Edits as data: whatever was done to one copy of a folder, the same file does to another."""

from __future__ import annotations

import shutil

from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import ShoalError
from shoal.review.changefile import read_actions
from shoal.review.history import History
from shoal.review.outside import carry_out
from shoal.review.portable import portable_actions
from shoal.review.review import open_review
from shoal.review.session import Session
from shoal.review.table import ItemTable
from tests.unit.review.fixtures import COMMANDS, N, small_state
from tests.unit.review.folders import make_folder


def a_session() -> Session:
    return Session(ItemTable([f"x/{i}.png" for i in range(N)]), small_state(), History(), None)


def named(session: Session) -> dict[str, object]:
    """The state by names and ids: what must be equal in two folders whose codes differ."""
    state, table = session.state, session.table
    names = {r.code: r.name for r in state.clusters.values()} | {-1: "noise", -2: "trash"}
    facts = {
        r.name: (r.description, r.color, r.reviewed, r.tags, None if r.cover is None else table.ids[r.cover])
        for r in state.clusters.values()
    }
    return {"items": [names[c] for c in state.codes.tolist()], "clusters": facts, "notes": state.notes}


@settings(max_examples=60)
@given(commands=st.lists(COMMANDS, max_size=12), back=st.integers(0, 4))
def test_what_was_done_to_one_copy_does_the_same_to_another(commands, back):
    here, there = a_session(), a_session()
    for command in commands:
        try:
            here.do(command)
        except ShoalError:
            continue
    if here.history.cursor:
        here.jump(max(0, here.history.cursor - back)) if back else None
    actions = read_actions({"type": "changes", "actions": portable_actions(here, 0)})
    done, conflicts = carry_out(there, actions)
    assert conflicts == [] and done == here.history.cursor
    assert named(there) == named(here)


@settings(max_examples=40)
@given(commands=st.lists(COMMANDS, min_size=1, max_size=10), kept=st.integers(0, 9))
def test_what_was_undone_is_given_reversed(commands, kept):
    here = a_session()
    for command in commands:
        try:
            here.do(command)
        except ShoalError:
            continue
    end, there = here.history.cursor, a_session()
    carry_out(there, read_actions(portable_actions(here, 0)))
    kept = min(kept, end)
    if kept < end:
        here.jump(kept)
    back = portable_actions(here, end)
    assert all(action["undone"] for action in back)
    done, conflicts = carry_out(there, read_actions(back))
    assert (done, conflicts) == (end - kept, [])
    assert named(there) == named(here)


def test_a_save_writes_the_same_form(tmp_path):
    make_folder(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    review = open_review(tmp_path / "a")
    review.merge(["character_0", "character_1"], name="bunny")
    record = review.save()
    other = open_review(tmp_path / "b")
    done, conflicts = carry_out(other.session, read_actions(tmp_path / "a" / record.changes_file))
    assert (done, conflicts) == (1, [])
    assert named(other.session)["items"] == named(review.session)["items"]
