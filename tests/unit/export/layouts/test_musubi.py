"""musubi-tuner: its own cache for each data set, folders and JSON lines that list the same pictures."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_folders_lines_and_caches(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    made = export_dataset(review, out=tmp_path / "x", layout="musubi-tuner", size=512, progress=False)
    assert made.seen.buckets and made.seen.problems == ()
    config = tomllib.loads((tmp_path / "x" / "dataset.toml").read_text())
    assert config["general"]["resolution"] == [512, 512]
    caches = [d["cache_directory"] for d in config["datasets"]]
    assert len(set(caches)) == 3
    lines = tomllib.loads((tmp_path / "x" / "dataset_jsonl.toml").read_text())["datasets"]
    rows = [json.loads(row) for d in lines for row in Path(d["image_jsonl_file"]).read_text().splitlines()]
    assert len(rows) == made.train and all(Path(row["image_path"]).is_file() for row in rows)
    assert all(set(row) == {"image_path", "caption"} for row in rows)
    next((tmp_path / "x" / "train" / "character_1").glob("*.png")).unlink()
    assert "different pictures" in check_dataset(tmp_path / "x").problems[0]


def test_a_picture_without_a_caption_is_not_seen(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", layout="musubi", size=512, progress=False, validation=0)
    caption = next((tmp_path / "x" / "train" / "character_1").glob("*.txt"))
    caption.unlink()
    seen = check_dataset(tmp_path / "x")
    assert seen.images == 35 and f"it has no {caption.name}" in seen.problems[0]


def test_what_its_schema_would_refuse_is_said(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", layout="musubi", size=512, progress=False, validation=0)
    config = tmp_path / "x" / "dataset.toml"
    config.write_text(config.read_text().replace("batch_size = 1", 'batch_size = "1"\nflip_aug = false'))
    problems = check_dataset(tmp_path / "x").problems
    assert len(problems) == 2 and "batch_size = '1'" in problems[0] and "flip_aug" in problems[1]
