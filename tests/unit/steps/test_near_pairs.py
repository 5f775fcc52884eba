"""Groups by blocking are exactly those of comparing all pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.steps import near_pairs
from shoal.steps.near_pairs import components, graph_groups, group_numbers, hamming_groups

Hashes = np.ndarray


def _by_definition(near: np.ndarray) -> np.ndarray:
    """First member of each component, by multiplying the relation with itself."""
    reach = near.copy()
    for _ in range(len(near)):
        reach = (reach.astype(int) @ near.astype(int)) > 0
    return reach.argmax(axis=1)


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_components(n: int, edges: list[tuple[int, int]]) -> None:
    kept = [(a, b) for a, b in edges if a < n and b < n]
    first, second = (np.array([e[at] for e in kept], dtype=np.int64) for at in (0, 1))
    near = np.eye(n, dtype=bool)
    near[first, second] = near[second, first] = True
    assert components(n, first, second).tolist() == _by_definition(near).tolist()


def _crowd(n: int, seed: int, copies: int, flips: int) -> Hashes:
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, n, dtype=np.uint64)
    for _ in range(copies):
        a, b = random.integers(0, n, 2)
        changed = random.choice(64, flips, replace=False).astype(np.uint64)
        hashes[b] = hashes[a] ^ np.bitwise_or.reduce(np.uint64(1) << changed)
    return hashes


@pytest.mark.parametrize("threshold", [0, 1, 3, 4, 7, 12])
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_indexed_search_finds_what_all_pairs_find(threshold: int, seed: int) -> None:
    hashes = np.unique(_crowd(300, seed, 200, max(1, threshold - seed % 2)))
    assert (near_pairs._indexed(hashes, threshold) == near_pairs._all_pairs(hashes, threshold)).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 5))
def test_groups_are_named_by_their_first_row(seed: int, threshold: int) -> None:
    hashes = np.random.default_rng(seed).permutation(np.repeat(_crowd(20, seed, 15, 3), 2))
    near = np.bitwise_count(hashes[:, None] ^ hashes[None]) <= threshold
    assert hamming_groups(hashes, threshold).tolist() == _by_definition(near).tolist()


def test_blocks_do_not_lose_pairs_at_their_borders(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = _crowd(100, 3, 80, 2)
    whole = near_pairs._all_pairs(hashes, 4)
    monkeypatch.setattr(near_pairs, "_BLOCK", 7)
    assert (near_pairs._all_pairs(hashes, 4) == whole).all()


@pytest.mark.parametrize("threshold", [0, 4, 12, 30])
@pytest.mark.parametrize("n", [10_000, 1_000_000])
def test_bands_cover_all_bits_once(n: int, threshold: int) -> None:
    bands = near_pairs._bands(n, threshold)
    assert sum(width for _, width in bands) == 64 and bands[0][0] == 0
    assert all(a + w == b for (a, w), (b, _) in itertools.pairwise(bands))
    assert max(width for _, width in bands) <= 26


def test_vectors_are_measured_whole() -> None:
    vectors = np.array([[1, 0], [2, 0.1], [0, 1], [0.1, 3]], dtype=np.float32)
    indices = np.array([[1, 2], [0, 2], [3, 0], [2, 1]], dtype=np.int32)
    assert graph_groups(vectors, indices, 0.99).tolist() == [0, 0, 2, 2]
    assert graph_groups(vectors, indices, 0.9999).tolist() == [0, 1, 2, 3]
    assert group_numbers(np.array([0, 0, 2, 3, 3])).tolist() == [0, 0, -1, 1, 1]
