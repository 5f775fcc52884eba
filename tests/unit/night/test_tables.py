"""Tables on disk are what they were, need no pickle, and can be moved with their run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
from shoal.errors import DamagedError
from shoal.night.tables import load_table, save_table


def the_tables(root: Path) -> list[object]:
    items = Items(
        root / "pile",
        ["a.png", "ü.png", "b\udce4.png"],
        {"shot": np.arange(3), "s": np.array(["x", "", "é"])},
    )
    return [
        items,
        Shots(items, np.array([0, 5]), np.array([4, 9]), 23.976),
        Embeddings(items, np.eye(3, 4, dtype=np.float32), "colour", {"x": [1]}),
        Clusters(np.array([0, -1, 0], np.int32), np.ones(3, np.float32), "kmeans", {"k": 2}),
        Projection(np.zeros((3, 2), np.float32), "pca"),
    ]


def flat(table: object) -> dict[str, object]:
    out: dict[str, object] = {}
    for name in type(table).__dataclass_fields__:  # type: ignore[attr-defined]
        value = getattr(table, name)
        out[name] = flat(value) if isinstance(value, Items) else value
    return out


@pytest.mark.parametrize("which", range(5))
def test_a_table_comes_back_as_it_was(which: int, tmp_path: Path) -> None:
    table = the_tables(tmp_path)[which]
    save_table(tmp_path / "run" / "t.npz", table)  # type: ignore[arg-type]
    np.testing.assert_equal(flat(load_table(tmp_path / "run" / "t.npz")), flat(table))
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["t.npz"]


def test_a_run_can_be_moved_with_what_belongs_to_it(tmp_path: Path) -> None:
    facts = {"frames": str(tmp_path / "a" / "frames"), "model": "m"}
    save_table(tmp_path / "a" / "run" / "t.npz", Items(tmp_path / "a" / "pile", ["x.png"], meta=facts))
    shutil.move(tmp_path / "a", tmp_path / "b")
    moved = load_table(tmp_path / "b" / "run" / "t.npz")
    assert isinstance(moved, Items) and moved.root == tmp_path / "b" / "pile"
    assert moved.meta == {"frames": str(tmp_path / "b" / "frames"), "model": "m"}


def test_damage_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(b"PK no")
    with pytest.raises(DamagedError, match=r"t\.npz"):
        load_table(tmp_path / "t.npz")
