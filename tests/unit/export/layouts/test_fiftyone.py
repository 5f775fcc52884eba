"""FiftyOne's two readers, the folder a class and labels.json, see the same files."""

from __future__ import annotations

import json
from pathlib import Path

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_folders_and_labels_agree(tmp_path: Path) -> None:
    made = export_dataset(make_review(tmp_path), out=tmp_path / "x", layout="fiftyone", progress=False)
    held = json.loads((tmp_path / "x" / "train" / "labels.json").read_text())
    data = tmp_path / "x" / "train" / "data"
    # ImageClassificationDirectoryTree: the folder is the class.
    tree = {p.relative_to(data).with_suffix("").as_posix(): p.parent.name for p in data.rglob("*.png")}
    # FiftyOneImageClassificationDataset: with `classes`, a label is a place in them.
    listed = {name: held["classes"][label["label"]] for name, label in held["labels"].items()}
    assert tree == listed and len(tree) == made.train
    next(data.rglob("*.png")).unlink()
    assert "only in one of" in check_dataset(tmp_path / "x").problems[0]
