"""The estimate from a sample, and how often its intervals cover the truth."""

import numpy as np
import pytest

from shoal.errors import BadInputError
from shoal.review.assist.estimate import estimate
from tests.benchmarks.bench_audit import coverage


def test_a_sample_without_mistakes_does_not_claim_perfection():
    found = np.arange(100) % 5
    result = estimate(found.tolist(), found.tolist(), 5_000)
    assert result.precision.value == result.recall.value == result.purity.value == 1
    assert 0.93 < result.precision.low < 0.99 and result.precision.high == 1 and not result.reached(0.99)
    assert estimate(found.tolist(), found.tolist(), 100).precision.low > 0.999  # everything was looked at
    assert "100 items looked at, 0 in the wrong place" in str(result)


def test_pieces_cost_recall_and_strangers_cost_precision():
    found = np.arange(200) % 4
    pieces = estimate(found.tolist(), (found % 3).tolist(), 10_000)
    assert pieces.precision.value == 1 and 0.4 < pieces.recall.value < 0.8
    strangers = found.copy()
    strangers[:20] = 10 + np.arange(20)
    mixed = estimate(found.tolist(), strangers.tolist(), 10_000)
    assert mixed.recall.value == 1 and 0.7 < mixed.precision.value < 0.9 and mixed.wrong == 20
    assert abs(mixed.purity.value - 0.9) < 0.001 and mixed.purity.low < 0.9 < mixed.purity.high


def test_noise_is_in_no_cluster():
    found = np.arange(60) % 3
    lost = found.copy()
    lost[:12] = -1
    result = estimate(lost.tolist(), found.tolist(), 1_000)
    assert result.precision.value == 1 and result.recall.value < 0.8 and result.wrong == 12


def test_nothing_looked_at_says_so():
    with pytest.raises(BadInputError, match="nothing"):
        estimate([], [], 10)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    found = coverage(150, seed=5)
    assert all(0.89 <= share <= 1.0 for share in found.values()), found
