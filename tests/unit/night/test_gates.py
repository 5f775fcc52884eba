"""Gates of a title: each reason is counted, and rejected items of several steps become one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shoal.data.tables import Items
from shoal.night.gates import all_rejected, gated, reasons
from tests.unit.steps.fixtures import noise_picture


def pile(root: Path) -> Items:
    root.mkdir()
    for name, seed, size in (("a", 1, 96), ("twin", 1, 90), ("b", 2, 96), ("small", 3, 20)):
        noise_picture(seed, 96).resize((size, size)).save(root / f"{name}.png")
    return Items(root, ["a.png", "twin.png", "b.png", "small.png"])


def test_what_does_not_pass_has_its_reason(tmp_path: Path) -> None:
    done = gated(pile(tmp_path / "p"), {"duplicates": 6, "least_size": 64}, progress=False)
    assert list(done.kept.paths) == ["a.png", "b.png"]
    assert reasons(done.rejected) == {"duplicate": 1, "small": 1}
    assert reasons(done.kept.with_columns(reason=np.array(["x: y", "x: z"]))) == {"x": 2}


def test_scores_are_taken_when_a_limit_asks_for_them(tmp_path: Path, monkeypatch) -> None:
    items = pile(tmp_path / "p")
    monkeypatch.setattr(
        "shoal.night.gates.score_nsfw", lambda t, **_: t.with_columns(nsfw=np.array([0.1, 0.9, 0.2, 0.3]))
    )
    done = gated(items, {"most_nsfw": 0.5}, progress=False)
    assert list(done.rejected.paths) == ["twin.png"] and reasons(done.rejected) == {"nsfw": 1}


def test_rejected_items_of_two_folders_become_one_table(tmp_path: Path) -> None:
    one = Items(tmp_path / "a", ["x.png"], {"reason": np.array(["small: 1"]), "shot": np.array([3])})
    two = Items(tmp_path / "b", ["y.png"], {"reason": np.array(["blurred: much"])})
    both = all_rejected(one, None, two)
    assert both is not None and reasons(both) == {"blurred": 1, "small": 1}
    assert [both.file(row).resolve() for row in range(2)] == [
        tmp_path / "a" / "x.png",
        tmp_path / "b" / "y.png",
    ]
    assert set(both.columns) == {"reason"}
    assert all_rejected(None, one) is one and all_rejected(None, one.take([])) is None
