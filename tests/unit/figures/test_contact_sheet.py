"""The sheet shows every still once, beside its shot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError
from shoal.figures.contact_sheet import contact_sheet

COLOURS = [(220, 30, 30), (30, 200, 40), (40, 50, 220), (220, 210, 40)]


@pytest.fixture
def shots(tmp_path: Path) -> Shots:
    for i, colour in enumerate(COLOURS):
        Image.new("RGB", (160, 90), colour).save(tmp_path / f"{i}.png")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    columns = {"shot": np.array([0, 0, 0, 1, 1]), "frame": np.arange(5), "time_s": np.arange(5.0)}
    frames = Items(tmp_path, ["0.png", "1.png", "2.png", "3.png", "bad.png"], columns)
    return Shots(frames, np.array([0, 48]), np.array([47, 96]), 24.0)


def _seen(sheet: Image.Image) -> list[bool]:
    pixels = np.asarray(sheet).reshape(-1, 3).astype(int)
    return [bool((np.abs(pixels - c).max(axis=1) < 6).sum() > 2000) for c in COLOURS]


def test_every_still_is_on_it(shots: Shots) -> None:
    sheet = contact_sheet(shots, columns=2, height=60)
    assert _seen(sheet) == [True] * 4
    assert sheet.height == 3 * 66 + 6  # shot 0 takes two rows
    assert _seen(contact_sheet(shots, shot=1, height=60)) == [False, False, False, True]


def test_no_stills_and_arguments(shots: Shots) -> None:
    empty = Shots(shots.frames.take([]), shots.first_frame, shots.last_frame, 24.0)
    assert contact_sheet(empty).height < 20
    for wrong in ({"columns": 0}, {"height": 2}, {"shot": 2}, {"height": 90_000}):
        with pytest.raises(BadInputError):
            contact_sheet(shots, **wrong)
