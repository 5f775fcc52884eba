"""The audit: what is looked at, what an answer does, and what is followed."""

import numpy as np
import pytest

from shoal.errors import BadInputError
from shoal.review.assist.audit import Audit
from tests.unit.review.reviews import over_split, people, review_of


def perfect(n=400, k=5):
    vectors, truth = people(n, k)
    return review_of(vectors, truth), truth


def test_looking_at_a_right_sample_ends_in_the_advice_to_stop():
    review, _ = perfect()
    audit = Audit(review, size=380)
    assert audit.advice() == "Look at 20 more items first."
    for _ in range(30):
        audit.answer(str(audit.next()), True)
    assert audit.advice().startswith("Not sure yet") and len(audit.left) == 350
    while audit.next() is not None:
        audit.answer(str(audit.next()), True)
    result = audit.estimate()
    assert result.f1.value == 1 and result.reached(0.99) and audit.advice().startswith("You can stop")
    assert set(review.session.state.notes["pin"].values()) == {"audit"}


def test_a_wrong_item_is_put_right_but_still_counts_as_found():
    review, truth = perfect()
    stranger = int(np.flatnonzero(truth == 1)[0])
    review.move([review.session.table.ids[stranger]], to="character_0")
    audit = Audit(review, size=400)
    item = review.session.table.ids[stranger]
    audit.answer(item, "character_1")
    assert review.session.state.codes[stranger] == 1
    for row in audit.left[:99]:
        audit.answer(review.session.table.ids[row], True)
    assert audit.estimate().wrong == 1 and audit.estimate().precision.value < 1


def test_merges_since_then_are_followed():
    review, truth = over_split()
    audit = Audit(review, size=60)
    for row in list(audit.left):
        audit.answer(review.session.table.ids[row], f"character_{truth[row]}")
    before = audit.estimate()
    review.merge(["character_1", "character_5"], name="one")
    after = audit.estimate()
    assert before.recall.value < 0.7 and after.recall.value > before.recall.value
    audit.close()


def test_somebody_without_a_cluster_and_items_outside_the_sample():
    review, _ = perfect()
    audit = Audit(review, size=3, seed=1)
    item = str(audit.next())
    audit.answer(item, "new")
    assert review.session.state.codes[review.rows(item)[0]] == -1 and audit.estimate().wrong == 1
    other = next(i for i in review.items() if review.rows(i)[0] not in audit.rows)
    with pytest.raises(BadInputError, match="not in the sample"):
        audit.answer(other, True)
    with pytest.raises(BadInputError):
        Audit(review, size=0)


def test_a_bad_clustering_says_go_on():
    review, truth = over_split()
    audit = Audit(review, size=120)
    for row in list(audit.left):
        audit.answer(review.session.table.ids[row], f"character_{truth[row]}")
    assert audit.advice().startswith("Go on")
