"""The review as a notebook uses it."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review.review import Review, open_review
from tests.unit.review.folders import make_folder
from tests.unit.widgets.fixtures import memory_review


def test_clusters_are_named_by_name_or_id_and_near_misses_are_offered():
    review = memory_review()
    assert review.cluster_id("character_1") == review.cluster_id("c1") == "c1"
    with pytest.raises(MissingError, match="character_1") as missing:
        review.move(["a/1.png"], "charcter_1")
    assert "Did you mean" in missing.value.hint


def test_items_are_named_in_many_ways():
    review = memory_review()
    mask = np.zeros(len(review), bool)
    mask[[1, 4]] = True
    for items in (["a/4.png", "a/1.png"], np.array([4, 1]), mask, np.array(["a/1.png", "a/4.png"])):
        assert review.rows(items).tolist() == [1, 4]
    assert review.rows("a/3.png").tolist() == [3]
    with pytest.raises(BadInputError, match="mask of 2"):
        review.rows(np.array([True, False]))


def test_the_tables_say_what_is(tmp_path):
    review = open_review(make_folder(tmp_path))
    review.tag(["noise/a_09.png"], add=["blur"])
    review.caption(["noise/a_09.png"], "a dot")
    assert review.clusters["name"].tolist() == ["character_0", "character_1", "character_2"]
    row = review.table().set_index("id").loc["noise/a_09.png"]
    assert (row.cluster, row.tags, row.caption) == ("noise", ("blur",), "a dot")
    assert "2 edits not saved" in repr(review)


def test_one_verb_each():
    review = memory_review()
    made = review.create("empty")
    review.describe("empty", "nothing yet")
    review.tag_clusters("empty", add=["x"])
    review.move(["a/1.png"], "empty")
    review.set_cover("empty", "a/1.png")
    review.mark_reviewed(["empty"])
    record = review.session.state.clusters[made]
    assert (record.description, record.tags, record.cover, record.reviewed) == (
        "nothing yet",
        ("x",),
        1,
        True,
    )
    review.trash(["a/1.png", "a/2.png"])
    review.restore_items()
    assert review.items("empty") == ["a/1.png"]
    review.delete("empty")
    assert review.split(["a/1.png"]) == "c5"
    assert review.clusters["name"].iloc[-1] == "cluster_1"
    review.jump(0)
    assert review.redo() == "Redid: Created empty"


def test_a_review_in_memory_says_what_it_cannot_do():
    review = memory_review()
    for call in (review.save, review.plan, review.verify, lambda: review.file("a/1.png")):
        with pytest.raises(NotAllowedError, match="no folder"):
            call()


def test_selection_is_told_and_listeners_can_stop():
    review, seen = memory_review(), []
    stop = review.on_select(lambda rows, source: seen.append((rows.tolist(), source)))
    review.selection = ["a/2.png"]
    stop()
    review.selection = []
    assert seen == [([2], None)]
    assert isinstance(review, Review)
    assert review.selection == []
