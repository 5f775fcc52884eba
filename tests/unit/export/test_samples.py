"""What is exported, under which names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import BadInputError, MissingError
from shoal.export.captions import Captions
from shoal.export.samples import collect, slug, unique_stems
from tests.unit.export.reviews import make_review
from tests.unit.review.folders import make_folder

WORDS = Captions(("template",), "{cluster}", {})


def test_noise_trash_and_lost_files_are_left_out(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    review.trash(["character_2/f35.png"])
    review.file("character_1/f20.png").unlink()
    (tmp_path / "clustered" / "character_1" / "f21.png").write_bytes(b"")
    review.close()
    from shoal.review.review import open_review

    review = open_review(tmp_path / "clustered")
    samples, left_out = collect(review, clusters=None, captions=WORDS, balance=None)
    assert len(samples) == 36 - 3 and {item for item, _ in left_out} == {
        "character_1/f20.png",
        "character_1/f21.png",
    }
    assert all(s.file.is_file() for s in samples)


def test_facts_of_a_sample(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    samples, _ = collect(review, clusters=["Bunny, the big"], captions=WORDS, balance="view")
    first = next(s for s in samples if s.item.endswith("f00.png"))
    assert (first.label, first.group) == ("Bunny_the_big", "Bunny_the_big_front")
    assert (first.stem, first.shot, first.time_s) == ("Bunny_the_big_f00", "#0", 0.0)
    assert first.tags == ("smiling", "view:front")
    assert {s.group for s in samples} == {"Bunny_the_big_front", "Bunny_the_big_other"}
    with pytest.raises(MissingError, match="nothing is known of 'weather'"):
        collect(review, clusters=None, captions=WORDS, balance="weather")


def test_a_mask_beside_the_picture_is_found(tmp_path: Path) -> None:
    from shoal.review.review import open_review

    root = make_folder(tmp_path / "a")
    (root / "character_0" / "masks").mkdir()
    (root / "character_0" / "masks" / "a_00.png").write_bytes((root / "character_0/a_00.png").read_bytes())
    samples, _ = collect(open_review(root), clusters=None, captions=WORDS, balance=None)
    masks = [s.mask for s in samples if s.mask]
    assert masks == [root / "character_0" / "masks" / "a_00.png"]


def test_a_review_of_noise_has_nothing_to_export(tmp_path: Path) -> None:
    from shoal.review.review import open_review

    with pytest.raises(BadInputError, match="nothing to export"):
        collect(
            open_review(make_folder(tmp_path / "a", sizes=())), clusters=None, captions=WORDS, balance=None
        )


@given(st.lists(st.text(max_size=80), max_size=20))
def test_stems_are_plain_and_unique_everywhere(names: list[str]) -> None:
    stems = unique_stems([slug(name) for name in names])
    assert len({s.casefold() for s in stems}) == len(names)
    assert all(s and s.isascii() and s.replace("-", "").replace("_", "").isalnum() for s in stems)
