"""From answers to commands: each is one edit, and says what it does."""

import numpy as np
import pytest

from shoal.errors import BadInputError
from shoal.review.assist.answers import commands_for
from shoal.review.assist.questions import Claim, Question, Suggestion
from tests.unit.review.reviews import over_split


@pytest.fixture
def review():
    return over_split()[0]


def do(review, question, verdicts=(), **facts):
    return review.session.do(commands_for(review, question, verdicts, **facts), note="answer").label


def first(review, cluster, n=1):
    return tuple(review.rows(review.items(cluster)[:n]).tolist())


def test_pairs_of_clusters_are_joined_in_chains_and_parts_leave(review):
    a, b, c, d = (first(review, f"character_{i}") for i in range(4))
    part = first(review, "character_3", 4)[1:]
    question = Question(
        "q",
        "same",
        (
            Claim(b, True, 0.9, a, ("c0", "c1")),
            Claim(c, True, 0.9, b, ("c1", "c2")),
            Claim(part[:1], False, 0.1, d, ("c3",), part),
            Claim(first(review, "character_5"), True, 0.9, first(review, "character_4"), ("c4", "c5")),
        ),
    )
    sizes = [review.session.state.size(i) for i in range(3)]
    assert do(review, question, (True, True, False, False)) == "Answered 4 pairs: 2 merged, 1 split off"
    assert sum(sizes) in [r["size"] for _, r in review.clusters.iterrows()]
    assert "character_3_2" in set(review.clusters["name"]) and {"character_4", "character_5"} <= set(
        review.clusters["name"]
    )
    kinds = sorted(text.split()[0] for of in review.session.state.notes["links"].values() for text in of)
    assert kinds == ["apart", "apart"]
    review.undo()
    assert len(review.clusters) == 8 and not review.session.state.notes["links"]


def test_groups_of_noise_become_clusters(review):
    noise = review.rows(review.items("noise"))
    groups = (tuple(noise[:2].tolist()), tuple(noise[2:5].tolist()))
    claims = tuple(Claim(rows, True, 0.8, part=rows, size=len(rows)) for rows in groups)
    do(review, Question("q", "group", claims), (True, False))
    codes, notes = review.session.state.codes, review.session.state.notes
    assert codes[noise[0]] == codes[noise[1]] >= 8 and (codes[noise[2:]] == -1).all()
    assert sorted(notes["pin"]) == sorted(groups[0])
    assert [text.split()[0] for of in notes["links"].values() for text in of] == ["cannot"]


def test_who_says_cluster_trash_or_noise(review):
    row = first(review, "character_0")
    question = Question("q", "who", shown=row)
    assert "trash" in do(review, question, choice="trash")
    review.undo()
    assert do(review, question, choice="character_2").endswith("character_2")
    assert review.session.state.codes[row[0]] == 2
    do(review, question, choice="noise")
    assert review.session.state.codes[row[0]] == -1 and row[0] in review.session.state.notes["pin"]


def test_a_small_cluster_is_a_piece_of_another_or_of_none(review):
    suggestion = Suggestion("c1", "character_1", 0.5, 0.6, 0.1, first(review, "character_1"))
    question = Question(
        "q", "who", suggestions=(suggestion,), cluster="c0", shown=first(review, "character_0")
    )
    assert do(review, question, choice="new") == "character_0 is none of 1"
    size = review.session.state.size(0)
    assert do(review, question, choice="character_1") == "Merged character_0 into character_1"
    assert "c0" not in review.session.state.clusters
    review.undo()
    assert do(review, question, choice="noise") == "Put character_0 into noise"
    review.undo()
    do(review, question, choice="trash")
    assert review.session.state.size(-2) == size


def test_pairs_of_items_are_linked(review):
    a, b = first(review, "character_0"), first(review, "character_1")
    question = Question("q", "pair", (Claim(a, True, 0.5, b),))
    for said, kind in ((True, "must"), (False, "cannot"), (None, "unsure")):
        do(review, question, (said,))
        (of,) = review.session.state.notes["links"].values()
        assert of[0].startswith(kind)
    with pytest.raises(BadInputError):
        commands_for(review, Question("q", "pair", (Claim(a, True, 0.5),)), (True,))


def test_a_page_of_items_says_what_it_did(review):
    rows = [*first(review, "character_0", 2), *first(review, "noise")]
    claims = tuple(Claim((row,), True, 0.9) for row in rows)
    question = Question("q", "place", claims, cluster="c0", shown=first(review, "character_0", 5)[3:4])
    label = do(review, question, (True, False, True))
    assert label == "2 items confirmed in character_0, 1 not"
    assert review.session.state.codes[rows].tolist() == [0, -1, 0]
    assert np.isin([rows[0], rows[2]], sorted(review.session.state.notes["pin"])).all()


def test_an_item_beside_a_cluster_goes_there_or_is_known_not_to_belong(review):
    a, b = first(review, "character_0"), first(review, "character_1")
    item, other = (int(row) for row in review.rows(review.items("noise"))[:2])
    claims = (
        Claim((item,), True, 0.8, a, ("c0",), sort="move"),
        Claim((other,), True, 0.6, b, ("c1",), sort="move"),
    )
    said = do(review, Question("q", "same", claims), (True, False))
    assert said == "Answered 2 pairs: 0 merged, 0 split off, 1 item moved"
    codes, notes = review.session.state.codes, review.session.state.notes
    assert codes[item] == codes[a[0]] and codes[other] == -1 and list(notes["pin"]) == [item]
    assert [text.split()[0] for of in notes["links"].values() for text in of] == ["cannot"]
    review.undo()
    assert review.session.state.codes[item] == -1 and not review.session.state.notes["pin"]


def test_an_item_that_moves_does_not_leave_with_its_part(review):
    rows = first(review, "character_3", 5)
    claims = (
        Claim(rows[1:2], False, 0.1, rows[:1], ("c3",), rows[1:4]),
        Claim(rows[3:4], True, 0.8, first(review, "character_0"), ("c0",), sort="move"),
    )
    do(review, Question("q", "same", claims), (False, True))
    codes = review.session.state.codes
    assert codes[rows[1]] == codes[rows[2]] >= 8 and codes[rows[3]] == 0


def test_what_does_not_belong_begins_clusters_of_its_own(review):
    rows = first(review, "character_3", 6)
    claims = tuple(Claim((row,), True, 0.8, sort="check") for row in rows)
    question = Question("q", "place", claims, cluster="c3", shown=first(review, "character_3", 8)[6:])
    sent = (None, "+1", "+1", "+2", "c0", None)
    said = do(review, question, (True, False, False, False, False, False), sent=sent)
    assert said == (
        "1 item confirmed in character_3, 1 sent elsewhere, 3 begin cluster_2 and cluster_3, 1 not"
    )
    codes = review.session.state.codes
    assert codes[rows[1]] == codes[rows[2]] >= 8 and codes[rows[3]] > codes[rows[1]] and codes[rows[4]] == 0
    assert codes[rows[0]] == 3 and codes[rows[5]] == -1
    assert sorted(review.session.state.notes["pin"]) == sorted(rows[:5])
