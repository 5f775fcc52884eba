"""Clustering again: a proposal that loses nothing, is shown first, and is one edit."""

import numpy as np
import pytest

from shoal.errors import BadInputError, ConflictError, NotAllowedError
from shoal.review.assist.repair import Kept, broken
from shoal.review.constraints import Known
from shoal.review.recluster import recluster
from tests.benchmarks.reviewer import pair_scores
from tests.unit.review.assist.test_repair import corrections
from tests.unit.review.reviews import over_split, people, review_of


def taught(review, truth, count=40):
    """Right a number of mistakes, as a person would."""
    wrong = np.flatnonzero((review.session.state.codes % 4 != truth) | (review.session.state.codes < 0))
    for row in wrong[:count].tolist():
        review.move([review.session.table.ids[row]], to=f"character_{truth[row]}")


def test_it_fixes_what_is_left_and_touches_nothing_pinned():
    review, truth = over_split(n=400)
    taught(review, truth, 8)
    known = Known(review)
    pinned = np.flatnonzero(known.pinned())
    before = review.session.state.codes.copy()
    told = []
    proposal = recluster(review, progress=lambda *step: told.append(step))
    assert told[0][1] == 0 and told[-1][1] == told[-1][2]
    assert (review.session.state.codes == before).all(), "nothing changes before it is taken"
    assert proposal.pinned_touched == 0 and "0 pinned touched" in str(proposal)
    assert sum(len(d.rows) for d in proposal.differences()) == len(proposal.rows) > 20
    assert "from" in str(proposal.differences()[0]) and "accept" in repr(proposal)
    sizes, codes = proposal.sizes(), proposal.codes
    assert all(size.before != size.after for size in sizes) and len({size.name for size in sizes}) == len(
        sizes
    )
    for size in sizes:
        code = review.session.state.code_of(size.id) if size.id else -9
        assert (codes == code).sum() == size.after and (before == code).sum() == size.before
    kept = Kept.of(known, before)
    names = {r.id: (r.name, r.color) for r in review.session.state.clusters.values()}
    proposal.accept()
    codes = review.session.state.codes
    assert (codes[pinned] == before[pinned]).all() and broken(kept, codes) == []
    assert all(
        names[r.id] == (r.name, r.color) for r in review.session.state.clusters.values() if r.id in names
    )

    assert pair_scores(codes, truth)[0] > pair_scores(before, truth)[0] + 0.2
    assert known.placed.sum() == 8, "what a machine moved is not vouched for"
    review.undo()
    assert (review.session.state.codes == before).all() and len(review.clusters) == 8


@pytest.mark.parametrize("seed", range(4))
def test_corrections_outlive_any_partition(seed):
    rng = np.random.default_rng([9, seed])
    review, _ = over_split()
    corrections(review, rng, 15)
    kept = Kept.of(Known(review), review.session.state.codes)
    proposal = recluster(review, rng.integers(-1, 6, len(review)))
    if len(proposal.rows):
        proposal.accept()
    assert broken(kept, review.session.state.codes) == []
    again = recluster(review)
    if len(again.rows):
        again.accept()
    assert broken(kept, review.session.state.codes) == []


def test_covers_and_new_names():
    vectors, truth = people(120, 4)
    review = review_of(vectors, truth // 2)
    review.rename("character_0", "pair")
    review.set_cover("pair", review.items("pair")[0])
    proposal = recluster(review, truth)
    assert sorted(proposal.names.values()) == ["cluster_1", "cluster_2"]
    proposal.accept()
    assert {"pair", "character_1", "cluster_1", "cluster_2"} == set(review.clusters["name"])
    record = review.session.state.clusters["c0"]
    assert record.cover is None or review.session.state.codes[record.cover] == 0


def test_a_stale_proposal_and_an_empty_one_are_refused():
    review, truth = over_split()
    proposal = recluster(review, truth)
    review.rename("character_0", "bunny")
    with pytest.raises(ConflictError):
        proposal.accept()
    with pytest.raises(NotAllowedError):
        recluster(review, review.session.state.codes.copy()).accept()
    with pytest.raises(BadInputError, match="labels"):
        recluster(review, [1, 2, 3])
