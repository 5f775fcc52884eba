"""The measure of change, and what stands out from it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.steps.changes import ChangeMeter, adaptive_cuts, content_cuts, spaced
from tests.unit.steps.fixtures import CLIP

av = pytest.importorskip("av", reason="films need the film extra")


def test_the_units_are_those_of_pyscenedetect() -> None:
    detectors = pytest.importorskip("scenedetect.detectors")
    scenedetect = pytest.importorskip("scenedetect")
    theirs_detector = detectors.ContentDetector()
    ours, theirs = [], []
    with av.open(str(CLIP)) as container:
        meter = ChangeMeter(640, 360)
        for number, frame in enumerate(container.decode(video=0)):
            if number == 150:
                break
            ours.append(meter(frame)[0])
            small = frame.to_ndarray(format="bgr24", width=320, height=180, interpolation="BILINEAR")
            theirs_detector.process_frame(scenedetect.FrameTimecode(number, 24.0), small)
            theirs.append(theirs_detector._frame_score or 0.0)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.995
    large = np.asarray(theirs) > 10
    assert large.sum() >= 3
    assert np.abs(np.asarray(ours)[large] / np.asarray(theirs)[large] - 1).max() < 0.12


def test_other_pixel_formats_give_the_same_measure() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (9, 16, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)
    first = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    second = av.VideoFrame.from_ndarray(255 - pixels, format="rgb24")
    values = {}
    for kind in ("yuv420p", "yuvj444p", "yuv422p10le", "rgb24", "gray"):
        meter = ChangeMeter(320, 180)
        assert meter(first.reformat(format=kind))[0] == 0.0
        values[kind], thumb = meter(second.reformat(format=kind))
        assert thumb.shape == (18 * 32 * 3,) and 0 <= thumb.min() <= thumb.max() <= 255
    colour = [v for k, v in values.items() if k != "gray"]
    assert max(colour) - min(colour) < 0.1 * max(colour) and values["gray"] > 10


def test_a_change_must_stand_out() -> None:
    change = np.full(20, 2.0)
    change[8] = 30.0
    gap = np.ones(20, dtype=np.int64)
    assert adaptive_cuts(change, gap, floor=15.0).tolist() == [8]
    assert adaptive_cuts(change, gap, floor=31.0).tolist() == []
    assert adaptive_cuts(change + 12, gap, floor=15.0).tolist() == [8]
    assert adaptive_cuts(change + 14, gap, floor=15.0).tolist() == []  # 44 is less than 3 × 16
    gap[8] = 9  # eight frames left out explain 16 of it
    assert adaptive_cuts(change, gap, floor=15.0).tolist() == []
    assert content_cuts(change, threshold=27.0).tolist() == [8]


@given(st.lists(st.integers(0, 300)), st.integers(1, 40))
def test_kept_numbers_keep_their_distance(numbers: list[int], least: int) -> None:
    kept = spaced(numbers, least)
    assert all(b - a >= least for a, b in pairwise(kept))
    assert all(any(0 <= n - k < least for k in kept) for n in numbers)
