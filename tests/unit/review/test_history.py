"""The line of edits and its cursor."""

import numpy as np
import pytest

from shoal.errors import NotAllowedError
from shoal.review.changes import CellChange, Change
from shoal.review.history import History
from shoal.review.log import LogRecord


def record(seq, kind="do", cursor=0, label=""):
    return LogRecord(seq, kind, cursor, label or f"edit {seq}", "2026-01-01T00:00:00Z", "ann", b"")


def moved(row, before, after):
    return Change(
        {"code": CellChange(np.array([row]), np.array([before], np.int32), np.array([after], np.int32))}
    )


def filled():
    history = History()
    for i in range(3):
        history.take(record(i + 1, cursor=i + 1), moved(0, i, i + 1))
    return history


def test_the_way_back_is_one_change():
    history = filled()
    way = history.way_to(0)
    assert way.cells["code"] == CellChange(np.array([0]), np.array([3], np.int32), np.array([0], np.int32))
    assert not history.way_to(3)
    with pytest.raises(NotAllowedError):
        history.way_to(4)


def test_a_new_edit_cuts_off_what_was_undone():
    history = filled()
    history.take(record(4, "undo", 2))
    assert (history.undo_label, history.redo_label) == ("edit 2", "edit 3")
    history.take(record(5, cursor=3), moved(0, 2, 9))
    assert [e.record.seq for e in history.entries] == [1, 2, 5]
    assert history.redo_label is None


def test_checkpoints_and_saves_mark_their_place():
    history = filled()
    history.take(record(4, "checkpoint", 3, "before lunch"))
    history.take(record(5, "save", 3))
    history.take(record(6, "jump", 0))
    history.take(record(7, "checkpoint", 0, "the start"))
    assert (history.entries[2].checkpoint, history.entries[2].saved) == ("before lunch", True)
    assert (history.start_name, history.unsaved, history.saved_cursor) == ("the start", 3, 3)
