"""Names that people give."""

import pytest

from shoal.errors import BadInputError, MissingError
from shoal.review.naming import NameTakenError, checked_name, clean_tags, find_cluster, free_name
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


def test_clusters_are_found_by_name_or_id_and_near_misses_are_offered():
    state = small_state()
    assert find_cluster(state, "character_2") == find_cluster(state, "c2") == "c2"
    assert find_cluster(state, "noise") == "noise"
    with pytest.raises(MissingError, match="no cluster 'charcter_2'") as missing:
        find_cluster(state, "charcter_2")
    assert "character_2" in missing.value.hint
