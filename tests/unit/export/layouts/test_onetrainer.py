"""OneTrainer: concepts for training and validation, masks beside the pictures."""

from __future__ import annotations

import json
from pathlib import Path

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_concepts_and_masks(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    made = export_dataset(review, out=tmp_path / "x", layout="onetrainer", balance="cluster", progress=False)
    concepts = json.loads((tmp_path / "x" / "concepts.json").read_text())
    assert all(c["image"]["enable_random_flip"] is False for c in concepts)
    assert {c["balancing_strategy"] for c in concepts} == {"REPEATS"}
    train = {c["name"]: c["balancing"] for c in concepts if not c["validation_concept"]}
    assert train["Bunny_the_big"] == 1.0 and train["character_2"] >= 2.0
    masks = list((tmp_path / "x").rglob("*-masklabel.png"))
    assert len(masks) == 18 == made.seen.masks
    assert all(m.with_name(m.name.replace("-masklabel", "")).is_file() for m in masks)


def test_a_picture_named_like_a_mask_is_still_a_picture(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    root = review.root
    assert root is not None
    review.close()
    for name in ("odd-masklabel", "odd-condlabel"):
        (root / "character_2" / f"{name}.png").write_bytes((root / "character_2" / "f30.png").read_bytes())
    made = export_dataset(root, out=tmp_path / "x", layout="onetrainer", validation=0, progress=False)
    assert made.train == made.seen.images == 38
    assert list((tmp_path / "x" / "train").rglob("*odd-masklabel-picture.png"))
    concepts = tmp_path / "x" / "concepts.json"
    held = json.loads(concepts.read_text())
    held[0]["enabled"] = False
    concepts.write_text(json.dumps(held))
    assert check_dataset(tmp_path / "x").images == 20
