"""Numbers, scores, centres and communities, on groups that are known."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from shoal.steps.partitions import centroids, leiden, margins, medoids, number_by_size, score_partition
from tests.unit.steps.fixtures import blobs

TRUTH = np.repeat([2, 0, 1], [20, 40, 30])


def test_the_score_prefers_the_truth() -> None:
    vectors = blobs((20, 40, 30)).vectors
    right = score_partition(vectors, TRUTH.astype(np.int32), 0)
    wrong = score_partition(vectors, np.roll(TRUTH, 15).astype(np.int32), 0)
    half = score_partition(vectors, np.where(np.arange(90) % 2, TRUTH, -1).astype(np.int32), 0)
    assert right > half > wrong and score_partition(vectors, np.zeros(90, dtype=np.int32), 0) == -1


@given(st.lists(st.integers(-1, 6), max_size=40), st.integers(1, 5))
def test_numbering_keeps_the_partition(labels: list[int], least: int) -> None:
    given_labels = np.array(labels, dtype=np.int64)
    numbered = number_by_size(given_labels, least=least)
    sizes = [int((numbered == n).sum()) for n in range(numbered.max(initial=-1) + 1)]
    assert sizes == sorted(sizes, reverse=True) and all(size >= least for size in sizes)
    for name in set(labels) - {-1}:
        mine = numbered[given_labels == name]
        assert len(set(mine.tolist())) == 1 and (mine[0] >= 0) == (labels.count(name) >= least)
    assert (numbered[given_labels == -1] == -1).all()


@given(st.lists(st.integers(-1, 5), min_size=1, max_size=40), st.integers(0, 9))
def test_centroids_are_means(labels: list[int], seed: int) -> None:
    numbered = number_by_size(np.array(labels))
    vectors = np.random.default_rng(seed).normal(size=(len(labels), 3)).astype(np.float32)
    middle = centroids(vectors, numbered)
    for number in range(numbered.max(initial=-1) + 1):
        assert np.allclose(middle[number], vectors[numbered == number].mean(axis=0), atol=1e-6)
        assert numbered[medoids(vectors, numbered)[number]] == number
    strength = margins(vectors, numbered)
    assert (strength >= 0).all() and (strength <= 1).all() and (strength[numbered < 0] == 0).all()


def _two_cliques() -> sparse.csr_matrix:
    dense = np.zeros((12, 12), dtype=np.float32)
    dense[:6, :6] = dense[6:, 6:] = 1.0
    dense[0, 6] = dense[6, 0] = 0.1
    np.fill_diagonal(dense, 0.0)
    return sparse.csr_matrix(dense)


def test_communities_of_two_cliques() -> None:
    labels, share = leiden(_two_cliques(), resolution=1.0, seed=0)
    assert len(set(labels[:6].tolist())) == len(set(labels[6:].tolist())) == 1 and labels[0] != labels[6]
    assert np.isclose(share[1], 1.0) and np.isclose(share[0], 5.0 / 5.1)


def test_leiden_leaves_the_random_numbers_of_others_alone() -> None:
    random.seed(1)
    leiden(_two_cliques(), resolution=1.0, seed=0)
    first = random.random()
    random.seed(1)
    assert random.random() == first
