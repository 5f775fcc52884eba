"""A folder as plain dictionaries: read, changed by another tool, handed back."""

from __future__ import annotations

import json

import pytest

from shoal.errors import BadInputError, ConflictError
from shoal.review.exchange import load_clusters, save_clusters
from shoal.review.review import open_review
from tests.unit.review.folders import by_folder, make_folder


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "a")


def test_the_shape_of_what_is_loaded(folder):
    loaded = load_clusters(folder)
    assert loaded["path"] == str(folder) and json.loads(json.dumps(loaded)) == loaded
    assert [(c["name"], c["metadata"]["kind"]) for c in loaded["clusters"]] == [
        ("character_0", "cluster"),
        ("character_1", "cluster"),
        ("character_2", "cluster"),
        ("noise", "noise"),
    ]
    first = loaded["clusters"][0]
    assert set(first) == {"id", "name", "description", "images", "metadata"}
    assert first["images"][0] == {
        "id": "character_0/a_00.png", "name": "a_00.png", "path": str(folder / "character_0/a_00.png"),
    }  # fmt: skip
    assert not (folder / ".shoal").exists()


def test_edits_that_are_not_saved_are_seen(folder):
    review = open_review(folder)
    review.rename("character_0", "bunny")
    assert load_clusters(folder)["clusters"][0]["name"] == "bunny"


def test_what_another_tool_made_of_it_is_saved(folder):
    loaded = load_clusters(folder)
    a, b, c, noise = loaded["clusters"]
    b["name"], b["description"] = "bunny", "white"
    b["images"].append(a["images"].pop(0))
    fresh = {"id": "new-1", "name": "liz", "description": "", "images": [noise["images"].pop()["path"]]}
    answer = save_clusters({"path": str(folder), "clusters": [a, b, c, noise, fresh], "changes": []})
    assert answer == {"status": "success", "changes_saved": 1}
    found = by_folder(folder)
    assert found["bunny"][0] == "a_00.png" and found["liz"] == ["a_10.png"] and len(found["character_0"]) == 3
    assert open_review(folder).clusters.set_index("name").loc["bunny", "description"] == "white"


def test_changes_come_first_and_clusters_say_where_it_ends(folder):
    a, b, *_ = load_clusters(folder)["clusters"]
    picture = a["images"].pop(0)
    b["images"].append(picture)
    change = {
        "type": "move_images", "sourceClusterId": a["id"], "targetClusterId": b["id"],
        "imageIds": [picture["id"]], "timestamp": 0,
    }  # fmt: skip
    rename = {"type": "rename_cluster", "clusterId": a["id"], "newName": "liz"}
    a["name"] = "liz"
    answer = save_clusters({"path": str(folder), "clusters": [a, b], "changes": [change, rename]})
    assert answer["changes_saved"] == 2
    assert by_folder(folder)["character_1"][0] == "a_00.png" and len(by_folder(folder)["liz"]) == 3
    assert len(open_review(folder).history) == 2


def test_nothing_to_do_saves_nothing(folder):
    loaded = load_clusters(folder)
    assert save_clusters({**loaded, "changes": []}) == {"status": "success", "changes_saved": 0}
    assert not list(folder.glob("changes_*"))


def test_a_picture_listed_twice_or_a_taken_name_changes_nothing(folder):
    before = by_folder(folder)
    a, b, *_ = load_clusters(folder)["clusters"]
    with pytest.raises(BadInputError, match="listed in 'character_0' and in 'character_1'"):
        save_clusters({"path": folder, "clusters": [a, {**b, "images": [*b["images"], a["images"][0]]}]})
    with pytest.raises(ConflictError, match="there is a cluster 'character_2' already"):
        save_clusters({"path": folder, "clusters": [{**a, "name": "character_2"}]})
    with pytest.raises(BadInputError, match="has no path"):
        save_clusters({"clusters": []})
    assert by_folder(folder) == before
