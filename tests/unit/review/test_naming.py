"""Names that people give."""

import pytest

from shoal.errors import BadInputError
from shoal.review.naming import NameTakenError, checked_name, clean_tags, free_name
from tests.unit.review.fixtures import small_state


def test_taken_names_clash_under_case_and_normal_form():
    from dataclasses import replace

    state = small_state()
    state.clusters["c0"] = replace(state.clusters["c0"], name="Zo\u00eb")
    for twin in ("Zo\u00eb", "zo\u00eb", "Zoe\u0308"):
        with pytest.raises(NameTakenError):
            checked_name(state, twin)
    assert checked_name(state, "Zoe\u0308", free={"c0"}) == "Zoe\u0308"


def test_free_names_count_up():
    assert free_name(small_state(), "character") == "character_4"
    assert free_name(small_state()) == "cluster_1"


def test_tags_are_clean():
    assert clean_tags([" a ", "", "b", "a"]) == ["a", "b"]
    with pytest.raises(BadInputError):
        clean_tags(["a\nb"])
