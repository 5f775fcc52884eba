"""The selection tells those who listen, until they stop."""

import numpy as np

from shoal.review.selection import Selection


def test_listeners_hear_what_is_selected_and_by_whom():
    selection, heard = Selection(), []
    stop = selection.listen(lambda rows, source: heard.append((rows.tolist(), source)))
    selection.set(np.array([1, 4]), "view-1")
    selection.set(np.array([2]))
    stop()
    stop()
    selection.set(np.array([3]))
    assert heard == [([1, 4], "view-1"), ([2], None)]
    assert selection.rows.tolist() == [3]
