"""FiftyOne's two readers, the folder a class and labels.json, see the same files."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review

PYTHON = os.environ.get("SHOAL_FIFTYONE")
"""An interpreter that has FiftyOne, pycocotools and a mongod: they do not go into our own environment."""
READ = """
import json, sys
import fiftyone as fo
root, found, types = sys.argv[1], {}, fo.types
for part in ("train", "validation"):
    place, coco = f"{root}/fiftyone/{part}", f"{root}/coco/annotations/instances_{part}.json"
    masks = {"data_path": f"{root}/coco/images/{part}", "labels_path": coco, "label_types": ["segmentations"]}
    kinds = {
        "labels": ({"dataset_dir": place}, types.FiftyOneImageClassificationDataset),
        "folders": ({"dataset_dir": f"{place}/data"}, types.ImageClassificationDirectoryTree),
        "coco": (masks, types.COCODetectionDataset),
    }
    for kind, (given, dataset_type) in kinds.items():
        read = fo.Dataset.from_dir(dataset_type=dataset_type, **given)
        field = "ground_truth.detections.label" if kind == "coco" else "ground_truth.label"
        found[f"{part} {kind}"] = read.count_values(field)
        if kind == "labels":
            named = fo.ViewField("ground_truth.caption").starts_with("sks")
            found[f"{part} captions"] = len(read.match(named))
print("FOUND", json.dumps(found))
"""


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


@pytest.mark.skipif(PYTHON is None, reason="SHOAL_FIFTYONE names no interpreter that has FiftyOne")
@pytest.mark.timeout(300)
def test_fiftyone_itself_reads_what_was_exported(tmp_path: Path) -> None:
    """Shown with FiftyOne 1.22.1: both of its readers, and its reader of COCO with masks."""
    review = make_review(tmp_path)
    made = export_dataset(
        review, out=tmp_path / "fiftyone", layout="fiftyone", validation=0.2, trigger="sks", progress=False
    )
    export_dataset(review, out=tmp_path / "coco", layout="coco", validation=0.2, progress=False)
    environment = {
        **os.environ, "HOME": str(tmp_path), "FIFTYONE_DATABASE_DIR": str(tmp_path / "db"),
        "FIFTYONE_DO_NOT_TRACK": "true",
    }  # fmt: skip
    done = subprocess.run(
        [str(PYTHON), "-c", READ, str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.partition("FOUND ")[2].splitlines()[0])
    for part, n in (("train", made.train), ("validation", made.validation)):
        by_label = found[f"{part} labels"]
        assert by_label == found[f"{part} folders"] == found[f"{part} coco"]
        assert sum(by_label.values()) == n == found[f"{part} captions"]
    assert set(found["train labels"]) == {"Bunny_the_big", "character_1", "character_2"}
