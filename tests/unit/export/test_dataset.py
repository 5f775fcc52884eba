"""An export is what was reviewed, the same to the byte, and no export when its client would see another."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from shoal.errors import BadInputError, ExistsError, MissingError, NotAllowedError, ShoalError
from shoal.export.dataset import check_dataset, export_dataset
from shoal.export.layouts import LAYOUTS
from shoal.review.review import Review, open_review
from tests.unit.export.reviews import files, make_review

QUIET = {"progress": False, "validation": 0.2, "size": 64}


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    return make_review(tmp_path_factory.mktemp("dataset"))


def export(review: Review, out: Path, **change: object):
    return export_dataset(review, out=out, **{**QUIET, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_every_picture_once(layout: str, review: Review, tmp_path: Path) -> None:
    made = export(review, tmp_path / "x", layout=layout, trigger="sks", repeats=2)
    assert (made.train, made.validation) == (30, 6) and not made.left_out
    assert (made.seen.images, made.seen.validation, made.seen.without_caption) == (30, 6, 0)
    assert len(made.seen.classes) >= 1 and made.tokens.longest >= 5
    assert check_dataset(tmp_path / "x") == made.seen
    assert str(made).startswith(f"{LAYOUTS[layout].client} will see 30 images")
    assert not [name for name in files(tmp_path / "x") if name.endswith(".webp")]


def test_the_same_seed_gives_the_same_bytes_whatever_works(review: Review, tmp_path: Path) -> None:
    given = {"layout": "base", "paths": "relative", "seed": 5}
    export(review, tmp_path / "a", **given)
    with ProcessPoolExecutor(2) as pool:
        export(review, tmp_path / "b", **given, executor=pool)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    others = [export(review, tmp_path / "c", **{**given, "seed": s, "force": True}) for s in range(6, 10)]
    assert files(others[-1].folder)["metadata.json"] != files(tmp_path / "a")["metadata.json"]


def test_validation_is_by_shot_and_never_across_twins(review: Review, tmp_path: Path) -> None:
    for seed in range(4):
        export(review, tmp_path / "x", seed=seed, force=True)
        items = json.loads((tmp_path / "x" / "metadata.json").read_text())["items"]
        parts: dict[str, set[str]] = {}
        for item in items:
            parts.setdefault(item["shot"], set()).add(item["split"])
        assert all(len(part) == 1 for part in parts.values())
        split = {item["item"]: item["split"] for item in items}
        assert split["character_0/f00.png"] == split["character_0/f04.png"], "alike, in two shots"


def test_balance_by_view_and_by_cluster(review: Review, tmp_path: Path) -> None:
    made = export(review, tmp_path / "x", layout="kohya", balance="cluster", validation=0)
    assert made.seen.repeats == {1: 18, 2: 12, 3: 6} and made.seen.steps == 18 + 24 + 18
    made = export(review, tmp_path / "y", layout="kohya", balance="view", validation=0, clusters=["c0"])
    assert sorted(p.name for p in (tmp_path / "y" / "train").iterdir()) == [
        "1_Bunny_the_big_other",
        "8_Bunny_the_big_front",
    ]


def test_an_export_is_not_replaced_unasked_and_leaves_what_others_put_there(
    review: Review, tmp_path: Path
) -> None:
    export(review, tmp_path / "x")
    (tmp_path / "x" / "notes.md").write_text("mine")
    with pytest.raises(ExistsError, match="already holds files"):
        export(review, tmp_path / "x")
    export(review, tmp_path / "x", force=True, clusters=["character_2"])
    assert len(list((tmp_path / "x" / "images").iterdir())) == 6
    assert (tmp_path / "x" / "notes.md").read_text() == "mine"


def test_what_the_client_would_not_see_is_an_error(review: Review, tmp_path: Path) -> None:
    export(review, tmp_path / "x", layout="onetrainer")
    Image.new("RGB", (9, 9)).save(tmp_path / "x" / "train" / "character_2" / "stray.png")
    with pytest.raises(ShoalError, match="OneTrainer would see 31 pictures"):
        export(review, tmp_path / "x", layout="onetrainer", force=True)
    with pytest.raises(NotAllowedError, match="was not finished"):
        check_dataset(tmp_path / "x")


def test_edits_that_are_not_saved_count_and_files_are_not_touched(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    before = files(tmp_path / "clustered" / "character_1")
    review.move(["character_2/f35.png"], "character_1")
    export(review, tmp_path / "x")
    items = json.loads((tmp_path / "x" / "metadata.json").read_text())["items"]
    assert {i["cluster"] for i in items if i["item"] == "character_2/f35.png"} == {"character_1"}
    assert files(tmp_path / "clustered" / "character_1") == before


def test_a_folder_can_be_given_and_broken_pictures_are_left_out(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    (tmp_path / "clustered" / "character_1" / "f22.png").write_bytes(b"\x89PNG broken")
    review.close()
    made = export_dataset(tmp_path / "clustered", out=tmp_path / "x", progress=False)
    assert [item for item, _ in made.left_out] == ["character_1/f22.png"]
    assert "left out character_1/f22.png" in str(made)


def test_wrong_arguments_are_named(review: Review, tmp_path: Path) -> None:
    for change, says in {
        ("layout", "ostrich"): "layout='ostrich' is unknown",
        ("matte", "alpha"): "makes nothing of matte='alpha'",
        ("size", 3): "size=3",
        ("picture_format", "webp"): "picture_format='webp'",
        ("repeats", 0): "repeats=0",
    }.items():
        with pytest.raises(BadInputError, match=says):
            export(review, tmp_path / "x", **{"layout": "onetrainer", change[0]: change[1]})
        shutil.rmtree(tmp_path / "x", ignore_errors=True)
    with pytest.raises(BadInputError, match="lies in the review's own folder"):
        export(review, review.root / "export")
    with pytest.raises(BadInputError, match="JPEG has no transparency"):
        export(review, tmp_path / "x", matte="alpha", picture_format="jpg")
    with pytest.raises(MissingError, match="does not say its layout"):
        check_dataset(tmp_path)
    with pytest.raises(MissingError, match="no folder"):
        check_dataset(tmp_path / "none")


def test_a_review_that_is_open_elsewhere_is_read_as_it_is(review: Review, tmp_path: Path) -> None:
    other = open_review(review.root)
    assert export(other, tmp_path / "x", layout="coco").train == 30
