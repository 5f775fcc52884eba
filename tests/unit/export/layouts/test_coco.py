"""COCO's own tools read the masks, boxes and captions."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_pycocotools_reads_it(tmp_path: Path) -> None:
    pycocotools = pytest.importorskip("pycocotools.coco", reason="pycocotools is the client")
    made = export_dataset(
        make_review(tmp_path),
        out=tmp_path / "x",
        layout="coco",
        matte="alpha",
        validation=0.2,
        progress=False,
    )
    for part, n in (("train", made.train), ("validation", made.validation)):
        with contextlib.redirect_stdout(io.StringIO()):
            coco = pycocotools.COCO(str(tmp_path / "x" / "annotations" / f"instances_{part}.json"))
        assert len(coco.imgs) == len(coco.anns) == n
        for annotation in coco.anns.values():
            image = coco.imgs[annotation["image_id"]]
            mask = coco.annToMask(annotation).astype(bool)
            assert mask.sum() == annotation["area"]
            with Image.open(tmp_path / "x" / "images" / part / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"])
                if picture.mode == "RGBA":
                    assert np.array_equal(mask, np.asarray(picture.getchannel("A")) >= 128)
                else:
                    assert mask.all()
    assert [c["name"] for c in coco.cats.values()] == ["Bunny_the_big", "character_1", "character_2"]


def test_a_mask_that_does_not_fit_is_a_problem(tmp_path: Path) -> None:
    export_dataset(make_review(tmp_path), out=tmp_path / "x", layout="coco", progress=False)
    path = tmp_path / "x" / "annotations" / "instances_train.json"
    held = json.loads(path.read_text())
    masked = next(a for a in held["annotations"] if isinstance(a["segmentation"], dict))
    masked["segmentation"]["counts"][0] += 1
    path.write_text(json.dumps(held))
    assert "does not fit its picture" in check_dataset(tmp_path / "x").problems[0]
