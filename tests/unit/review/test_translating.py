"""Other tools' ids become items and clusters of the review, or an error that names them."""

from __future__ import annotations

import pytest

from shoal.errors import BadInputError, MissingError
from shoal.review.changefile import read_actions
from shoal.review.history import History
from shoal.review.session import Session
from shoal.review.table import ItemTable
from shoal.review.translating import Translator, command_label, stem_of
from tests.unit.review.fixtures import N, small_state


@pytest.fixture
def translator() -> Translator:
    ids = [f"character_0/f{i}.png" for i in range(N)]
    return Translator(Session(ItemTable(ids), small_state(), History(), None))


def test_clusters_by_id_name_and_the_words_for_noise(translator):
    assert translator.cluster("c1") == translator.cluster("character_1") == "c1"
    assert {translator.cluster(word) for word in ("noise", "-1", "Unclassified")} == {"noise"}
    with pytest.raises(MissingError, match="no cluster 'x'"):
        translator.cluster("x")


def test_items_by_id_file_name_and_stem(translator):
    assert translator.rows(["character_0/f1.png", "f2.png", "f10"]).tolist() == [1, 2, 10]
    with pytest.raises(MissingError, match="no item is called 'f1'"):
        translator.rows(["f1"], "c1")  # it is in c0


def test_fixed_places_are_not_edited(translator):
    (rename,) = read_actions({"type": "rename_cluster", "clusterId": "-1", "newName": "x"})
    with pytest.raises(BadInputError, match="a fixed place"):
        translator.command(rename)


def test_labels_and_stems():
    actions = read_actions(
        [
            {"type": "rename_cluster", "clusterId": "a", "newName": "x"},
            {"type": "create_cluster", "cluster": "y"},
            {"change": {}, "label": "said"},
        ]
    )
    assert [command_label(a) for a in actions] == ["rename_cluster 'a'", "create_cluster", "said"]
    assert [stem_of(n) for n in ("a.b.png", ".hidden", "plain")] == ["a.b", ".hidden", "plain"]
