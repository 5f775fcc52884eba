"""Separate subjects on a matte, each with its own pixels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.steps.instances import Region, find_regions


def _matte(*discs: tuple[int, int, int, float], size: tuple[int, int] = (120, 200)) -> np.ndarray:
    rows, columns = np.indices(size)
    matte = np.zeros(size, dtype=np.float32)
    for x, y, radius, value in discs:
        matte[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = value
    return matte


def _find(matte: np.ndarray, **change: float) -> list[Region]:
    return find_regions(matte, **{"alpha_threshold": 0.15, "margin": 0.0, "min_side": 5, **change})  # type: ignore[arg-type]


def test_two_subjects_from_left_to_right() -> None:
    regions = _find(_matte((150, 60, 20, 1.0), (50, 60, 30, 0.9)))
    assert [r.box for r in regions] == [(20, 30, 81, 91), (130, 40, 171, 81)]
    assert abs(regions[0].confidence - 0.9) < 0.01 and abs(regions[1].area - np.pi * 400) < 40


def test_subjects_joined_by_a_halo_are_parted() -> None:
    matte = _matte((60, 60, 30, 1.0), (140, 60, 30, 1.0))
    matte[55:65, 60:140] = np.maximum(matte[55:65, 60:140], 0.3)
    regions = _find(matte)
    assert len(regions) == 2
    # the bridge is shared out, and no pixel belongs to both
    total = np.zeros_like(matte)
    for region in regions:
        left, top, right, bottom = region.box
        total[top:bottom, left:right] += region.alpha
    assert np.allclose(total, matte)


def test_a_thin_sure_bridge_is_cut() -> None:
    matte = _matte((60, 60, 30, 1.0), (140, 60, 30, 1.0))
    matte[59:61, 60:140] = 1.0
    assert len(_find(matte)) == 2


def test_a_faint_subject_alone_is_found_with_its_low_confidence() -> None:
    regions = _find(_matte((60, 60, 30, 1.0), (150, 60, 20, 0.3)))
    assert [round(r.confidence, 1) for r in regions] == [1.0, 0.3]


def test_specks_and_margins() -> None:
    matte = _matte((60, 60, 30, 1.0), (150, 60, 2, 1.0))
    assert len(_find(matte, min_side=10)) == 1
    region = _find(matte, min_side=10, margin=0.5)[0]
    assert region.box == (0, 0, 121, 120)
    assert region.alpha.shape == (120, 121)
    assert _find(np.zeros((9, 9), dtype=np.float32)) == []


@given(st.integers(0, 10_000), st.integers(30, 700), st.integers(30, 700))
@settings(max_examples=15, deadline=None)
def test_regions_never_overlap_and_stay_inside(seed: int, width: int, height: int) -> None:
    random = np.random.default_rng(seed)
    discs = [
        (
            int(random.integers(0, width)),
            int(random.integers(0, height)),
            int(random.integers(3, 40)),
            float(v),
        )
        for v in random.uniform(0.1, 1.0, 4)
    ]
    matte = _matte(*discs, size=(height, width))
    seen = np.zeros(matte.shape, dtype=int)
    for region in _find(matte, margin=0.1):
        left, top, right, bottom = region.box
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        seen[top:bottom, left:right] += region.alpha > 0
        assert np.array_equal(region.alpha[region.alpha > 0], matte[top:bottom, left:right][region.alpha > 0])
    assert seen.max(initial=0) <= 1
