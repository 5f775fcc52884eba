"""Identities: faces decide where there are two, appearance where one has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shoal.data.tables import Embeddings
from shoal.errors import BadInputError
from shoal.steps import cluster_identities as module
from shoal.steps.cluster_identities import blended_weights, cluster_identities
from shoal.steps.neighbours import neighbours
from tests.unit.steps.fixtures import blobs


def _without(embeddings: Embeddings, rows: np.ndarray) -> Embeddings:
    vectors = embeddings.vectors.copy()
    vectors[rows] = np.nan
    return replace(embeddings, vectors=vectors)


def test_weights_are_blended_as_stated() -> None:
    looks, faces = blobs((30, 30), seed=1), blobs((30, 30), seed=2)
    has_none = np.arange(0, 60, 3)
    graphs = [neighbours(e, k=8, progress=False) for e in (_without(faces, has_none), looks)]
    blend = blended_weights(*graphs, 0.7).toarray()
    only_looks = blended_weights(*graphs, 0.0).toarray()
    only_faces = blended_weights(*graphs, 1.0).toarray()
    assert np.allclose(blend, blend.T, atol=1e-6) and blend.max() <= 1 + 1e-6
    assert np.allclose(blend, 0.7 * only_faces + 0.3 * only_looks, atol=1e-6)
    assert np.allclose(only_faces[has_none], only_looks[has_none])


def test_faces_part_people_in_the_same_clothes() -> None:
    """Two people wear the same; a third of the pictures of each other pair show no face."""
    looks = blobs((80, 60, 60), seed=4)
    faces = blobs((40, 40, 60, 60), seed=5)
    hidden = np.arange(80, 200, 3)
    found = cluster_identities(_without(faces, hidden), looks, progress=False)
    truth = np.repeat([0, 1, 2, 3], [40, 40, 60, 60])
    clear = found.labels >= 0
    assert clear.mean() > 0.9 and found.n_clusters == 4 and found.meta["with_face"] == 160
    for number in range(4):
        assert len(set(truth[found.labels == number].tolist())) == 1
    again = cluster_identities(_without(faces, hidden), looks, progress=False)
    assert again.labels.tobytes() == found.labels.tobytes()
    assert found.labels[found.medoids].tolist() == [0, 1, 2, 3] and found.tree is not None


def test_faces_that_are_not_alike_do_not_count() -> None:
    looks, faces = blobs((30, 30), seed=1), blobs((30, 30), seed=2)
    graphs = [neighbours(e, k=8, progress=False) for e in (faces, looks)]
    only_looks = blended_weights(*graphs, 0.0).toarray()
    without = blended_weights(*graphs, 0.9, vectors=faces.vectors, least=np.full(60, 1.1, np.float32))
    assert np.allclose(without.toarray(), only_looks, atol=1e-6)
    counted = blended_weights(*graphs, 0.9, vectors=faces.vectors, least=np.full(60, -1.0, np.float32))
    assert np.allclose(counted.toarray(), blended_weights(*graphs, 0.9).toarray(), atol=1e-6)
    # one face that is asked for more leaves the others as they are
    least = np.full(60, -1.0, np.float32)
    least[7] = 1.1
    some = blended_weights(*graphs, 0.9, vectors=faces.vectors, least=least).toarray()
    others = np.arange(60) != 7
    assert np.allclose(some[7], only_looks[7], atol=1e-6)
    assert np.allclose(some[others][:, others], counted.toarray()[others][:, others], atol=1e-6)


def test_weak_faces_must_be_more_alike() -> None:
    faces = replace(blobs((3,)), meta={"threshold": 0.35, "weak": [blobs((3,)).items.paths[1]]})
    assert np.allclose(module._least_alike(faces), [0.35, 0.5, 0.35])
    assert module._least_alike(blobs((3,))) is None


def test_nothing_and_no_faces() -> None:
    looks = blobs((20, 30))
    nobody = _without(blobs((20, 30), seed=3), np.arange(50))
    assert cluster_identities(nobody, looks, progress=False).n_clusters == 2
    everything_lost = cluster_identities(nobody, _without(looks, np.arange(50)), progress=False)
    assert (everything_lost.labels == -1).all()


def test_the_tables_must_be_of_the_same_items() -> None:
    with pytest.raises(BadInputError, match="rows"):
        cluster_identities(blobs((5,)), blobs((6,)), progress=False)
    with pytest.raises(BadInputError, match="face_weight"):
        cluster_identities(blobs((5,)), blobs((5,)), face_weight=2.0, progress=False)
