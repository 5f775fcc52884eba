"""kohya's folders and TOML by the rules of its loader: known keys, flat folders, captions by extension."""

from __future__ import annotations

import tomllib
from pathlib import Path

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_the_config_says_what_the_folder_names_only_hint_at(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    made = export_dataset(
        review, out=tmp_path / "x", layout="kohya", trigger={"Bunny, the big": "sks"}, repeats=3, size=512,
        validation=0.2, progress=False,
    )  # fmt: skip
    assert str(made.seen) == (
        "kohya will see 30 images × 3 repeats, 6 for validation, 0 without caption, 18 with a mask, 3 buckets"
    )
    config = tomllib.loads((tmp_path / "x" / "dataset.toml").read_text())
    assert config["general"]["caption_extension"] == ".txt" and config["general"]["flip_aug"] is False
    train, validation = config["datasets"]
    assert validation["validation_split"] == 1.0 and "validation_split" not in train
    first = train["subsets"][0]
    assert first == {
        "image_dir": (tmp_path / "x" / "train" / "3_Bunny_the_big").as_posix(), "class_tokens": "sks",
        "num_repeats": 3, "alpha_mask": True,
    }  # fmt: skip
    assert {s["class_tokens"] for s in train["subsets"]} == {"sks", "character_1", "character_2"}
    shown = {Path(s["image_dir"]).name for s in validation["subsets"]}
    assert all(name.startswith("1_") for name in shown)


def test_what_the_script_would_refuse_or_miss_is_said(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", layout="kohya", progress=False, validation=0)
    config = tmp_path / "x" / "dataset.toml"
    text = config.read_text()
    config.write_text(text.replace("flip_aug = false", 'flip_aug = "no"\nflips = 3'))
    problems = check_dataset(tmp_path / "x").problems
    assert len(problems) == 2 and "flip_aug = 'no'" in problems[0] and "flips" in problems[1]
    config.write_text(text)
    captions = sorted((tmp_path / "x" / "train").rglob("*.txt"))
    captions[0].unlink()
    captions[1].write_text(" \n")
    assert check_dataset(tmp_path / "x").without_caption == 2


def test_what_it_passes_over_or_stops_at_is_said(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", layout="kohya", progress=False, validation=0, size=512)
    config = tmp_path / "x" / "dataset.toml"
    text = config.read_text()
    first, *_ = sorted((tmp_path / "x" / "train" / "1_Bunny_the_big").glob("*.txt"))
    first.write_text("")
    problems = check_dataset(tmp_path / "x").problems
    assert len(problems) == 1 and f"{first.name} is empty" in problems[0]
    first.write_text("only this line\nand not that\n")
    seen = check_dataset(tmp_path / "x")
    assert not seen.problems and seen.images == 36
    subset = text[text.index("  [[datasets.subsets]]") :].split("\n\n")[0]
    config.write_text(f"{text}\n{subset}\n")
    twice = check_dataset(tmp_path / "x")
    assert twice.images == 36 and "is named twice" in twice.problems[0]
    config.write_text(text.replace("num_repeats = 1", "num_repeats = 0", 1))
    fewer = check_dataset(tmp_path / "x")
    assert fewer.images == 18 and "num_repeats is less than 1" in fewer.problems[0]
    config.write_text(text.replace("resolution = 512", "resolution = 2048"))
    assert "resolution 2048 is outside 256..1024" in check_dataset(tmp_path / "x").problems[0]
