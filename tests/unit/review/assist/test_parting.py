"""The parts of a mixed cluster."""

import numpy as np

from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.parting import parts_of
from shoal.review.assist.queue import PAIR_OPINION
from tests.unit.review.reviews import people


def parts(n, k, people_in=2, **facts):
    vectors, truth = people(n, k)
    likeness = Likeness(vectors, (truth // people_in).astype(np.int32))
    rows = np.flatnonzero(truth // people_in == 0)
    return parts_of(likeness, rows, Judge(PAIR_OPINION), **facts), rows, truth


def test_two_people_come_apart():
    found, rows, truth = parts(200, 6)
    assert [len(part) for part, _ in found] == [34, 34]
    assert all(len(set(truth[part])) == 1 and sure > 0.5 for part, sure in found)
    assert sorted(np.concatenate([p for p, _ in found]).tolist()) == rows.tolist()


def test_one_person_stays_whole():
    found, rows, _ = parts(120, 4, people_in=1)
    assert len(found) == 1 and len(found[0][0]) == len(rows)


def test_a_large_cluster_is_parted_by_a_sample():
    found, rows, truth = parts(1_800, 6, sample=60)
    assert len(found) == 2 and sum(len(p) for p, _ in found) == len(rows)
    assert all(len(set(truth[part])) == 1 for part, _ in found)


def test_no_more_parts_than_asked_and_none_too_small():
    vectors, _ = people(240, 8)
    rows = np.arange(240)
    likeness = Likeness(vectors, np.zeros(240, np.int32))
    likeness.low = 0.0  # all in one cluster: the scale is that of the items, not of the clusters
    found = parts_of(likeness, rows, Judge(PAIR_OPINION), most=3)
    assert len(found) <= 3
    found = parts_of(likeness, np.array([0, 8, 16, 24, 1]), Judge(PAIR_OPINION), least=2)
    assert min(len(part) for part, _ in found) >= 2
    assert len(parts_of(likeness, rows[:2], Judge(PAIR_OPINION))) == 1
