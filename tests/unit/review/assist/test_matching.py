"""New groups continue the clusters that they share most with."""

import numpy as np

from shoal.review.assist.matching import match


def test_the_largest_overlap_wins_and_no_cluster_is_continued_twice():
    before = np.array([0, 0, 0, 0, 1, 1, 1, -1, -1], np.int32)
    labels = np.array([5, 5, 5, 6, 6, 7, 7, 7, -1])
    none = np.zeros(9, bool)
    assert match(before, labels, none) == {5: 0, 7: 1}


def test_one_pinned_item_outweighs_many():
    before = np.array([0, 0, 0, 0, 1], np.int32)
    labels = np.array([5, 5, 5, 6, 5])
    pinned = np.array([False, False, False, True, False])
    assert match(before, labels, pinned) == {6: 0, 5: 1}
