"""The map: the same seed, the same bytes; few, equal and unreadable pictures are no trouble."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shoal.data.tables import Embeddings, Projection
from shoal.errors import BadInputError
from shoal.steps.neighbours import neighbours
from shoal.steps.project import project
from tests.unit.steps.fixtures import blobs


def _project(embeddings: Embeddings, **change: object) -> Projection:
    return project(embeddings, progress=False, **change)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_bytes() -> None:
    embeddings = blobs()
    first = _project(embeddings, seed=1)
    assert first.xy.tobytes() == _project(embeddings, seed=1).xy.tobytes()
    assert first.xy.tobytes() != _project(embeddings, seed=2).xy.tobytes()
    assert first.method == "pca32+umap" and first.meta["seed"] == 1


def test_similar_items_lie_together() -> None:
    xy = _project(blobs((30, 30, 30))).xy
    near = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    np.fill_diagonal(near, np.inf)
    group = np.repeat([0, 1, 2], 30)
    assert (group[near.argmin(axis=1)] == group).mean() > 0.97


def test_unreadable_pictures_stay_off_the_map() -> None:
    embeddings = blobs()
    vectors = embeddings.vectors.copy()
    vectors[[3, 40]] = np.nan
    xy = _project(replace(embeddings, vectors=vectors)).xy
    assert np.flatnonzero(np.isnan(xy).any(axis=1)).tolist() == [3, 40]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7])
def test_few_pictures(n: int) -> None:
    embeddings = blobs((8,))
    few = Embeddings(embeddings.items.take(range(n)), embeddings.vectors[:n], "made-up")
    result = _project(few)
    assert result.xy.shape == (n, 2) and np.isfinite(result.xy).all()
    assert result.method == ("pca2" if n else "none")
    if n > 2:
        assert len(np.unique(result.xy, axis=0)) == n


@pytest.mark.parametrize("copies", [2, 30])
def test_duplicates_do_not_break_the_map(copies: int) -> None:
    embeddings = blobs((12,))
    rows = np.repeat(np.arange(12), copies)
    vectors = embeddings.vectors[rows]
    items = replace(embeddings.items, paths=[f"{i}.png" for i in range(len(rows))])
    assert np.isfinite(_project(Embeddings(items, vectors, "made-up")).xy).all()
    same = Embeddings(items, np.repeat(vectors[:1], len(rows), axis=0), "made-up")
    assert np.isfinite(_project(same).xy).all()


def test_umap_learn_can_be_asked_for_and_a_graph_handed_in() -> None:
    embeddings = blobs((20, 20))
    graph = neighbours(embeddings, k=14, progress=False)
    ours, theirs = _project(embeddings, graph=graph), _project(embeddings, engine="umap-learn")
    assert ours.xy.tobytes() == _project(embeddings).xy.tobytes() != theirs.xy.tobytes()
    assert theirs.meta["engine"] == "umap-learn" and np.isfinite(theirs.xy).all()


@pytest.mark.parametrize("wrong", [{"pca": 1}, {"n_neighbors": 1}, {"min_dist": 2.0}, {"engine": "none"}])
def test_arguments_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        _project(blobs((9,)), **wrong)
