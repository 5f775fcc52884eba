"""Commands on clusters."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError, NameRefusedError, NotAllowedError
from shoal.review import commands as c
from shoal.review.changes import reverse
from tests.unit.review.fixtures import small_state


def done(state, command):
    verdict = command.prepare(state)
    state.apply(verdict.change)
    return verdict


def test_a_merge_keeps_id_cover_and_colour_of_the_target():
    state = small_state()
    cover = int(state.members(2)[1])
    done(state, c.SetCover("c2", cover))
    members = sorted([*state.members(0).tolist(), *state.members(2).tolist(), *state.members(3).tolist()])
    verdict = done(state, c.MergeClusters(["c0", "c2", "c3"], "bunny", into="c2"))
    assert verdict.cluster == "c2"
    assert (state.clusters["c2"].name, state.clusters["c2"].cover, state.clusters["c2"].color) == (
        "bunny",
        cover,
        2,
    )
    assert state.members(2).tolist() == members
    assert set(state.clusters) == {"c1", "c2"}


def test_a_merge_goes_into_the_largest_unless_told():
    state = small_state()
    done(state, c.MoveItems(state.members(0)[:2], "c3"))
    assert done(state, c.MergeClusters(["c0", "c3"], "character_0")).cluster == "c3"


def test_merging_one_or_a_fixed_place_is_refused():
    with pytest.raises(BadInputError, match="two clusters"):
        c.MergeClusters(["c1", "c1"], "x").prepare(small_state())
    with pytest.raises(NotAllowedError, match="noise"):
        c.MergeClusters(["c1", "noise"], "x").prepare(small_state())


@pytest.mark.parametrize("name", ["character_1", "CHARACTER_1", "  character_1 "])
def test_renaming_onto_a_taken_name_is_never_silent(name):
    with pytest.raises(NameRefusedError, match="already") as refused:
        c.RenameCluster("c0", name).prepare(small_state())
    assert refused.value.code == "name_taken"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "noise", ".hidden", "CON", "x\0y", "trailing."])
def test_names_that_cannot_be_folders_are_refused(name):
    state = small_state()
    for command in (c.RenameCluster("c0", name), c.CreateCluster(name), c.SplitCluster(np.array([1]), name)):
        with pytest.raises(NameRefusedError):
            command.prepare(state)


def test_a_case_only_rename_is_a_rename():
    state = small_state()
    done(state, c.RenameCluster("c0", "Character_0"))
    assert state.clusters["c0"].name == "Character_0"


def test_a_split_makes_a_cluster_of_the_items():
    state = small_state()
    verdict = done(state, c.SplitCluster(np.array([0, 1, 9]), "liz"))
    assert state.members(state.code_of(str(verdict.cluster))).tolist() == [0, 1, 9]
    assert verdict.label == "Split 3 items off as liz"


def test_deleting_sends_the_items_to_noise():
    state = small_state()
    rows = state.members(1)
    done(state, c.DeleteCluster("c1"))
    assert (state.codes[rows] == -1).all()
    assert "c1" not in state.clusters
    with pytest.raises(MissingError):
        c.DeleteCluster("c1").prepare(state)


def test_a_cover_must_be_in_the_cluster():
    state = small_state()
    with pytest.raises(BadInputError, match="cluster itself"):
        c.SetCover("c1", int(state.members(2)[0])).prepare(state)


def test_facts_about_clusters():
    state = small_state()
    done(state, c.TagClusters(["c0", "c1"], ["hero"]))
    done(state, c.TagClusters(["c0"], (), ["hero"]))
    done(state, c.DescribeCluster("c1", " the one with the hat "))
    done(state, c.MarkReviewed(["c1", "c2"]))
    assert (state.clusters["c0"].tags, state.clusters["c1"].tags) == ((), ("hero",))
    assert state.clusters["c1"].description == "the one with the hat"
    assert [r.reviewed for r in state.clusters.values()] == [False, True, True, False]
    for command in (
        c.MarkReviewed(["c1"]),
        c.TagClusters(["c1"], ["hero"]),
        c.RenameCluster("c1", "character_1"),
    ):
        with pytest.raises(NotAllowedError, match="changes nothing"):
            command.prepare(state)


def test_sets_of_items_go_each_to_its_own_cluster_as_one_edit():
    state = small_state()
    before = state.copy()
    one, two = state.members(0)[:2], state.members(1)[1:3]
    done(state, c.SetCover("c1", int(two[0])))
    verdict = done(
        state, c.AssignItems([c.Assignment(two, to="c3"), c.Assignment(one, name="hare")], "Split c0 into 2")
    )
    assert (verdict.label, verdict.cluster) == ("Split c0 into 2", "c4")
    assert state.clusters["c4"].name == "hare"
    assert state.members(4).tolist() == one.tolist()
    assert set(two.tolist()) <= set(state.members(3).tolist())
    assert state.clusters["c1"].cover is None, "its cover has left"
    state.apply(reverse(verdict.change))
    assert np.array_equal(state.codes, before.codes)
    assert set(state.clusters) == set(before.clusters)


def test_assignments_that_clash_are_refused():
    state = small_state()
    rows = state.members(0)
    with pytest.raises(BadInputError, match="in two of the parts"):
        c.AssignItems([c.Assignment(rows, to="c1"), c.Assignment(rows[:1], to="c2")]).prepare(state)
    with pytest.raises(BadInputError, match="nothing is to be assigned"):
        c.AssignItems([]).prepare(state)
    with pytest.raises(NotAllowedError, match="trash"):
        c.AssignItems([c.Assignment(rows, to="trash")]).prepare(state)
    with pytest.raises(NameRefusedError):
        c.AssignItems([c.Assignment(rows, name="character_1")]).prepare(state)
