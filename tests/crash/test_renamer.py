"""A well-known bulk renamer loses pictures in the harness in which shoal loses none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.renamer import by_renamer, by_shoal, compare, find_renamer, judge

RENAMER = find_renamer()
needs_it = pytest.mark.skipif(RENAMER is None, reason="util-linux's rename is not installed here")


@needs_it
def test_renaming_one_picture_by_substring_costs_others() -> None:
    assert RENAMER is not None
    own, peer = compare(RENAMER, 25, 1)
    assert set(own) == {"right"}
    assert peer["lost"] > 5
    assert peer["wrong"] >= 1


@needs_it
def test_what_happens_to_one_folder(tmp_path: Path) -> None:
    assert RENAMER is not None
    wished = {"frame1.png": "frame2.png"}
    old = {name: name.encode() for name in ("frame1.png", "frame10.png", "frame2.png", "frame20.png")}
    verdicts = {}
    for who in ("renamer", "shoal"):
        root = tmp_path / who
        (root / "bunny").mkdir(parents=True)
        for name, data in old.items():
            (root / "bunny" / name).write_bytes(data)
        if who == "renamer":
            by_renamer(RENAMER, root, "frame1", "frame2")
        else:
            by_shoal(root, wished)
        now = {path.name: path.read_bytes() for path in (root / "bunny").iterdir()}
        verdicts[who] = judge(old, now, wished), len(now)
    assert verdicts == {"renamer": ("lost", 2), "shoal": ("right", 4)}


def test_the_judge_can_tell() -> None:
    old = {"a.png": b"1", "b.png": b"2"}
    assert judge(old, {"c.png": b"1", "b.png": b"2"}, {"a.png": "c.png"}) == "right"
    assert judge(old, {"c.png": b"1", "d.png": b"2"}, {"a.png": "c.png"}) == "wrong"
    assert judge(old, {"b.png": b"1"}, {"a.png": "b.png"}) == "lost"
