"""Cutting points into parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.compute.cancel import CancelledError
from shoal.review import partition as p


def blobs(sizes, width=6, spread=0.05, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    centres = rng.normal(size=(len(sizes), width))
    points = centres[truth] + spread * rng.normal(size=(len(truth), width))
    order = rng.permutation(len(truth))
    return points[order].astype(np.float32), truth[order]


def same_partition(a, b):
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist()))


@pytest.mark.parametrize("sizes", [(30, 30), (60, 12, 25), (40, 5, 9, 20)])
def test_the_parts_that_are_there_are_found(sizes):
    points, truth = blobs(sizes)
    away = p.distances(points, points)
    found = p.natural_parts(away, 6, 4)
    assert same_partition(found[len(sizes) - 2], truth)
    assert same_partition(p.even_parts(points, len(sizes)), truth)
    assert p.silhouette(away, found[len(sizes) - 2]) > 0.8


def test_a_ring_around_a_clump_is_two_natural_parts_and_no_even_ones():
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, 2 * np.pi, 150)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * 5 + rng.normal(0, 0.05, (150, 2))
    points = np.concatenate([ring, rng.normal(0, 0.3, (100, 2))]).astype(np.float32)
    truth = np.repeat([0, 1], (150, 100))
    assert same_partition(p.natural_parts(p.distances(points, points), 2, 10)[0], truth)
    assert not same_partition(p.even_parts(points, 2), truth)


def test_one_clump_has_no_natural_parts_of_many_points():
    points, _ = blobs((80,))
    assert p.natural_parts(p.distances(points, points), 6, 30) == []


@given(st.integers(6, 60), st.integers(2, 5), st.integers(0, 10))
def test_partitions_are_nested_and_hold_every_point(n, least, seed):
    points = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    levels = p.natural_parts(p.distances(points, points), 6, least)
    for k, labels in enumerate(levels, start=2):
        sizes = np.bincount(labels, minlength=k)
        assert len(sizes) == k
        assert (sizes >= least).all()


def test_equal_points_do_no_harm():
    points = np.ones((20, 4), np.float32)
    assert len(set(p.even_parts(points, 3).tolist())) <= 3
    labels = p.natural_parts(p.distances(points, points), 3, 3)
    assert all(len(level) == 20 for level in labels)


def test_axes_keep_distances():
    points, _ = blobs((50, 50), width=200)
    short = p.compact(points)
    assert short.shape[1] <= p.DIMS
    a, b = p.distances(points, points), p.distances(short, short)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.98


def test_it_stops_when_told():
    points, _ = blobs((300, 300))

    def stop():
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        p.even_parts(points, 2, check=stop)
    with pytest.raises(CancelledError):
        p.natural_parts(p.distances(points, points), 2, 5, check=stop)


def test_silhouette_is_that_of_its_definition():
    points, truth = blobs((7, 9, 5), spread=0.8)
    away = p.distances(points, points).astype(np.float64)
    values = []
    for i, own in enumerate(truth):
        inner = away[i, (truth == own) & (np.arange(len(truth)) != i)].mean()
        outer = min(away[i, truth == other].mean() for other in set(truth.tolist()) - {own})
        values.append((outer - inner) / max(inner, outer))
    found = p.silhouette(away.astype(np.float32), truth.astype(np.uint8))
    assert np.isclose(found, np.mean(values), atol=1e-3)


def test_two_sides_of_a_mixed_and_of_a_pure_set():
    points, _ = blobs((40, 25), width=16, spread=0.1)
    apart, alike = p.two_sides(points)
    assert apart > 6
    assert alike < 0.6
    pure = np.random.default_rng(0).normal(0, 0.1, (60, 16)).astype(np.float32)
    pure[:, 0] += 1
    apart, alike = p.two_sides(pure)
    assert apart < 6
    assert alike > 0.9
    assert p.two_sides(points[:5]) == (0.0, 1.0)
    assert p.two_sides(np.ones((20, 3), np.float32))[1] > 0.99
