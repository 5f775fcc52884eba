"""Nearest neighbours and principal axes."""

import numpy as np

from shoal.review.assist import neighbours
from shoal.review.assist.neighbours import nearest_neighbours, principal, unit


def clumps(n, k=8, dims=24, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, dims))
    return unit((centres[np.arange(n) % k] + 0.3 * rng.normal(size=(n, dims))).astype(np.float32))


def test_few_points_are_compared_exactly():
    points = clumps(60)
    near, sims = nearest_neighbours(points, 5)
    full = points @ points.T
    np.fill_diagonal(full, -2)
    assert (near == np.argsort(-full, axis=1, kind="stable")[:, :5]).all()
    assert np.allclose(sims, np.sort(full, axis=1)[:, ::-1][:, :5], atol=1e-6)


def test_many_points_lose_few_neighbours(monkeypatch):
    points = clumps(3_000, k=40)
    exact, _ = nearest_neighbours(points, 8)
    monkeypatch.setattr(neighbours, "EXACT", 500)
    found, _ = nearest_neighbours(points, 8)
    share = np.mean([len(set(a) & set(b)) / 8 for a, b in zip(exact.tolist(), found.tolist(), strict=True)])
    assert share > 0.95
    again, _ = nearest_neighbours(points, 8)
    assert (again == found).all()


def test_fewer_points_than_neighbours():
    near, sims = nearest_neighbours(clumps(3), 5)
    assert (near[:, 2:] == -1).all() and (sims[:, 2:] == -1).all() and (near[:, :2] >= 0).all()


def test_principal_axes_keep_the_angles_that_matter():
    points = clumps(200, dims=300)
    small = principal(points, 16)
    assert small.shape == (200, 16) and np.allclose(np.linalg.norm(small, axis=1), 1, atol=1e-5)
    near, _ = nearest_neighbours(small, 1)
    assert (near[:, 0] % 8 == np.arange(200) % 8).all()
    assert principal(np.ones((5, 7), np.float32)).shape == (5, 1)
