"""What all commands share."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review.commands.base import cells_to, checked_rows, cluster_record, name_of, plural
from tests.unit.review.fixtures import N, small_state


def test_items_already_there_are_left_out_of_a_change():
    state = small_state()
    rows = state.members(1)
    mixed = np.sort(np.concatenate((rows[:2], state.members(2)[:1])))
    assert cells_to(state, mixed, 1)["code"].rows.tolist() == state.members(2)[:1].tolist()


def test_no_items_and_unknown_items_are_refused():
    with pytest.raises(BadInputError, match="no items"):
        checked_rows(small_state(), np.empty(0, np.int64))
    with pytest.raises(MissingError):
        checked_rows(small_state(), np.array([N]))


@pytest.mark.parametrize("place", ["noise", "trash"])
def test_fixed_places_are_not_edited(place):
    with pytest.raises(NotAllowedError, match=place):
        cluster_record(small_state(), place)


def test_words():
    assert (plural(1), plural(2_000), plural(3, "cluster")) == ("1 item", "2,000 items", "3 clusters")
    assert (name_of(small_state(), "noise"), name_of(small_state(), "c2")) == ("noise", "character_2")
