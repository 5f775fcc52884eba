"""Going back to an earlier save."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import MissingError
from shoal.review.restoring import difference, state_at
from shoal.review.review import open_review
from tests.unit.review.fixtures import COMMANDS, small_state, try_command
from tests.unit.review.folders import make_folder, tree


def walked(commands):
    state = small_state()
    for command in commands:
        verdict = try_command(state, command)
        if verdict is not None:
            state.apply(verdict.change)
    return state


@settings(max_examples=150, deadline=None)
@given(st.lists(COMMANDS, max_size=8), st.lists(COMMANDS, max_size=8))
def test_the_difference_leads_from_any_state_to_any_other(a, b):
    state, target = walked(a), walked(b)
    state.apply(difference(state, target))
    assert state.equals(target)
    assert not difference(state, target)


def test_every_save_can_be_restored_byte_for_byte(tmp_path):
    """Promise 5."""
    make_folder(tmp_path)
    review = open_review(tmp_path)
    trees = {0: tree(tmp_path)}
    for step in (
        lambda: review.merge(["character_0", "character_1"], name="bunny"),
        lambda: review.split(review.items("bunny")[:3], name="liz"),
        lambda: review.trash(review.items("liz")[:1]),
    ):
        step()
        save = review.save().revision
        trees[save] = tree(tmp_path)
    for save, wanted in [*trees.items(), *reversed(trees.items())]:
        review.restore(save)
        assert tree(tmp_path) == wanted
        assert open_review(tmp_path).plan().empty
    with pytest.raises(MissingError, match="no save 99"):
        review.restore(99)


def test_the_log_folded_from_its_beginning_is_the_state(tmp_path):
    """Promise 5, for the edits."""
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")
    review.save()
    review.split(["noise/a_09.png"], name="tony")
    review.undo()
    for path in sorted((tmp_path / ".shoal" / "snapshots").glob("*.npz"))[1:]:
        path.unlink()
    folded = state_at(review.session, tmp_path / ".shoal", review.revision)
    assert folded.equals(review.session.state)


def test_a_picture_deleted_by_other_means_comes_back(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.merge(["character_0", "character_1"], name="bunny")
    first = review.save().revision
    wanted = tree(tmp_path)
    review.rename("bunny", "liz")
    review.save()
    (tmp_path / "liz" / "a_03.png").unlink()
    again = open_review(tmp_path)
    assert len(again.session.table.missing) == 1
    again.restore(first)
    assert tree(tmp_path) == wanted
    assert again.session.table.missing == set()
    assert open_review(tmp_path).plan().empty


def test_a_restore_that_fails_changes_nothing(tmp_path, monkeypatch):
    from shoal.errors import SaveError

    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")
    review.save()
    before = tree(tmp_path)

    def fail(*_args, **_kwargs):
        raise SaveError("the disk is full")

    monkeypatch.setattr("shoal.review.saving.restore", fail)
    with pytest.raises(SaveError):
        review.restore(0)
    assert tree(tmp_path) == before
    assert review.items("liz")
    assert review.session.history.unsaved == 0
