"""Snapshots on disk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import DamagedError
from shoal.review.snapshot import Snapshot, newest_snapshot, read_table, write_snapshot, write_table
from shoal.review.table import ItemTable
from tests.unit.review.fixtures import COMMANDS, N, small_state, try_command

PATHS = [f"a/{i}.png" for i in range(N)]


@settings(max_examples=30, deadline=None)
@given(st.lists(COMMANDS, max_size=8))
def test_a_snapshot_gives_the_same_state_back(tmp_path_factory, commands):
    folder = tmp_path_factory.mktemp("snapshots")
    state = small_state()
    for command in commands:
        verdict = try_command(state, command)
        if verdict is not None:
            state.apply(verdict.change)
    write_snapshot(folder, Snapshot(7, 99, 2, state, PATHS))
    again = newest_snapshot(folder)
    assert again is not None
    assert again.state.equals(state)
    assert (again.seq, again.check, again.saves, again.paths) == (7, 99, 2, PATHS)
    assert again.state.next_code == state.next_code


def test_a_damaged_snapshot_is_passed_over_for_an_older_one(tmp_path):
    for seq in (0, 5, 9):
        write_snapshot(tmp_path, Snapshot(seq, 0, 0, small_state(), PATHS))
    newest = tmp_path / "0000000009.npz"
    newest.write_bytes(newest.read_bytes()[:-40])
    found = newest_snapshot(tmp_path)
    assert found is not None
    assert found.seq == 5
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"")
    with pytest.raises(DamagedError):
        newest_snapshot(tmp_path)


def test_the_first_and_the_newest_are_kept(tmp_path):
    for seq in range(0, 80, 10):
        write_snapshot(tmp_path, Snapshot(seq, 0, 0, small_state(), PATHS))
    assert [int(p.stem) for p in sorted(tmp_path.glob("*.npz"))] == [0, 50, 60, 70]


def test_at_most_leaves_newer_ones_out(tmp_path):
    for seq in (0, 5):
        write_snapshot(tmp_path, Snapshot(seq, 0, 0, small_state(), PATHS))
    found = newest_snapshot(tmp_path, at_most=4)
    assert found is not None
    assert found.seq == 0


def test_a_pickle_is_never_loaded(tmp_path):
    """Fault row 29: an array of objects would need unpickling; it is refused."""
    np.savez(tmp_path / "0000000000.npz", header=np.array([print], dtype=object))
    with pytest.raises(DamagedError):
        newest_snapshot(tmp_path)


def test_the_item_table_comes_back(tmp_path):
    table = ItemTable(["a/\udcff.png", "b/é.png"], columns={"xy": np.ones((2, 2), np.float32)})
    write_table(tmp_path / "items.npz", table)
    again = read_table(tmp_path / "items.npz")
    assert (again.ids, again.names) == (table.ids, table.names)
    assert again.columns["xy"].tolist() == [[1, 1], [1, 1]]
