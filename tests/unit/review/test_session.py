"""State, history and log moved together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import ConflictError, NotAllowedError, ShoalError
from shoal.review.commands import CreateCluster, MoveItems, RenameCluster
from shoal.review.history import History
from shoal.review.session import Session
from shoal.review.table import ItemTable
from tests.unit.review.fixtures import COMMANDS, N, small_state


def memory_session() -> Session:
    return Session(ItemTable([f"a/{i}.png" for i in range(N)]), small_state(), History(), None)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(COMMANDS, st.sampled_from(["undo", "redo"]), st.integers(0, 9)), max_size=14))
def test_any_walk_through_the_history_comes_back_to_each_state(steps):
    """Undo ∘ do = identity, and every point of the history is one state, whichever way it is reached."""
    session = memory_session()
    seen = {0: session.state.copy()}
    for step in steps:
        try:
            if step == "undo":
                session.undo()
            elif step == "redo":
                session.redo()
            elif isinstance(step, int):
                session.jump(step)
            else:
                session.do(step)
                seen = {k: v for k, v in seen.items() if k < session.history.cursor}
                seen[session.history.cursor] = session.state.copy()
        except ShoalError:
            pass
        assert session.state.equals(seen[session.history.cursor])


def test_a_stale_base_is_a_conflict():
    session = memory_session()
    session.do(CreateCluster("liz"), base=0)
    with pytest.raises(ConflictError, match="revision 0"):
        session.do(CreateCluster("tony"), base=0)


def test_listeners_are_told_after_the_state_has_moved_and_can_stop():
    session, seen = memory_session(), []
    stop = session.listen(
        lambda e: seen.append((e.action, e.from_revision, e.revision, "c4" in session.state.clusters))
    )
    session.do(CreateCluster("liz"))
    session.undo()
    stop()
    session.redo()
    assert seen == [("do", 0, 1, True), ("undo", 1, 2, False)]


def test_unsaved_counts_in_both_directions():
    session = memory_session()
    for name in ("a1", "b1", "d1"):
        session.do(CreateCluster(name))
    session.note("save", "Saved", save=1)
    assert session.history.unsaved == 0
    session.undo()
    assert session.history.unsaved == 1
    session.do(CreateCluster("e1"))
    assert session.history.unsaved > 0, "what was saved can no longer be reached by redo"


def test_a_long_task_turns_others_away_at_once():
    import threading

    session = memory_session()
    inside, leave = threading.Event(), threading.Event()

    def work():
        with session.editing("a save"):
            inside.set()
            leave.wait(5)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(5)
    with pytest.raises(NotAllowedError, match="a save is under way"):
        session.do(CreateCluster("liz"))
    leave.set()
    thread.join()
    session.do(CreateCluster("liz"))


def test_nothing_to_undo_or_redo_is_said():
    session = memory_session()
    with pytest.raises(NotAllowedError, match="nothing to undo"):
        session.undo()
    session.do(MoveItems(np.array([1, 2]), "c3"))
    with pytest.raises(NotAllowedError, match="nothing to redo"):
        session.redo()
    with pytest.raises(NotAllowedError, match="no point 7"):
        session.jump(7)


def test_time_spent_leaves_idle_gaps_out():
    session = memory_session()
    for at in (
        "2026-01-01T10:00:00Z",
        "2026-01-01T10:00:30Z",
        "2026-01-01T12:00:00Z",
        "2026-01-01T12:00:10Z",
    ):
        session.count_time(at)
    assert session.seconds_spent == 40


def test_labels_speak_of_names():
    session = memory_session()
    session.do(RenameCluster("c1", "bunny"))
    assert session.undo() == "Undid: Renamed character_1 to bunny"
