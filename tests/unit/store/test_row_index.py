"""The index of rows: what a dict would say, through saving, cutting and damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.store.row_index import RowIndex, heads_of

ENTRIES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1000)), max_size=40)


def _key(n: int) -> bytes:
    return n.to_bytes(8, "big") + bytes(24)


@given(st.lists(ENTRIES, max_size=4), st.integers(0, 1000))
def test_it_answers_as_a_dict_of_the_last_rows(parts: list[list[tuple[int, int]]], total: int) -> None:
    index, model = RowIndex(), dict[int, int]()
    for part in parts:
        rows = np.array([row for _, row in part], dtype=np.int64)
        index = index.with_rows(heads_of([_key(n) for n, _ in part]), rows, 5)
        for n, row in part:
            model[n] = max(row, model.get(n, -1))  # rows only ever grow
    asked = heads_of([_key(n) for n in range(31)])
    assert index.find(asked).tolist() == [model.get(n, -1) for n in range(31)]
    assert len(index) == len(model)
    cut = index.below(total)
    assert cut.find(asked).tolist() == [r if (r := model.get(n, -1)) < total else -1 for n in range(31)]


def test_saved_and_read_back_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "index.rows"
    assert len(RowIndex.load(path)) == 0
    index = RowIndex().with_rows(heads_of([_key(3), _key(1)]), np.array([10, 11]), 12)
    index.save(path)
    found = RowIndex.load(path)
    assert found.covered == 12 and found.find(heads_of([_key(1), _key(2), _key(3)])).tolist() == [11, -1, 10]
    content = path.read_bytes()
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        assert RowIndex.load(path).covered == 0
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 8]) + content[at + 1 :])
        assert RowIndex.load(path).covered == 0


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.rows"
    RowIndex(3).save(path)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        RowIndex(4).save(path)
    monkeypatch.undo()
    assert RowIndex.load(path).covered == 3 and len(list(tmp_path.iterdir())) == 1
