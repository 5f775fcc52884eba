"""Pairs that must or cannot be together: read back as written, whatever the names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoal.data.constraints import CANNOT, MUST, Constraints, film_constraints
from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(NAMES, NAMES, st.sampled_from([MUST, CANNOT]), NAMES).filter(lambda r: r[0] != r[1]), max_size=8
)


@given(ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_written_and_read_back(tmp_path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    held = Constraints.of(rows)  # type: ignore[arg-type]
    assert Constraints.read(held.write(tmp_path / "constraints.csv")) == held
    assert [p.name for p in tmp_path.iterdir()] == ["constraints.csv"]


def test_names_that_are_not_utf8_keep_their_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"a\xff.png")
    held = Constraints.of([(name, "b,\n\"c'.png", "must", "track")])
    path = held.write(tmp_path / "c.csv")
    assert b"a\xff.png" in path.read_bytes() and Constraints.read(path) == held


def test_pairs_and_renaming() -> None:
    held = Constraints.of(
        [("x", "y", "must", "track"), ("y", "z", "cannot", "frame"), ("x", "gone", "must", "track")]
    )
    assert held.pairs(["z", "y", "x"], "must").tolist() == [[2, 1]]
    assert held.pairs(["z", "y", "x"], "cannot").tolist() == [[1, 0]]
    assert held.pairs([], "must").shape == (0, 2)
    assert held.renamed({"x": "1", "y": "2", "z": "3"}) == Constraints.of(
        [("1", "2", "must", "track"), ("2", "3", "cannot", "frame")]
    )
    assert len(held + held) == 6 and repr(held) == "Constraints(2 must-link, 1 cannot-link)"


def test_a_film_says_who_is_who() -> None:
    items = Items(
        Path("x"),
        ["a", "b", "c", "d", "e"],
        columns={
            "track": np.array([0, 1, 0, -1, 0], np.int32),
            "source": np.array(["f0", "f0", "f1", "f1", "f2"]),
        },
    )
    held = film_constraints(items)
    assert list(zip(held.a, held.b, held.kind, held.why, strict=True)) == [
        ("a", "c", "must", "track"),
        ("c", "e", "must", "track"),
        ("a", "b", "cannot", "frame"),
        ("c", "d", "cannot", "frame"),
    ]
    assert len(film_constraints(Items(Path("x"), ["a"]))) == 0


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="itself"):
        Constraints.of([("a", "a", "must", "x")])
    with pytest.raises(BadInputError, match="perhaps"):
        Constraints(("a",), ("b",), ("perhaps",), ("",))
    with pytest.raises(BadInputError, match="1 a, 0 b"):
        Constraints(("a",), (), (), ())
    with pytest.raises(MissingError, match="gone"):
        Constraints.read(tmp_path / "gone.csv")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInputError, match="columns"):
        Constraints.read(tmp_path / "bad.csv")
