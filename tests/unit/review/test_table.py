"""The table of items."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import MissingError
from shoal.review.table import ItemTable, pack_names, unpack_names


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\0" not in b)))
def test_any_file_name_survives_packing(raw):
    import os

    names = [os.fsdecode(b) for b in raw]
    assert unpack_names(*pack_names(names)) == names


def test_items_are_found_by_id_and_by_present_path():
    table = ItemTable(["a/1.png", "a/2.png"])
    table.set_paths({1: "b/2.png"})
    assert table.row("a/2.png") == table.row("b/2.png") == 1
    with pytest.raises(MissingError, match=r"a/9\.png"):
        table.row("a/9.png")


def test_new_items_come_last_and_get_ids_of_their_own():
    table = ItemTable(
        ["a/1.png"], columns={"xy": np.zeros((1, 2), np.float32), "shot": np.array([4], np.int32)}
    )
    table.set_paths({0: "b/1.png"})
    assert table.append(["a/1.png"]) == [1]
    assert table.ids == ["a/1.png", "a/1.png#2"]
    assert table.names == ["1.png", "1.png"]
    assert np.isnan(table.columns["xy"][1]).all()
    assert table.columns["shot"].tolist() == [4, -1]


def test_first_keeps_what_belongs_together():
    table = ItemTable(["a/1.png", "a/2.png"], ["b/1.png", "a/2.png"], {"shot": np.array([1, 2])}).first(1)
    assert (table.ids, table.paths, table.columns["shot"].tolist()) == (["a/1.png"], ["b/1.png"], [1])
