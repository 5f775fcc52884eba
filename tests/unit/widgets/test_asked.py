"""Questions as the views are told of them."""

from shoal.review.sorting import Sorting
from shoal.widgets import asked
from tests.unit.review.reviews import over_split


def test_a_page_goes_by_its_items():
    assert asked.page_id(["a", "b"]) == asked.page_id(["a", "b"])
    assert len({asked.page_id(items) for items in (["a", "b"], ["b", "a"], ["ab"], ["a"])}) == 4
    assert asked.page_id(["\udcff.png"]), "names that are no text have an id too"


def test_without_suggestions_a_page_is_sorted_by_name_alone():
    review, _ = over_split()
    sorting = Sorting(review)
    sorting.manual_only = True
    page = asked.page(review, sorting)
    assert page is not None and page.suggestions == [] and {c.cluster for c in page.claims} == {""}
    sorting.manual_only = False
    page = asked.page(review, sorting)
    assert page is not None and len({s.cluster for s in page.suggestions}) == 8
    sorting.close()


def test_an_item_is_told_with_its_cluster():
    review, _ = over_split()
    item = review.items("character_2")[0]
    told = asked.who(review, item, asked.largest(review, 3))
    assert (told.cluster, told.name, told.label) == ("c2", "character_2", item)
    sizes = [s.size for s in told.suggestions]
    assert sizes == sorted(sizes, reverse=True) and told.suggestions[0].similarity == 0.0
    assert told.reason == ""
