"""The assign queue."""

import json

import numpy as np
import pytest
from PIL import Image

from shoal.errors import BadInputError, DamagedError, NotAllowedError
from shoal.review import sorting
from shoal.review.review import open_review
from shoal.review.sorting import Sorting
from tests.unit.review.reviews import over_split, people


@pytest.fixture
def folder(tmp_path):
    vectors, truth = people(30, 3)
    for row in range(30):
        name = "noise" if row >= 6 else f"p{truth[row]}"
        (tmp_path / name).mkdir(exist_ok=True)
        Image.new("RGB", (40, 30), (row * 8, 60, int(truth[row]) * 80)).save(
            tmp_path / name / f"{row:02d}.png"
        )
    return tmp_path, vectors, truth


def opened(folder):
    root, vectors, _ = folder
    review = open_review(root)
    review.use_vectors(vectors[[int(i.rpartition("/")[2][:2]) for i in review.items()]])
    return review


def who(folder, item):
    return f"p{folder[2][int(item.rpartition('/')[2][:2])]}"


def test_items_are_assigned_one_by_one_and_the_first_suggestion_is_right(folder):
    review = opened(folder)
    queue = Sorting(review)
    for _ in range(24):
        item = queue.next()
        first = queue.suggestions(item)[0]
        assert first.name == who(folder, item) and -1 <= first.similarity <= 1
        queue.assign(item, first.cluster)
    assert queue.next() is None
    figures = queue.figures()
    assert (figures.processed, figures.remaining, figures.ratio, figures.manual) == (30, 0, 1.0, 24)
    assert figures.per_minute > 0 and len(review.session.state.notes["pin"]) == 24


def test_the_place_and_the_switches_outlive_the_kernel(folder):
    review = opened(folder)
    queue = Sorting(review)
    queue.shuffle(3)
    queue.later(queue.next())
    queue.assign(queue.next(), "p0")
    queue.manual_only = True
    now, page = queue.next(), queue.page(5)
    review.close()
    again = Sorting(opened(folder))
    assert again.next() == now and again.page(5) == page and again.manual_only
    assert again.suggestions(now) == () and again.figures().later == 1
    again.again()
    again.turn(-1)
    assert again.figures().later == 0 and len(again.page(99)) == 23
    again.shuffle(None)
    assert again.page(99) == sorted(again.page(99))


def test_pages_are_turned_and_their_place_outlives_the_kernel(folder):
    review = opened(folder)
    queue = Sorting(review)
    queue.paged = True
    first, everything = queue.page(10), queue.page(99)
    assert len(everything) == 24 and queue.place == (0, 24)
    queue.turn(1, 10)
    assert queue.page(10) == everything[10:20] and queue.place == (10, 24)
    queue.turn(1, 10)
    assert queue.page(10) == everything[20:], "the last page is shorter"
    queue.turn(1, 10)
    assert queue.page(10) == everything[20:], "there is no page after it"
    queue.turn(-1, 10)
    review.close()
    again = Sorting(opened(folder))
    assert again.paged and again.page(10) == everything[10:20]
    again.turn(-5, 10)
    assert again.page(10) == first


def test_what_is_marked_on_a_page_goes_in_one_edit_and_the_rest_moves_up(folder):
    review = opened(folder)
    queue = Sorting(review)
    page = queue.page(8)
    places = {page[0]: "p1", page[1]: "trash", page[3]: "new", page[4]: "new"}
    assert queue.assign_many(places, name="somebody") == "Assigned 1 to p1, 1 to the trash, 2 to somebody"
    assert len(review.history) == 1 and review.items("somebody") == sorted([page[3], page[4]])
    assert queue.page(8)[:4] == [page[2], page[5], page[6], page[7]]
    assert queue.figures().manual == 3
    queue.undo()
    assert queue.page(8) == page, "what was undone is asked about again"
    queue.paged = True
    queue.assign_many({page[2]: "p1"})
    queue.undo()
    assert queue.page(8) == page, "the page stays where it was"
    queue.paged = False
    with pytest.raises(BadInputError, match="no item is marked"):
        queue.assign_many({})
    queue.later(page[2], page[5])
    assert queue.figures().later == 2 and not {page[2], page[5]} & set(queue.page(99))


def test_new_later_trash_and_undo(folder):
    review = opened(folder)
    queue = Sorting(review)
    first = queue.next()
    assert queue.new(first, "somebody") == "Began somebody"
    second = queue.next()
    queue.trash(second)
    assert review.session.state.size(-2) == 1
    queue.undo()
    assert queue.next() == second, "what was undone is asked again"
    queue.undo()
    assert queue.next() == first and "somebody" not in set(review.clusters["name"])


def test_plain_functions_do_the_same(folder):
    review = opened(folder)
    queue = sorting.session(review)
    assert sorting.session(review) is queue
    item = queue.next()
    sorting.assign(review, item, "new friend")
    assert "new friend" in set(review.clusters["name"])
    sorting.undo(review)
    sorting.assign(review, item, who(folder, item))
    sorting.delete(review, queue.next())
    assert review.session.state.size(-2) == 1
    assert sorting.image(review, item)[:2] == b"\xff\xd8"
    would = sorting.auto_move(review, 0.2, dry_run=True)
    assert review.session.state.size(-1) == 22
    done = sorting.auto_move(review, 0.2)
    assert len(done.rows) == len(would.rows) > 15 and done.held_out == 1
    assert queue.figures().auto == len(done.rows)
    with pytest.raises(NotAllowedError):
        sorting.auto_move(review, 1.0)


def test_pinned_noise_is_not_asked_about():
    review, _ = over_split()
    queue = Sorting(review)
    review.pin(queue.page(3))
    assert queue.figures().remaining == review.session.state.size(-1) - 3
    assert not set(queue.page(99)) & {review.session.table.ids[r] for r in review.session.state.notes["pin"]}
    assert np.isnan(queue.figures().per_minute)
    queue.close()


def test_a_damaged_place_says_what_to_do(folder):
    review = opened(folder)
    (folder[0] / ".shoal" / "queue.json").write_text(json.dumps({"later": 3}))
    with pytest.raises(DamagedError, match=r"queue\.json"):
        Sorting(review)
