"""What a client will see, in a sentence."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from shoal.export.seen import Look, Seen, pictures_in


def test_the_sentence() -> None:
    seen = Seen("kohya", {3: 312}, buckets={(512, 512): 300, (576, 448): 12})
    assert str(seen) == "kohya will see 312 images × 3 repeats, 0 without caption, 2 buckets"
    assert (seen.images, seen.steps) == (312, 936)
    two = Seen("kohya", {1: 1, 4: 20}, validation=3, without_caption=2, masks=5, problems=("x is gone",))
    assert str(two) == (
        "kohya will see 1 image + 20 images × 4 repeats, 3 for validation, 2 without caption, 5 with a mask\n"
        "  problem: x is gone"
    )


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "a.PNG")
    (tmp_path / "b.png").touch()
    (tmp_path / "c.txt").touch()
    look = Look("x")
    for file in pictures_in(tmp_path, (".png",)):
        look.picture(file, repeats=2, validation=False, caption=" ")
    seen = look.done()
    assert (seen.images, seen.without_caption, len(seen.problems)) == (1, 1, 1)
    assert look.sizes == [(8, 6)]
