"""Proposals from points."""

import time

import numpy as np
import pytest

from shoal.errors import BadInputError, NotAllowedError
from shoal.review.proposals import examples, propose
from tests.unit.review.test_partition import blobs, same_partition


def found(sizes, method="auto", **options):
    points, truth = blobs(sizes, width=12)
    rows = np.arange(len(points), dtype=np.int64) * 3
    return propose(points, rows, cluster="c1", name="liz", method=method, **options), truth


@pytest.mark.parametrize("method", ["auto", "natural", "even"])
def test_the_clearest_number_of_parts_is_suggested(method):
    proposal, truth = found((40, 25, 12), method)
    assert proposal.suggested == 3
    assert same_partition(proposal.labels[3], truth)
    parts = proposal.parts()
    assert [len(part) for part in parts] == [40, 25, 12]
    assert np.array_equal(np.sort(np.concatenate(parts)), proposal.rows)
    assert "40 + 25 + 12" in repr(proposal)
    with pytest.raises(BadInputError, match="no proposal of 9"):
        proposal.parts(9)


def test_one_clump_is_said_to_look_like_one():
    points = np.random.default_rng(0).normal(size=(200, 20)).astype(np.float32)
    proposal = propose(points, np.arange(200), cluster="c", name="liz")
    assert proposal.suggested == 1
    assert "look like one" in repr(proposal)
    assert proposal.levels, "it can still be cut"


def test_items_without_a_vector_stay_with_the_largest_part():
    points, _ = blobs((40, 20))
    points[:5] = np.nan
    proposal = propose(points, np.arange(60), cluster="c", name="liz")
    assert set(proposal.labels[2][:5].tolist()) == {0}
    with pytest.raises(NotAllowedError, match="too few"):
        propose(np.full((60, 2), np.nan, np.float32), np.arange(60), cluster="c", name="liz")


def test_ten_thousand_take_little_time_and_come_out_the_same():
    points, truth = blobs((6000, 3000, 1000), width=256, spread=0.3)
    spent = []
    for _ in range(3):
        began = time.process_time()
        first = propose(points, np.arange(10_000), cluster="c", name="liz", seed=4)
        spent.append(time.process_time() - began)
    again = propose(points, np.arange(10_000), cluster="c", name="liz", seed=4)
    assert same_partition(first.labels[3], truth)
    assert all(np.array_equal(first.labels[k], again.labels[k]) for k in first.levels)
    assert min(spent) < 3, "0.2 s on a quiet core; on a busy machine the threads of BLAS wait for each other"


def test_progress_and_check_are_called():
    told, checks = [], []
    found((30, 30), progress=lambda *args: told.append(args), check=lambda: checks.append(1))
    assert told[-1] == ("looking for parts", 3, 3)
    assert len(checks) > 5


def test_examples_are_typical_and_different():
    points, truth = blobs((30, 30), width=4)
    shown = examples(points, 6)
    assert len(set(shown)) == 6
    assert set(truth[shown].tolist()) == {0, 1}
    assert len(examples(points[:3], 8)) == 3
    assert examples(np.full((4, 2), np.nan, np.float32), 2) == [0, 1]
