"""ai-toolkit walks every folder below: nothing but pictures and captions may lie there."""

from __future__ import annotations

from pathlib import Path

import yaml

from shoal.export.dataset import check_dataset, export_dataset
from tests.unit.export.reviews import make_review


def test_nothing_but_pictures_and_captions_where_it_walks(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    made = export_dataset(review, out=tmp_path / "x", layout="ai-toolkit", repeats=2, progress=False)
    config = yaml.safe_load((tmp_path / "x" / "datasets.yaml").read_text())
    walked = []
    for dataset in config["datasets"]:
        place = Path(dataset["folder_path"])
        files = [p for p in place.rglob("*") if p.is_file()]
        assert {p.suffix for p in files} == {".png", ".txt"}
        assert len({p.stem for p in files}) * 2 == len(files)
        walked += [p for p in files if p.suffix == ".png"]
        assert dataset["num_repeats"] == 2 and dataset["flip_x"] is False
        masks = {p.stem for p in Path(dataset["mask_path"]).iterdir()}
        assert masks and masks <= {p.stem for p in files}
    assert len(walked) == made.train == made.seen.images


def test_what_the_walk_takes_and_what_it_leaves(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", layout="ai-toolkit", validation=0, progress=False)
    place = tmp_path / "x" / "train" / "character_1"
    picture = next(place.glob("*.png")).read_bytes()
    (place / "_controls").mkdir()
    (place / "_controls" / "a.png").write_bytes(picture)
    (place / ".hidden.png").write_bytes(picture)
    assert check_dataset(tmp_path / "x").images == 36
    (place / "deeper").mkdir()
    (place / "deeper" / "b.png").write_bytes(picture)
    seen = check_dataset(tmp_path / "x")
    assert seen.images == 37 and seen.without_caption == 1
