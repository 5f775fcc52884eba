"""The sheet shows pictures from all over every cluster, the largest first, and never what is transparent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Clusters, Items
from shoal.errors import BadInputError
from shoal.figures.cluster_sheet import cluster_names, cluster_sheet

RED, BLUE, GREEN, HIDDEN = (220, 30, 30), (40, 50, 220), (30, 200, 40), (250, 0, 250)


@pytest.fixture
def items(tmp_path: Path) -> Items:
    paths = []
    for number, colour in enumerate([RED] * 2 + [BLUE] * 5 + [GREEN]):
        picture = Image.new("RGBA", (80, 60), (*HIDDEN, 0))
        picture.paste((*colour, 255), (0, 0, 40, 60))
        picture.save(tmp_path / f"{number}.png")
        paths.append(f"{number}.png")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    return Items(tmp_path, [*paths, "bad.png"])


LABELS = Clusters(np.array([1, 1, 0, 0, 0, 0, 0, -1, -1], np.int32), np.ones(9, np.float32), "kmeans")


def _first_row_of(sheet: Image.Image, colour: tuple[int, int, int]) -> int | None:
    near = (np.abs(np.asarray(sheet).astype(int) - colour).max(axis=2) < 8).sum(axis=1) > 20
    return int(np.flatnonzero(near)[0]) if near.any() else None


def test_the_largest_first_noise_last_and_nothing_hidden(items: Items) -> None:
    sheet = cluster_sheet(items, LABELS, height=60, per_cluster=3)
    rows = [_first_row_of(sheet, colour) for colour in (BLUE, RED, GREEN)]
    assert None not in rows and rows == sorted(rows)  # type: ignore[type-var]
    assert _first_row_of(sheet, HIDDEN) is None
    assert sheet.height == 3 * 66 + 6
    assert _first_row_of(cluster_sheet(items, LABELS, height=60, most=1), RED) is None


def test_pictures_are_taken_from_one_end_to_the_other(items: Items) -> None:
    names = ["x"] * 8 + ["y"]
    sheet = cluster_sheet(items, names, height=60, per_cluster=3)
    assert None not in [_first_row_of(sheet, colour) for colour in (RED, BLUE, GREEN)]


def test_names_are_marked_with_their_colour_and_cut_when_long(items: Items) -> None:
    names = ["a name that is far too long for the column " * 3] * 9
    sheet = cluster_sheet(items, names, colours={names[0]: (1, 2, 3)}, height=60)
    assert sheet.getpixel((8, 36)) == (1, 2, 3)


def test_names_of_items() -> None:
    assert cluster_names(LABELS, 9, prefix="group")[1:3] + cluster_names(LABELS, 9)[-1:] == [
        "group_1", "group_0", "noise",
    ]  # fmt: skip
    assert cluster_names(["ann", "bob"], 2) == ["ann", "bob"]
    with pytest.raises(BadInputError, match="3 items, but 2 identities"):
        cluster_names(["ann", "bob"], 3)


def test_arguments(items: Items) -> None:
    for wrong in ({"per_cluster": 0}, {"height": 3}, {"most": 0}):
        with pytest.raises(BadInputError):
            cluster_sheet(items, LABELS, **wrong)
