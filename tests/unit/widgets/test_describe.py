"""The review in the words of the protocol."""

import numpy as np

from shoal.disk.plan import Move, Plan, PlanRow, Refusal
from shoal.review.review import open_review
from shoal.widgets import describe
from shoal.widgets.codec import Buffers
from shoal.widgets.columns import Columns
from tests.unit.review.folders import make_folder
from tests.unit.widgets.fixtures import memory_review


def changes_of(review, act):
    """The ``changed`` payload of one edit."""
    columns, seen = Columns(review), []
    stop = review.session.listen(
        lambda event: seen.append(describe.changed(review, columns, event, columns.follow(event), Buffers()))
    )
    act()
    stop()
    return seen[-1]


def test_noise_and_trash_are_always_listed():
    review = memory_review()
    listed = describe.clusters(review, Columns(review))
    assert [(c.id, c.code, c.kind) for c in listed[-2:]] == [("noise", -1, "noise"), ("trash", -2, "trash")]
    assert sum(c.size for c in listed) == len(review)


def test_a_move_names_the_clusters_that_it_left_and_reached():
    review = memory_review()
    change = changes_of(review, lambda: review.move(["a/1.png", "a/2.png"], "character_3"))
    assert {c.id for c in change.clusters} == {"c0", "c1", "c3", "noise", "trash"}
    assert [(m.to, m.items.count) for m in change.moved] == [(3, 2)]
    assert change.removed == []


def test_a_merge_names_what_is_gone_and_its_undo_brings_it_back():
    review = memory_review()
    change = changes_of(review, lambda: review.merge(["character_0", "character_1"], name="bunny", into="c0"))
    assert change.removed == ["c1"]
    back = changes_of(review, review.undo)
    assert {c.id for c in back.clusters} >= {"c0", "c1"}
    assert (back.action, back.history.cursor, back.history.redo_label) == (
        "undo",
        0,
        "Merged character_1 into bunny",
    )


def test_history_entries_show_a_few_of_the_items():
    review = memory_review()
    review.to_noise(np.arange(5, 15))
    entry = describe.history_entry(1, review.session.history.entries[0])
    assert len(entry.sample) <= 4
    assert set(entry.sample) <= set(range(5, 15))


def test_facts_of_a_picture_that_is_gone_say_so(tmp_path):
    make_folder(tmp_path)
    open_review(tmp_path)
    (tmp_path / "noise" / "a_09.png").unlink()
    review = open_review(tmp_path)
    review.caption(["noise/a_09.png"], "a dot")
    info = describe.item_info(review, Columns(review), review.session.table.row("noise/a_09.png"))
    assert (info.facts["File"], info.caption) == ("gone from the folder", "a dot")


def test_a_plan_is_cut_to_what_a_dialog_can_show():
    moves = tuple(Move(f"a/{i}.png", f"b/{i}__a.png", "item", "the name is taken") for i in range(3_000))
    rows = (PlanRow("move", "a", "b", 3_000, 0),)
    reply = describe.plan_reply(
        Plan(moves=moves, rows=rows, notes=("n\udcff",), refusals=(Refusal("a", "b", "c"),))
    )
    assert (len(reply.files), len(reply.renamed), reply.n_files, reply.n_renamed) == (2_000, 50, 3_000, 3_000)
    assert reply.renamed[0] == "a/0.png becomes b/0__a.png: the name is taken"
    assert (reply.notes, reply.refusals[0].hint) == (["n\\xff"], "c")
