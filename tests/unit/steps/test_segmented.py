"""What was rejected can be had back as items, and a damaged report says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError
from shoal.steps.segmented import RESULTS_NAME, Found, read_rejected


def _cut(file: str, reason: str = "") -> dict[str, object]:
    return {
        "file": file, "instance": 0, "box": [1, 2, 31, 42], "area": 900, "confidence": 0.9,
        "sharpness": 20.0, "edges": "l", "reason": reason, "look": [1.0, 1.0, 1.0],
    }  # fmt: skip


def test_kept_and_rejected(tmp_path: Path) -> None:
    stills = Items(
        tmp_path, ["a.jpg", "b.jpg"], columns={"frame": np.array([4, 9]), "shot": np.array([0, 0])}
    )
    two = [_cut("character/a_0.png"), _cut("rejected/a_0.png", "small: 9 px")]
    noted = [
        {"size": [64, 48], "cut_outs": two, "error": ""},
        {"size": [64, 48], "cut_outs": [_cut("character/b_0.png")], "error": "", "masks": "masks/b.png"},
    ]
    found = Found(stills, noted)
    items = found.items(tmp_path, {})
    assert items.paths == ("character/a_0.png", "character/b_0.png") and found.rejected == 1
    assert items.columns["edges"].tolist() == ["l", "l"] and items.columns["track"].tolist() == [0, 0]
    listed = found.listed(items)
    assert listed[0]["instances"][1]["rejected"] == "small: 9 px" and listed[1]["mask"] == "masks/b.png"
    assert listed[0]["instances"][0]["track"] == 0 and listed[1]["number"] == 9

    def plain(value: object) -> object:
        return value.item() if isinstance(value, np.generic) else str(value)

    text = json.dumps({"version": 2, "frames": listed}, default=plain)
    (tmp_path / RESULTS_NAME).write_text(text)
    (tmp_path / "rejected").mkdir()
    Image.new("RGBA", (30, 40)).save(tmp_path / "rejected/a_0.png")
    back = read_rejected(tmp_path)
    assert back.paths == ("rejected/a_0.png",) and back.columns["reason"].tolist() == ["small: 9 px"]
    assert back.columns["frame"].tolist() == [4] and back.columns["box"].tolist() == [[1, 2, 31, 42]]


def test_a_report_that_is_not_there_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="segment"):
        read_rejected(tmp_path)
    for text in (
        "{",
        '{"version": 2}',
        '{"version": 1, "frames": []}',
        '{"version": 2, "frames": [{"instances": [{"rejected": 1}]}]}',
    ):
        (tmp_path / RESULTS_NAME).write_text(text)
        with pytest.raises(BadInputError):
            read_rejected(tmp_path)
    (tmp_path / RESULTS_NAME).write_text('{"version": 2, "frames": []}')
    assert len(read_rejected(tmp_path)) == 0
