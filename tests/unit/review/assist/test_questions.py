"""Questions as data."""

import pytest

from shoal.errors import BadInputError
from shoal.review.assist.questions import Claim, Question


def test_verdicts_fit_the_claims():
    question = Question("q1", "place", (Claim((1,), True, 0.9), Claim((2,), False, 0.2)), gain=6, cost=2)
    assert question.guesses == (True, False) and question.worth == 3
    assert question.checked(True) == (True, True) and question.checked(None) == (None, None)
    assert question.checked([False, None]) == (False, None)
    with pytest.raises(BadInputError, match="1 verdicts for 2 claims"):
        question.checked([True])
