"""The picture of the map shows every item where it lies, in its cluster's colour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from shoal.steps.map_picture import cluster_colour, draw_map


def test_dots_have_their_clusters_colour_and_place() -> None:
    xy = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [np.nan, 0]], dtype=np.float32)
    picture = draw_map(xy, np.array([0, 1, -1, 2, 0], dtype=np.int32), [], size=(300, 300))
    # y points up: the first item lies at the lower left
    assert picture.getpixel((70, 230)) == cluster_colour(0)
    assert picture.getpixel((230, 230)) == cluster_colour(1)
    assert picture.getpixel((70, 70)) == cluster_colour(-1)
    assert picture.getpixel((230, 70)) == cluster_colour(2)
    assert picture.getpixel((150, 150)) == (255, 255, 255)


def test_names_are_written() -> None:
    xy = np.zeros((4, 2), dtype=np.float32)
    labels = np.zeros(4, dtype=np.int32)
    with_name = np.asarray(draw_map(xy, labels, ["character_0"], size=(200, 100)))
    without = np.asarray(draw_map(xy, labels, [], size=(200, 100)))
    assert (with_name != without).any() and np.abs(with_name.astype(int) - without).sum() > 1000


def test_nothing_to_draw_and_one_point() -> None:
    nothing = draw_map(
        np.full((2, 2), np.nan, dtype=np.float32), np.zeros(2, dtype=np.int32), ["a"], size=(50, 40)
    )
    assert nothing.size == (50, 40) and nothing.getextrema() == ((255, 255),) * 3
    assert draw_map(np.zeros((1, 2), dtype=np.float32), np.zeros(1, dtype=np.int32), ["a"]).size == (
        1200,
        900,
    )


def test_colours_tell_neighbours_apart() -> None:
    colours = [np.array(cluster_colour(n)) for n in range(24)]
    assert len({tuple(c) for c in colours}) == 24
    assert all(np.abs(a - b).sum() > 90 for a, b in pairwise(colours))
