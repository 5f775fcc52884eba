"""The tables that steps hand on: checked when made, never half consistent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
from shoal.errors import BadInputError

ROOT = Path("pictures")


def _items(n: int = 3) -> Items:
    return Items(
        root=ROOT, paths=[f"{i}.png" for i in range(n)], columns={"shot": np.arange(n, dtype=np.int32)}
    )


def test_items_are_taken_by_rows_and_by_mask() -> None:
    items = _items()
    assert items.take([2, 0]).paths == ("2.png", "0.png")
    assert items.take([2, 0]).columns["shot"].tolist() == [2, 0]
    assert items.take(np.array([True, False, True])).paths == ("0.png", "2.png")
    assert items.file(1) == ROOT / "1.png"


def test_columns_are_added_without_touching_the_original() -> None:
    items = _items()
    wider = items.with_columns(sharpness=[1.0, 2.0, 3.0])
    assert set(wider.columns) == {"shot", "sharpness"} and set(items.columns) == {"shot"}


@pytest.mark.parametrize("column", [np.arange(2), np.array([object()] * 3, dtype=object)])
def test_columns_that_do_not_fit_are_refused(column: np.ndarray) -> None:
    with pytest.raises(BadInputError, match="'shot'"):
        Items(root=ROOT, paths=["a", "b", "c"], columns={"shot": column})


def test_paths_are_ids() -> None:
    with pytest.raises(BadInputError, match=r"'a\.png' occurs twice"):
        Items(root=ROOT, paths=["a.png", "b.png", "a.png"])


def test_tables_of_other_lengths_are_refused() -> None:
    with pytest.raises(BadInputError):
        Embeddings(_items(), np.zeros((2, 4), dtype=np.float32), "m")
    with pytest.raises(BadInputError):
        Clusters(np.zeros(3, dtype=np.int32), np.zeros(2, dtype=np.float32), "kmeans")
    with pytest.raises(BadInputError):
        Projection(np.zeros((3, 3), dtype=np.float32), "umap")


def test_what_tables_say_of_themselves() -> None:
    clusters = Clusters(np.array([0, 0, 1, -1], dtype=np.int32), np.ones(4, dtype=np.float32), "hdbscan")
    assert (len(clusters), clusters.n_clusters, clusters.noise_share) == (4, 2, 0.25)
    shots = Shots(_items(), np.array([0, 10]), np.array([9, 19]), 24.0)
    assert len(shots) == 2 and "3 frames" in repr(shots)
    assert Clusters(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32), "x").n_clusters == 0
