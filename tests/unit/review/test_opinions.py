"""Where two models disagree about whose an item is."""

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError
from shoal.review.opinions import CLEAR, Favourites
from tests.unit.review.reviews import people, review_of

STRANGE = (5, 22)


def two_models(n=60, k=3):
    """Faces are right; clothes take two items for somebody else."""
    faces, truth = people(n, k, spread=0.15)
    worn = truth.copy()
    worn[list(STRANGE)] = (truth[list(STRANGE)] + 1) % k
    clothes = people(n, k, spread=0.15, seed=7)[0]
    clothes = clothes[
        [int(np.flatnonzero((truth == who) & (np.arange(n) % 7 == i % 7))[0]) for i, who in enumerate(worn)]
    ]
    clothes = clothes + 0.02 * np.random.default_rng(3).normal(size=clothes.shape).astype(np.float32)
    review = review_of(faces, truth)
    review.use_vectors(faces, name="face")
    review.use_vectors(clothes, name="clothes", beside=True)
    return review, truth


def fresh(review, row=None):
    """The same, worked out from nothing."""
    quality = review.quality
    return Favourites(quality).now(review.session.state)


def test_only_what_the_models_dispute_is_told_and_in_words():
    review, truth = two_models()
    found = review.opinions.disagreement()
    assert set(np.flatnonzero(found.score >= CLEAR)) == set(STRANGE)
    agreed = np.setdiff1d(np.arange(60), STRANGE)
    assert (found.own[agreed] == truth[agreed]).all() and (found.score[agreed] == 0).all()
    row = STRANGE[0]
    one, other = (f"character_{who}" for who in (truth[row], (truth[row] + 1) % 3))
    assert review.opinions.words(row) == f"{one} by face, {other} by clothes"
    assert review.opinions.words(int(agreed[0])) == ""
    table = review.disagreement()
    assert set(table["item"]) == {review.items()[row] for row in STRANGE}
    assert table["score"].is_monotonic_decreasing and table.loc[0, "why"].endswith("by clothes")
    assert set(table["model"]) == {"clothes"}


def test_a_name_is_as_it_is_now_and_trash_is_not_asked_about():
    review, truth = two_models()
    review.rename(f"character_{truth[5]}", "Anna")
    assert review.opinions.words(5).startswith("Anna by face")
    review.trash([review.items()[5]])
    assert review.opinions.words(5) == "" and np.isnan(review.opinions.disagreement().score[5])
    review.undo()
    assert review.opinions.words(5).startswith("Anna by face")


def test_edits_are_followed_as_if_all_was_sought_anew():
    review, _ = two_models()
    kept = Favourites(review.quality)
    review.session.listen(lambda event: kept.follow(event.change))
    kept.now(review.session.state)
    rng = np.random.default_rng(0)
    for step in range(12):
        names = review.clusters["name"].tolist()
        if step == 4:
            review.merge(names[:2], name="both")
        elif step == 6:
            review.delete(names[0])
        elif step == 8:
            review.undo()
        elif step == 9:
            review.split([review.items()[int(rng.integers(60))]], name="alone")
        else:
            review.move([review.items()[i] for i in rng.permutation(60)[:7]], names[step % len(names)])
        assert (kept.now(review.session.state) == fresh(review)).all(), step


def test_an_item_does_not_speak_for_itself():
    review, truth = two_models()
    review.split([review.items()[STRANGE[1]]], name="alone")
    found = review.opinions.disagreement()
    assert found.own[STRANGE[1]] == truth[STRANGE[1]], "a cluster of one is nobody's favourite"


def test_items_without_a_vector_have_no_opinion():
    review, _ = two_models()
    faces = people(60, 3, spread=0.15)[0]
    faces[3] = np.nan
    review.use_vectors(faces, name="hair", beside=True)
    found = review.opinions.disagreement()
    assert found.score[3] == 0, "the clothes still agree with the face"
    assert review.opinions.names == ["face", "clothes", "hair"]


def test_what_is_missing_is_said():
    faces, truth = people(30, 3)
    review = review_of(faces, truth)
    assert review.opinions.disagreement() is None and not review.opinions
    with pytest.raises(MissingError, match="two models"):
        review.disagreement()
    with pytest.raises(BadInputError, match="name of its own"):
        review.use_vectors(faces, beside=True)
    with pytest.raises(BadInputError, match="29 vectors for 30 items"):
        review.use_vectors(faces[:29], name="clothes", beside=True)
