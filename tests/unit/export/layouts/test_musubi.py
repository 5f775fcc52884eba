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
