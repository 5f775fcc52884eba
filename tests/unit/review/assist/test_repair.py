"""Whatever a new partition breaks is repaired."""

from contextlib import suppress

import numpy as np
import pytest

from shoal.data.constraints import Constraints
from shoal.errors import NotAllowedError
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.repair import Kept, broken, repaired
from shoal.review.constraints import Known
from tests.unit.review.reviews import over_split


def corrections(review, rng, count=12):
    """Edits as people make them, at random."""
    for _ in range(count):
        names = [c for c in review.clusters["name"] if review.items(c)]
        one, other = rng.choice(names, 2, replace=False)
        items = review.items(one)
        some = list(rng.choice(items, min(len(items), 3), replace=False))
        with suppress(NotAllowedError):  # it is so already
            correct(review, int(rng.integers(8)), one, other, items, some)


def correct(review, kind, one, other, items, some):
    """One edit of one of eight kinds."""
    match kind:
        case 0 | 1:
            review.move(some, to=other)
        case 2:
            review.merge([one, other], name=one)
        case 3:
            review.split(some)
        case 4:
            review.pin(some)
        case 5:
            review.link(some[0], review.items(other)[0], "cannot")
        case 6:
            review.to_noise(some)
        case _:
            if len(items) > 1:
                review.link(items[0], items[1], "must")


@pytest.mark.parametrize("seed", range(12))
def test_no_correction_is_lost_whatever_the_new_clustering_is(seed):
    rng = np.random.default_rng(seed)
    review, _ = over_split()
    corrections(review, rng)
    known = Known(review)
    codes = review.session.state.codes
    kept = Kept.of(known, codes)
    likeness = Likeness(review.quality.unit, codes)
    next_code = review.session.state.next_code
    for labels in (
        rng.integers(-1, 5, len(codes)),
        np.zeros(len(codes), int),
        np.arange(len(codes)),
        np.full(len(codes), -1),
    ):
        made = repaired(kept, labels, likeness, next_code)
        assert broken(kept, made) == []
        assert (made[codes == -2] == -2).all()


def test_tracks_stay_whole_and_two_of_one_frame_stay_two():
    review, _ = over_split()
    ids = review.session.table.ids
    film = Constraints(
        [ids[2], ids[3], ids[9]], [ids[3], ids[40], ids[10]], ["must", "must", "cannot"], ["t"] * 3
    )
    known = Known(review, film=film)
    kept = Kept.of(known, review.session.state.codes)
    assert len(broken(kept, np.zeros(120, np.int32))) == 1
    likeness = Likeness(review.quality.unit, review.session.state.codes)
    made = repaired(kept, np.zeros(120, int), likeness, 99)
    assert made[2] == made[3] == made[40] and made[9] != made[10]


def test_a_group_that_two_pinned_clusters_claim_is_shared_by_likeness():
    review, truth = over_split(spread=0.3)
    review.pin(np.flatnonzero(review.session.state.codes == truth)[:24])
    known = Known(review)
    kept = Kept.of(known, review.session.state.codes)
    likeness = Likeness(review.quality.unit, review.session.state.codes)
    made = repaired(kept, np.zeros(120, int), likeness, 99)
    assert (made == truth).mean() > 0.95
