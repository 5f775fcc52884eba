"""Buckets by the trainers' own rules."""

from __future__ import annotations

import pytest

from shoal.export.buckets import count_buckets, kohya_buckets, musubi_buckets, nearest_bucket


def test_kohya_at_512() -> None:
    """The list that sd-scripts prints for ``resolution = 512`` and its defaults."""
    wide = [(256, 1024), (320, 768), (384, 640), (448, 576), (512, 512)]
    assert {b for b in kohya_buckets(512) if b[0] <= b[1] and b[1] * b[0] > 512 * 460} == {*wide, (256, 960)}
    assert (576, 448) in kohya_buckets(512) and (832, 256) in kohya_buckets(512)


@pytest.mark.parametrize("side", [512, 768, 1024])
def test_no_bucket_is_larger_than_the_area(side: int) -> None:
    for buckets in (kohya_buckets(side, most=2048), musubi_buckets(side)):
        assert all(w * h <= side * side for w, h in buckets)
        assert {(h, w) for w, h in buckets} == set(buckets)


def test_pictures_go_to_the_nearest_ratio() -> None:
    buckets = kohya_buckets(512)
    assert nearest_bucket((640, 384), buckets) == (640, 384)
    assert nearest_bucket((2000, 2000), buckets) == (512, 512)
    assert count_buckets([(10, 10), (30, 30), (960, 540)], buckets) == {(512, 512): 2, (640, 384): 1}
