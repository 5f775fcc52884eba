"""Joining never parts what must be one nor joins what cannot be, and equals the slow way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.data.constraints import Constraints
from shoal.data.tables import Clusters, Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps import join_identities as module
from shoal.steps.join_identities import join_groups, join_identities
from tests.unit.steps.fixtures import blobs


def _slow(alike: np.ndarray, sizes: np.ndarray, apart: np.ndarray, least: float) -> list[frozenset[int]]:
    """Average linkage with forbidden pairs, by the definition."""
    parts = [frozenset([i]) for i in range(len(sizes))]

    def mean(a: frozenset[int], b: frozenset[int]) -> float:
        weight = sum(sizes[i] * sizes[j] for i in a for j in b)
        return sum(alike[i, j] * sizes[i] * sizes[j] for i in a for j in b) / weight

    while True:
        free = [
            (mean(a, b), a, b)
            for i, a in enumerate(parts)
            for b in parts[i + 1 :]
            if not any(apart[x, y] for x in a for y in b)
        ]
        best = max(free, key=lambda f: f[0], default=(-2.0, frozenset[int](), frozenset[int]()))
        if best[0] < least:
            return sorted(parts, key=min)
        parts = [p for p in parts if p not in best[1:]] + [best[1] | best[2]]


@given(st.integers(0, 10_000), st.integers(1, 14), st.floats(-0.5, 0.9), st.floats(0, 0.6))
@settings(deadline=None, max_examples=120)
def test_it_equals_the_slow_way(seed: int, n: int, least: float, share: float) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike, sizes = vectors @ vectors.T, random.integers(1, 6, n).astype(float)
    apart = np.triu(random.uniform(size=(n, n)) < share, 1)
    apart |= apart.T
    home = join_groups(alike, sizes, apart, least=least)
    got = sorted((frozenset(np.flatnonzero(home == h).tolist()) for h in np.unique(home)), key=min)
    assert got == _slow(alike, sizes, apart, least)
    assert all(home[min(part)] == min(part) for part in got)


def _chain(rows: list[int]) -> Constraints:
    return Constraints.of([(f"{a}.png", f"{b}.png", "must", "track") for a, b in pairwise(rows)])


def test_tracks_and_frames_decide() -> None:
    embeddings = blobs((12, 12, 12), spread=0.2)
    known = _chain(list(range(14))) + Constraints.of([("20.png", "21.png", "cannot", "frame")])
    plain = join_identities(embeddings, threshold=0.3, progress=False)
    assert len(set(plain.labels[:12])) == 1 and plain.labels[0] != plain.labels[12]
    labels = join_identities(
        embeddings, constraints=known, threshold=0.3, progress=False, min_cluster_size=1
    ).labels
    assert len(set(labels[:14].tolist())) == 1
    assert labels[20] != labels[21]


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_nothing_known_is_broken(seed: int) -> None:
    random = np.random.default_rng(seed)
    embeddings = blobs((8, 8, 8), seed=seed, spread=0.4)
    tracks = random.integers(0, 9, 24)
    chains = [_chain(np.flatnonzero(tracks == t).tolist()) for t in range(9)]
    pairs = [(a, b) for a, b in random.integers(0, 24, (20, 2)).tolist() if tracks[a] != tracks[b]]
    known = sum(chains, Constraints()) + Constraints.of(
        [(f"{a}.png", f"{b}.png", "cannot", "frame") for a, b in pairs]
    )
    result = join_identities(
        embeddings, constraints=known, threshold=-1.0, progress=False, min_cluster_size=1
    )
    assert all(len(set(result.labels[tracks == t].tolist())) == 1 for t in np.unique(tracks))
    assert all(result.labels[a] != result.labels[b] for a, b in pairs)
    assert result.meta["contradictions"] == 0


def test_what_contradicts_itself_is_counted() -> None:
    known = _chain([0, 1, 2]) + Constraints.of([("0.png", "2.png", "cannot", "frame")])
    result = join_identities(blobs((6, 6)), constraints=known, progress=False, min_cluster_size=1)
    assert result.meta["contradictions"] == 1 and result.labels[0] == result.labels[2]


def test_many_items_begin_with_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_GROUPS", 20)
    embeddings = blobs((20, 20), spread=0.05)
    given_labels = np.repeat([0, 1, 2, 3], 10).astype(np.int32)
    given_labels[5] = -1
    clusters = Clusters(given_labels, np.ones(40, np.float32), "made-up")
    with pytest.raises(BadInputError, match="clusters="):
        join_identities(embeddings, progress=False)
    known = Constraints.of([("0.png", "1.png", "cannot", "frame"), ("5.png", "6.png", "must", "track")])
    result = join_identities(
        embeddings, clusters, constraints=known, threshold=0.5, progress=False, min_cluster_size=1
    )
    assert result.labels[0] != result.labels[1]
    assert result.labels[5] == result.labels[6]
    assert len(set(result.labels[20:].tolist())) == 1


def test_rows_without_a_vector_and_arguments() -> None:
    embeddings = blobs((6, 6))
    vectors = embeddings.vectors.copy()
    vectors[3] = np.nan
    result = join_identities(replace(embeddings, vectors=vectors), progress=False)
    assert result.labels[3] == -1 and (np.delete(result.labels, 3) >= 0).all()
    empty = Embeddings(Items(Path("x"), []), np.empty((0, 8), np.float32), "made-up")
    assert len(join_identities(empty, progress=False)) == 0
    with pytest.raises(BadInputError, match="threshold"):
        join_identities(embeddings, threshold=1.5, progress=False)
    with pytest.raises(BadInputError, match="min_cluster_size"):
        join_identities(embeddings, min_cluster_size=0, progress=False)
    with pytest.raises(BadInputError, match="labels"):
        join_identities(
            embeddings, Clusters(np.zeros(3, np.int32), np.zeros(3, np.float32), "x"), progress=False
        )
