"""The condensed tree, and the three ways to choose clusters from it."""

from __future__ import annotations

import numpy as np
import pytest

from shoal.steps.density import condensed_tree, density_clusters, modularity_clusters
from shoal.steps.layout import graph_weights
from shoal.steps.neighbours import find_neighbours
from tests.unit.steps.fixtures import blobs

VECTORS = blobs((40, 60, 50, 30), dims=6, spread=0.25, seed=3).vectors


def _weights(vectors: np.ndarray) -> object:
    indices, distances, _ = find_neighbours(vectors, k=14, pca=6, seed=0)
    return graph_weights(indices, distances)


@pytest.mark.parametrize("selection", ["eom", "leaf"])
@pytest.mark.parametrize("sizes", [(12, 2), (5, 5)])
def test_hdbscans_own_choices_are_hdbscans(selection: str, sizes: tuple[int, int]) -> None:
    hdbscan = pytest.importorskip("hdbscan")
    theirs = hdbscan.HDBSCAN(
        min_cluster_size=sizes[0],
        min_samples=sizes[1],
        cluster_selection_method=selection,
        approx_min_span_tree=False,
    ).fit(VECTORS.astype(float))
    tree = condensed_tree(VECTORS, min_cluster_size=sizes[0], min_samples=sizes[1])
    ours = density_clusters(tree, selection=selection)  # type: ignore[arg-type]
    assert ((ours.labels < 0) == (theirs.labels_ < 0)).all()
    pairs = {(a, b) for a, b in zip(ours.labels.tolist(), theirs.labels_.tolist(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert np.allclose(ours.probability, theirs.probabilities_, atol=1e-5)


def _modularity(weights: object, labels: np.ndarray) -> float:
    dense = weights.toarray()  # type: ignore[attr-defined]
    degree, total = dense.sum(axis=1), dense.sum()
    groups = [np.flatnonzero(labels == n) for n in range(labels.max() + 1)]
    return sum(dense[np.ix_(g, g)].sum() / total - (degree[g].sum() / total) ** 2 for g in groups)


def test_the_choice_by_modularity_is_the_best_of_all_choices() -> None:
    tree = condensed_tree(VECTORS, min_cluster_size=5, min_samples=2)
    weights = _weights(VECTORS)
    best = _modularity(weights, density_clusters(tree, selection="modularity", weights=weights).labels)

    def choices(node: int) -> list[list[int]]:
        children = np.flatnonzero(tree.parent == node).tolist()
        below: list[list[int]] = [[]]
        for child in children:
            below = [a + b for a in below for b in choices(child)]
        return ([] if node == 0 else [[node]]) + (below if children else [])

    every = choices(0)
    assert 1 < len(every) < 5000
    for nodes in every:
        labels = np.full(len(VECTORS), -1)
        for number, node in enumerate(nodes):
            labels[tree.members(node)] = number
        assert _modularity(weights, labels) <= best + 1e-6


def test_more_items_than_the_reference_keep_the_meaning_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = condensed_tree(VECTORS, min_cluster_size=5, min_samples=2)
    weights = _weights(VECTORS)
    few = modularity_clusters(tree, weights, resolution=0.2)
    monkeypatch.setattr("shoal.steps.density._REFERENCE_ITEMS", len(VECTORS) / 100)
    assert len(modularity_clusters(tree, weights, resolution=0.2)) > len(few)


def test_exemplars_are_members() -> None:
    found = density_clusters(condensed_tree(VECTORS, min_cluster_size=12, min_samples=2), selection="eom")
    assert set(found.labels[found.exemplar].tolist()) == set(range(found.labels.max() + 1))


@pytest.mark.parametrize("n", [0, 1, 11])
def test_too_few_rows_are_noise(n: int) -> None:
    tree = condensed_tree(VECTORS[:n], min_cluster_size=12, min_samples=2)
    found = density_clusters(tree, selection="eom")
    assert found.labels.tolist() == [-1] * n and found.tree.chosen.tolist() == []
