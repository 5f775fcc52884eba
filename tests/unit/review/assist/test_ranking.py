"""How sure each item's place is."""

import numpy as np

from shoal.review.assist.judge import Judge
from shoal.review.assist.likeness import Likeness
from shoal.review.assist.queue import PLACE_OPINION
from shoal.review.assist.ranking import Ranking
from tests.unit.review.reviews import over_split, people


def test_items_in_the_wrong_place_are_doubted_and_their_own_place_is_offered():
    vectors, truth = people(160)
    codes = truth.astype(np.int32).copy()
    codes[3] = 0
    codes[7] = -1
    ranking = Ranking(Likeness(vectors, codes), np.zeros(160, bool))
    own, other = ranking.probabilities(Judge(PLACE_OPINION))
    assert own[3] < 0.2 < 0.8 < other[3] and ranking.other[3] == truth[3]
    assert own[7] == 0 and other[7] > 0.8 and ranking.other[7] == truth[7]
    right = codes == truth
    assert np.median(own[right]) > 0.9 and (own + other <= 1.0001).all()


def test_what_a_change_touches_is_enough_to_refresh():
    review, _ = over_split()
    none = np.zeros(len(review), bool)
    likeness = Likeness(review.quality.unit, review.session.state.codes)
    ranking = Ranking(likeness, none)

    def follow(event):
        ranking.refresh(ranking.touched_by(likeness.follow(event.change)), none)

    review.session.listen(follow)
    review.move(review.items("noise")[:3], to="character_2")
    review.split(review.items("character_3")[:4], name="new")
    fresh = Ranking(likeness, none)
    assert (fresh.other == ranking.other).all()
    rows = np.arange(len(review))
    # means move a little for everyone in the clusters that changed; votes are exact
    assert np.allclose(fresh.features(rows)[0][:, 2], ranking.features(rows)[0][:, 2])


def test_many_rows_are_touched_the_same_way():
    vectors, truth = people(2_400, k=6)
    ranking = Ranking(Likeness(vectors, truth.astype(np.int32)), np.zeros(2_400, bool))
    rows = np.arange(2_100)
    few = set().union(*(set(ranking.touched_by(part).tolist()) for part in np.array_split(rows, 3)))
    assert set(ranking.touched_by(rows).tolist()) == few
