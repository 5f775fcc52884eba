"""What the pipeline left beside a folder."""

import numpy as np
import pytest

from shoal.errors import DamagedError
from shoal.review.table import ItemTable, pack_names
from shoal.review.vectors import read_columns, read_tree, read_vectors, vectors_beside


def write(folder, **arrays):
    blob, offsets = pack_names(["a/1.png", "a/2.png", "noise/3.png"])
    np.savez(folder / "vectors.npz", paths_blob=blob, paths_offsets=offsets, **arrays)


def test_columns_follow_the_items_and_unknown_ones_get_nothing(tmp_path):
    write(tmp_path, xy=np.arange(6, dtype=np.float32).reshape(3, 2), shot=np.array([7, 8, 9], np.int32))
    columns = read_columns(tmp_path, ["noise/3.png", "new.png", "a/1.png"])
    assert columns["shot"].tolist() == [9, -1, 7]
    assert columns["vector_row"].tolist() == [2, -1, 0]
    assert columns["xy"][0].tolist() == [4, 5]
    assert np.isnan(columns["xy"][1]).all()


def test_vectors_follow_the_rows(tmp_path):
    write(tmp_path, vectors=np.eye(3, dtype=np.float16))
    found = read_vectors(tmp_path, np.array([2, -1], np.int32))
    assert found is not None
    assert found[0].tolist() == [0, 0, 1]
    assert np.isnan(found[1]).all()


def test_the_tree_follows_the_items(tmp_path):
    tree = {
        "tree_parent": np.array([-1, 0, 0], np.int32),
        "tree_born": np.array([0, 2, 2], np.float32),
        "tree_home": np.array([1, 2, 0], np.int32),
        "tree_left": np.array([3, 4, 1], np.float32),
        "tree_chosen": np.array([2, 1], np.int32),
    }
    write(tmp_path, exemplar=np.array([True, False, False]), **tree)
    columns = read_columns(tmp_path, ["a/2.png", "new.png"])
    assert columns["exemplar"].tolist() == [False, False] and "tree_home" not in columns
    found = read_tree(tmp_path, columns["vector_row"])
    assert found is not None
    assert found.home.tolist() == [2, -1]
    assert found.left.tolist() == [4, 0]
    assert found.members(2).tolist() == [0]
    write(tmp_path)
    assert read_tree(tmp_path, np.array([0], np.int32)) is None
    assert read_tree(tmp_path / "none", np.array([0], np.int32)) is None


def test_no_file_means_no_columns(tmp_path):
    assert read_columns(tmp_path, ["a"]) == {}
    assert read_vectors(tmp_path, np.array([0], np.int32)) is None


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_damaged_file_is_said(tmp_path, content):
    (tmp_path / "vectors.npz").write_bytes(content)
    with pytest.raises(DamagedError, match=r"vectors\.npz"):
        read_columns(tmp_path, ["a"])


def test_a_pickle_is_never_loaded(tmp_path):
    """Fault row 29."""
    write(tmp_path, evil=np.array([print, 1, 2], dtype=object))
    with pytest.raises(DamagedError):
        read_columns(tmp_path, ["a/1.png"])


def test_vectors_of_a_table(tmp_path):
    home = tmp_path / ".shoal"
    home.mkdir()
    write(home, vectors=np.eye(3, dtype=np.float16))
    paths = ["a/2.png", "a/1.png"]
    found = vectors_beside(tmp_path, ItemTable(paths, columns=read_columns(home, paths)))
    assert found is not None
    assert found.argmax(axis=1).tolist() == [1, 0]
    assert vectors_beside(tmp_path, ItemTable(paths)) is None
