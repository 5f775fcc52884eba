"""Files of changes are read strictly, and what is wrong is said by number."""

from __future__ import annotations

import json

import pytest

from shoal.errors import BadInputError, MissingError
from shoal.review.changefile import MergeAction, MoveAction, PortableAction, RenameAction, read_actions

MOVE = {"type": "move_images", "sourceClusterId": 0, "targetClusterId": "c1", "imageIds": ["a", 7]}
RENAME = {"type": "rename_cluster", "clusterId": "c1", "newName": "liz", "timestamp": 1.5}
MERGE = {"type": "merge_clusters", "clusterIds": ["c1", "c2"], "mergedCluster": {"id": "m", "name": "liz"}}


@pytest.mark.parametrize(
    "wrap", [lambda a: a, lambda a: {"changes": a}, lambda a: {"type": "changes", "version": 1, "actions": a}]
)
def test_the_shapes_of_a_file(wrap):
    move, rename, merge = read_actions(wrap([MOVE, RENAME, MERGE]))
    assert isinstance(move, MoveAction) and move.images == ["a", "7"] and move.source == "0"
    assert isinstance(rename, RenameAction) and rename.name == "liz"
    assert isinstance(merge, MergeAction) and merge.merged.name == "liz"


def test_one_action_alone_is_a_list_of_one(tmp_path):
    (only,) = read_actions(RENAME)
    assert isinstance(only, RenameAction)
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"change": {"items": [{"from": "a", "to": "b", "ids": ["x"]}]}, "label": "l"}))
    (action,) = read_actions(path)
    assert isinstance(action, PortableAction) and action.change.items[0].source == "a"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ([MOVE, {"type": "explode"}], "action 2"),
        ([{"type": "move_images", "targetClusterId": "c", "imageIds": "abc"}], "imageIds"),
        ([{"type": "merge_clusters", "clusterIds": ["a"], "mergedCluster": "x"}], "clusterIds"),
        ([{"change": {"items": [{"from": "a", "ids": []}]}}], "change.items.0.to"),
        ([3], "action 1"),
        (7, "a list of actions"),
        ({"type": "changes", "version": 9, "actions": []}, "version 9"),
    ],
)
def test_what_cannot_be_read_is_named(bad, says):
    with pytest.raises(BadInputError, match=says):
        read_actions(bad)


def test_files_that_are_missing_or_no_json(tmp_path):
    with pytest.raises(MissingError):
        read_actions(tmp_path / "none.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(BadInputError, match="cannot be read as JSON"):
        read_actions(tmp_path / "x.json")
