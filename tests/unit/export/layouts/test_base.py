"""The plain layout says everything once, in metadata.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shoal.errors import DamagedError
from shoal.export.dataset import check_dataset, export_dataset
from shoal.export.layouts.base import toml_string
from tests.unit.export.reviews import make_review


def test_metadata_files_and_captions_agree(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    export_dataset(review, out=tmp_path / "x", matte="mask", trigger={"character_1": "sqr"}, progress=False)
    held = json.loads((tmp_path / "x" / "metadata.json").read_text())
    assert held["classes"] == ["Bunny_the_big", "character_1", "character_2"]
    assert held["triggers"] == {"character_1": "sqr"}
    assert len(held["items"]) == 36 == len(list((tmp_path / "x" / "images").iterdir()))
    masks = {item["mask_file"] for item in held["items"]} - {None}
    assert len(masks) == 18 and all((tmp_path / "x" / mask).is_file() for mask in masks)
    (tmp_path / "x" / held["items"][0]["caption_file"]).write_text("other")
    assert "differ" in check_dataset(tmp_path / "x").problems[0]
    (tmp_path / "x" / "metadata.json").write_text("{")
    with pytest.raises(DamagedError):
        check_dataset(tmp_path / "x")


def test_toml_strings_are_read_back() -> None:
    import tomllib

    for text in ('C:\\a "b"', "line\nbreak", "ü\x7f\x01"):
        assert tomllib.loads(f"a = {toml_string(text)}")["a"] == text
