"""Columns that a view can fetch."""

import numpy as np
import pytest

from shoal.errors import MissingError
from shoal.widgets import columns as module
from shoal.widgets.columns import Columns
from tests.unit.review.fixtures import N
from tests.unit.review.test_opinions import STRANGE, two_models
from tests.unit.widgets.fixtures import memory_review


def test_values_have_the_dtype_that_is_listed():
    review = memory_review()
    columns = Columns(review, np.eye(N, dtype=np.float32))
    for info in columns.listed():
        values = columns.values(info.name, 2, 5)
        assert values.dtype == info.dtype
        assert values.size == 3 * info.per_item


def test_many_places_are_sent_in_steps(monkeypatch):
    review = memory_review()
    exact = review.session.table.columns["xy"]
    exact[3] = np.nan
    monkeypatch.setattr(module, "EXACT_BELOW", N)
    columns = Columns(review, np.eye(N, dtype=np.float32))
    info = next(c for c in columns.listed() if c.name == "xy")
    assert (info.dtype, info.per_item) == ("uint16", 2)
    sent = columns.values("xy", 0, N)
    assert sent.dtype == np.uint16
    there = np.arange(N) != 3
    read = np.array(info.origin) + np.array(info.step) * sent
    assert np.abs(read[there] - exact[there]).max() <= max(info.step) / 2 + 1e-6
    assert (sent[~there] == 65_535).all()
    assert sent[there].max() == 65_534
    assert np.array_equal(columns.values("xy", 2, 5), sent[2:5])


def test_similarity_is_stale_after_a_move_and_then_right():
    review = memory_review()
    columns = Columns(review, np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32))
    told = []
    review.session.listen(lambda event: told.append(columns.follow(event)))
    before = columns.values("similarity", 0, N).copy()
    review.move(["a/1.png", "a/2.png"], "character_3")
    assert told == [["similarity", "outlier"]]
    assert not np.allclose(columns.values("similarity", 0, N), before, equal_nan=True)
    review.rename("character_0", "bunny")
    assert told[-1] == []


def test_without_vectors_there_is_no_similarity():
    columns = Columns(memory_review())
    assert "similarity" not in [c.name for c in columns.listed()]
    with pytest.raises(MissingError):
        columns.values("similarity", 0, 1)


def test_values_of_some_rows_are_those_of_the_column():
    review = memory_review()
    columns = Columns(review, np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32))
    rows = review.session.state.members(2)
    for name in ("outlier", "similarity", "shot"):
        whole = columns.values(name, 0, N)
        assert np.array_equal(columns.values_of(name, rows), whole[rows])
    for name in ("xy", "nonsense"):
        with pytest.raises(MissingError):
            columns.values_of(name, rows)


def test_two_views_share_one_quality():
    review = memory_review()
    one = Columns(review, np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32))
    assert Columns(review).quality is one.quality


def test_facts_are_ready_to_show():
    facts = Columns(memory_review()).facts(3)
    assert facts == {"Time": "1:01.50", "Shot": "3"}


def test_what_was_rejected_says_why():
    review = memory_review()
    told = np.array(["", "small: 12 px, less than 48", *[""] * (N - 2)])
    review.session.table.columns.update(reason=told, nsfw=np.linspace(0, 1, N, dtype=np.float32))
    columns = Columns(review)
    info = next(c for c in columns.listed() if c.name == "reason")
    assert (info.words, info.dtype, info.role) == (["small"], "int32", "sort")
    assert columns.values("reason", 0, 3).tolist() == [1, 0, 1]
    assert columns.values_of("reason", np.array([1])).tolist() == [0]
    assert columns.facts(1)["Rejected"] == "small: 12 px, less than 48"
    assert "Rejected" not in columns.facts(0) and columns.facts(N - 1)["NSFW score"] == "1.00"
    review.session.table.columns["reason"] = np.full(N, "")
    assert "reason" not in [c.name for c in columns.listed()]


def test_where_models_disagree_is_a_column_to_sort_by_and_a_fact():
    review, _ = two_models()
    columns = Columns(review)
    info = next(c for c in columns.listed() if c.name == "disagreement")
    assert (info.role, info.ascending, info.title) == ("sort", False, "Disagreement of models")
    values = columns.values("disagreement", 0, 60)
    assert set(np.argsort(-values)[:2]) == set(STRANGE) and values.dtype == np.float32
    assert columns.facts(STRANGE[0])["Models disagree"].endswith("by clothes")
    assert "Models disagree" not in columns.facts(0)
    stale = []
    review.session.listen(lambda event: stale.extend(columns.follow(event)))
    review.trash([review.items()[0]])
    assert "disagreement" in stale and np.isnan(columns.values("disagreement", 0, 1)).all()
    assert "disagreement" not in [c.name for c in Columns(memory_review()).listed()]
