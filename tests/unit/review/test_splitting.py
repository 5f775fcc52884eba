"""Proposals for the clusters of a review, and what accepting them does."""

import numpy as np
import pytest

from shoal.errors import BadInputError, ConflictError, MissingError, NameRefusedError
from shoal.review.splitting import free_names
from tests.unit.review.fixtures import N
from tests.unit.widgets.fixtures import memory_review


def mixed_review():
    """All clusters in one, whose items of even rows look different from the others."""
    review = memory_review()
    vectors = 0.05 * np.random.default_rng(0).normal(size=(N, 8)).astype(np.float32)
    vectors[np.arange(N), np.arange(N) % 2] += 1
    review.use_vectors(vectors)
    review.merge(["c0", "c1", "c2", "c3"], name="liz")
    return review


def test_a_mixed_cluster_comes_apart_as_one_edit():
    review = mixed_review()
    cluster = review.cluster_id("liz")
    before = review.items("liz")
    proposal = review.propose_split("liz")
    assert proposal.suggested == 2
    (new,) = review.accept_split(proposal)
    assert review.session.history.undo_label == "Split liz into 2"
    rows = [review.session.table.row(item) % 2 for item in review.items(new)]
    assert len(set(rows)) == 1
    assert sorted(review.items(cluster) + review.items(new)) == sorted(before)
    assert review.clusters.set_index("id").loc[new, "name"] == "liz_2"
    review.undo()
    assert review.items("liz") == before


def test_parts_can_be_chosen_and_named():
    review = mixed_review()
    proposal = review.propose_split("liz", method="even")
    sizes = [len(part) for part in proposal.parts(3)]
    made = review.accept_split(proposal, 3, take=[2, 0], names=["small", "large"])
    assert [len(review.items(c)) for c in made] == [sizes[2], sizes[0]]
    assert [review.cluster_id(n) for n in ("small", "large")] == made
    assert len(review.items("liz")) == sizes[1]


def test_what_cannot_be_is_refused_and_changes_nothing():
    review = mixed_review()
    proposal = review.propose_split("liz")
    revision = review.revision
    with pytest.raises(BadInputError, match="parts go from 0 to 1"):
        review.accept_split(proposal, take=[5])
    with pytest.raises(BadInputError, match="2 names for 1 parts"):
        review.accept_split(proposal, names=["a", "b"])
    with pytest.raises(NameRefusedError):
        review.accept_split(proposal, names=["liz"])
    with pytest.raises(BadInputError, match="two parts are called"):
        review.accept_split(proposal, take=[0, 1], names=["same", "Same"])
    assert review.revision == revision
    review.to_noise(review.items("liz")[:1])
    with pytest.raises(ConflictError, match="has changed"):
        review.accept_split(proposal)


def test_the_map_serves_where_there_are_no_vectors():
    review = memory_review()
    review.merge(["c0", "c1", "c2"], name="liz")
    assert review.quality is None
    assert review.propose_split("liz").levels
    del review.session.table.columns["xy"]
    with pytest.raises(MissingError, match="neither vectors nor a map"):
        review.propose_split("liz")


def test_noise_can_be_cut_too():
    review = mixed_review()
    review.delete("liz")
    made = review.accept_split(review.propose_split("noise"), take=[0, 1])
    assert review.session.state.size(-1) == 0
    assert review.clusters["name"].tolist() == ["cluster_2", "cluster_3"]
    assert len(made) == 2


def test_free_names_skip_those_that_are_taken():
    review = memory_review()
    review.rename("c0", "Liz_3")
    assert free_names(review.session.state, "liz", 3) == ["liz_2", "liz_4", "liz_5"]
