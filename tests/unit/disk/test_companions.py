from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shoal.disk.companions import companion_target, find_companions

STEMS = st.sampled_from(["frame1", "frame10", "frame1_0", "a", "a_b", "é", "x.y"])


def test_each_kind_of_sidecar() -> None:
    owned, left = find_companions(
        ["a.png", "b.JPG", "a_mask.png"],
        ["a.txt", "a.png.xmp", "b.json", "c.txt", "a.caption", "a.md"],
        {"masks": ["a.png", "b_mask.png", "z.png"], "faces": ["a_0.png", "a_1.png", "ab.png", "b.png"]},
    )
    assert owned == {
        "a.png": (
            "a.caption", "a.png.xmp", "a.txt", "a_mask.png", "faces/a_0.png", "faces/a_1.png", "masks/a.png",
        ),
        "b.JPG": ("b.json", "faces/b.png", "masks/b_mask.png"),
    }  # fmt: skip
    assert sorted(left) == ["a.md", "c.txt", "faces/ab.png", "masks/z.png"]


def test_prefixes_are_not_owners() -> None:
    """Fault row 12: frame1 is not frame10."""
    owned, left = find_companions(
        ["frame1.png", "frame10.png", "frame1_0.png"],
        [],
        {"faces": ["frame10_0.png", "frame1_0_1.png", "frame100.png"]},
    )
    assert owned["frame1.png"] == ()
    assert owned["frame10.png"] == ("faces/frame10_0.png",)
    assert owned["frame1_0.png"] == ("faces/frame1_0_1.png",)
    assert left == ["faces/frame100.png"]


def test_two_pictures_of_one_stem_share_nothing() -> None:
    owned, _ = find_companions(["a.jpg", "a.png"], ["a.txt", "a.png.txt"], {})
    assert owned == {"a.jpg": ("a.txt",), "a.png": ("a.png.txt",)}


def test_a_mask_without_its_picture_is_a_picture() -> None:
    assert find_companions(["a_mask.png"], ["a_mask.txt"], {})[0] == {"a_mask.png": ("a_mask.txt",)}


@given(
    st.sets(st.tuples(STEMS, st.sampled_from([".png", ".JPG", "_mask.png"])).map("".join)),
    st.sets(st.tuples(STEMS, st.sampled_from([".txt", ".png.txt", ".md", ".json"])).map("".join)),
    st.sets(st.tuples(STEMS, st.sampled_from([".png", "_0.png", "0.png"])).map("".join)),
)
def test_every_file_has_exactly_one_home(pictures: set[str], others: set[str], faces: set[str]) -> None:
    owned, left = find_companions(sorted(pictures), sorted(others), {"faces": sorted(faces)})
    given_out = [path for paths in owned.values() for path in paths]
    everything = [*owned, *given_out, *left]
    assert sorted(everything) == sorted([*pictures, *others, *(f"faces/{f}" for f in faces)])


@given(st.sampled_from(["a.png", "frame1.jpg"]), st.sampled_from(["b.png", "a__bunny.png", "é.JPG"]))
def test_companions_follow_the_name(old: str, new: str) -> None:
    stem, new_stem = old.rpartition(".")[0], new.rpartition(".")[0]
    assert companion_target(f"{stem}.txt", old, new) == f"{new_stem}.txt"
    assert companion_target(f"{old}.xmp", old, new) == f"{new}.xmp"
    assert companion_target(f"{stem}_mask.png", old, new) == f"{new_stem}_mask.png"
    assert companion_target(f"faces/{stem}_0.png", old, new) == f"faces/{new_stem}_0.png"
    assert companion_target(f"faces/{stem}_0.png", old, old) == f"faces/{stem}_0.png"
