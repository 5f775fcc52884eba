"""Hugging Face's own loader reads the folder: both splits, every caption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_datasets_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is the client")
    review = make_review(tmp_path)
    made = export_dataset(
        review, out=tmp_path / "x", layout="diffusers", trigger="sks", validation=0.2, progress=False
    )
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "x"), cache_dir=str(tmp_path / "c"))
    assert {name: len(part) for name, part in loaded.items()} == {"train": 30, "validation": 6}
    assert len(loaded["train"]) == made.seen.images and len(loaded["validation"]) == made.seen.validation
    assert all(row["text"].startswith("sks, ") and row["image"].mode == "RGB" for row in loaded["train"])
    rows = [json.loads(line) for line in (tmp_path / "x/train/metadata.jsonl").read_text().splitlines()]
    assert sorted(loaded["train"]["text"]) == sorted(row["text"] for row in rows)


def test_what_the_listing_does_not_name_is_a_problem(tmp_path: Path) -> None:
    export_dataset(make_review(tmp_path), out=tmp_path / "x", layout="huggingface", progress=False)
    first = next((tmp_path / "x" / "train").glob("*.png"))
    (tmp_path / "x" / "train" / "stray.png").write_bytes(first.read_bytes())
    assert "stray.png is not in metadata.jsonl" in check_dataset(tmp_path / "x").problems[0]
