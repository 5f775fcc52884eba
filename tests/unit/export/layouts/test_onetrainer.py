"""OneTrainer: concepts for training and validation, masks beside the pictures."""

from __future__ import annotations

import json
from pathlib import Path

from shoal.export.dataset import export_dataset
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
