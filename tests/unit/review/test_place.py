"""The place in the assign queue, as a file."""

import json

import pytest

from shoal.errors import DamagedError
from shoal.review.place import Place


def test_it_comes_back_as_it_was(tmp_path):
    file = tmp_path / "queue.json"
    place = Place(later=["a/1.png", "a/é.png"], shuffle=3, manual_only=True, paged=True, at="a/2.png")
    place.write(file)
    assert Place.read(file) == place
    assert Place.read(None) == Place.read(tmp_path / "none.json") == Place()


def test_one_from_before_there_were_pages_is_read(tmp_path):
    file = tmp_path / "queue.json"
    facts = {"v": 1, "later": [], "shuffle": None, "manual_only": False, "at": "a/1.png"}
    file.write_text(json.dumps(facts))
    assert Place.read(file) == Place(at="a/1.png")


def test_a_damaged_one_is_named(tmp_path):
    file = tmp_path / "queue.json"
    file.write_text("{")
    with pytest.raises(DamagedError, match=r"queue\.json"):
        Place.read(file)
