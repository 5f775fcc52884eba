"""What the answers teach the judges, and that an undo unteaches."""

import numpy as np

from shoal.review.assist.queue import PAIR_OPINION, PLACE_OPINION, ReviewQueue
from tests.unit.review.reviews import over_split


def taught(queue):
    queue.lessons.teach(queue.pairs, queue.places)
    return queue.pairs.weights.copy(), queue.places.weights.copy()


def test_merges_and_refusals_move_the_judge_of_pairs_and_undo_moves_it_back():
    review, _ = over_split()
    queue = ReviewQueue(review)
    assert np.allclose(taught(queue)[0], PAIR_OPINION)
    review.merge(["character_0", "character_4"], name="one")
    review.link(review.items("character_1")[0], review.items("character_2")[0], "apart")
    assert not np.allclose(taught(queue)[0], PAIR_OPINION)
    review.undo()
    review.undo()
    queue.lessons.forget()
    assert np.allclose(taught(queue)[0], PAIR_OPINION)


def test_confirmed_items_and_denials_move_the_judge_of_places():
    review, truth = over_split(spread=1.2)
    queue = ReviewQueue(review)
    assert np.allclose(taught(queue)[1], PLACE_OPINION)
    review.pin(np.flatnonzero(review.session.state.codes == truth)[:20])
    once = taught(queue)[1]
    assert not np.allclose(once, PLACE_OPINION)
    stranger = review.items("noise")[0]
    review.link(stranger, review.items("character_1")[0], "cannot")
    assert not np.allclose(taught(queue)[1], once)
