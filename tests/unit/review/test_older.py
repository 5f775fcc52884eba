"""Logs of older sorting tools: read in several spellings, replayed as edits, never guessed."""

import json

import pytest

from shoal.cli import main
from shoal.errors import BadInputError, ConflictError, MissingError
from shoal.review.changefile import CreateAction, DeleteAction, MergeAction, RenameAction, SortAction
from shoal.review.older import is_older, read_older
from shoal.review.outside import apply_changes
from shoal.review.review import open_review
from tests.unit.review.folders import by_folder, make_folder


def leave(root, actions=None, state=None):
    """A ``.clustering`` folder as an older tool leaves it."""
    home = root / ".clustering"
    home.mkdir(parents=True, exist_ok=True)
    if actions is not None:
        lines = [a if isinstance(a, str) else json.dumps(a) for a in actions]
        (home / "actions.jsonl").write_text("\n".join(lines) + "\n")
    if state is not None:
        (home / "state.json").write_text(json.dumps(state))
    return home


SPELLINGS = [
    {"type": "assign", "image": "noise/a_09.png", "cluster": "liz"},
    {"action": "move", "path": "noise\\a_09.png", "to": "liz", "ts": 1.5},
    {"op": "assign_image", "images": ["a_09.png"], "label": "liz"},
    {"kind": "manual", "item": {"path": "./noise/a_09.png"}, "target": "liz", "note": ""},
    {"event": "move-images", "imageIds": ["noise/a_09.png"], "targetClusterId": 4},
    {"image": "noise/a_09.png", "cluster": "liz"},
]


@pytest.mark.parametrize("line", SPELLINGS)
def test_an_assignment_is_read_in_any_spelling(tmp_path, line):
    home = leave(tmp_path, [line], {"clusters": [{"id": 4, "name": "liz"}]})
    [action] = read_older(home)
    assert isinstance(action, SortAction) and action.target == "liz" and action.note == ""
    assert action.images[0].endswith("a_09.png") and "\\" not in action.images[0]


def test_a_whole_path_is_one_of_the_folder(tmp_path):
    home = leave(tmp_path, [{"type": "assign", "image": str(tmp_path / "x" / "1.png"), "cluster": "liz"}])
    assert read_older(home)[0].images == ["x/1.png"]


def test_undo_and_redo_are_carried_out_while_reading(tmp_path):
    one = {"type": "assign", "image": "1.png", "cluster": "liz"}
    auto = {"type": "auto_move", "threshold": 0.7, "moves": {"2.png": "liz", "3.png": "fox", "4.png": "fox"}}
    lines = [one, auto, {"type": "undo"}, {"type": "redo"}, {"type": "undo"}, {"type": "undo"}, one]
    assert [a.images for a in read_older(leave(tmp_path, lines))] == [["1.png"]]
    made = read_older(leave(tmp_path, [{"type": "undo"}, one, auto]))
    assert [(a.images, a.target, a.note) for a in made] == [
        (["1.png"], "liz", ""),
        (["2.png"], "liz", "auto"),
        (["3.png", "4.png"], "fox", "auto"),
    ]


def test_the_other_actions(tmp_path):
    lines = [
        {"type": "new_cluster", "name": "liz"},
        {"type": "create_cluster", "cluster": "fox", "image": "1.png"},
        {"type": "rename_cluster", "clusterId": "liz", "newName": "Liz"},
        {"type": "merge", "from": "fox", "into": "Liz"},
        {"type": "merge_clusters", "clusterIds": ["a", "b"], "mergedCluster": {"id": 9, "name": "both"}},
        {"type": "delete", "image": "2.png"},
        {"type": "delete", "cluster": "old"},
        {"type": "unassign", "image": "3.png"},
        {"type": "auto_move", "threshold": 0.7, "count": 12},
        {"type": "skip", "image": "4.png"},
        "",
    ]
    made = read_older(leave(tmp_path, lines))
    kinds = [CreateAction, SortAction, RenameAction, MergeAction, MergeAction]
    assert [type(a) for a in made] == [*kinds, SortAction, DeleteAction, SortAction]
    assert made[3].clusters == ["fox", "Liz"] and made[4].merged.name == "both"
    assert (made[5].target, made[7].target) == ("trash", "noise")


@pytest.mark.parametrize(
    "state",
    [
        {"clusters": {"liz": ["1.png"]}, "deleted": ["2.png"]},
        {"clusters": {"7": {"name": "liz", "images": [{"path": "1.png"}]}}, "trash": ["2.png"]},
        {"clusters": [{"id": 7, "name": "liz", "images": ["1.png"]}], "excluded": ["2.png"]},
        {
            "assignments": {"1.png": 7, "3.png": "unassigned"},
            "clusters": [{"id": 7, "name": "liz"}],
            "deleted": ["2.png"],
        },
    ],
)
def test_a_state_alone_is_read_in_any_layout(tmp_path, state):
    made = read_older(leave(tmp_path, None, state))
    assert [(a.images, a.target, a.note) for a in made] == [
        (["1.png"], "liz", "state"),
        (["2.png"], "trash", "state"),
    ]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([{"type": "frobnicate"}], "line 1 .*'frobnicate' is unknown"),
        (["[1, 2]"], "line 1 .*no JSON object"),
        (["{broken", {"type": "undo"}], "line 1 "),
        ([{"type": "assign", "image": "1.png"}], "line 1 .*names no cluster"),
        ([{"type": "assign", "image": [[]], "cluster": "liz"}], "line 1 .*is no picture"),
        ([{"type": "assign", "cluster": "liz"}], "line 1 "),
        ([{"type": "rename", "cluster": "liz"}], "line 1 .*has no 'newName'"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(tmp_path, lines, what):
    with pytest.raises(BadInputError, match=what):
        read_older(leave(tmp_path, lines))


def test_a_torn_last_line_was_never_finished(tmp_path):
    home = leave(tmp_path, [{"type": "assign", "image": "1.png", "cluster": "liz"}])
    with (home / "actions.jsonl").open("a") as file:
        file.write('{"type": "assi')
    assert len(read_older(home)) == 1


def test_a_folder_without_either_file_and_a_broken_state_say_so(tmp_path):
    with pytest.raises(MissingError, match="neither"):
        read_older(tmp_path)
    home = leave(tmp_path, [])
    (home / "state.json").write_text("{")
    with pytest.raises(BadInputError, match="JSON"):
        read_older(home)
    (home / "state.json").write_text("[]")
    with pytest.raises(BadInputError, match="no JSON object"):
        read_older(home)
    assert is_older(home) and is_older(home / "actions.jsonl") and is_older(home / "state.json")
    assert not is_older(tmp_path / "changes.json") and not is_older(tmp_path / "state.json")


ACTIONS = [
    {"type": "assign", "image": "a_09.png", "cluster": "liz"},
    {"type": "assign", "image": "character_0/a_00.png", "cluster": "liz"},
    {"type": "assign", "image": "character_0/a_01.png", "cluster": "liz"},
    {"type": "undo"},
    {"type": "auto_move", "moves": [{"image": "a_10.png", "cluster": "character_1"}]},
    {"type": "delete", "image": "a_08.png"},
    {"type": "rename", "cluster": "character_2", "name": "fox"},
]
STATE = {"clusters": {"liz": ["a_09.png", "a_00.png"], "character_1": ["a_10.png", "a_02.png"]}}


def test_the_whole_history_becomes_edits_that_can_be_undone_and_saved(tmp_path):
    root = make_folder(tmp_path / "photos")
    home = leave(root, ACTIONS, STATE)
    before = {p.name: p.read_bytes() for p in home.iterdir()}
    done = apply_changes(root, home, save=False)
    assert (done.applied, done.unchanged, done.conflicts) == (6, 1, ())
    review = open_review(root)
    assert sorted(review.items("liz")) == ["character_0/a_00.png", "noise/a_09.png"]
    assert {"noise/a_10.png", "character_0/a_02.png"} <= set(review.items("character_1"))
    assert review.session.history.entries[0].record.label == "Assigned to liz"
    notes = [e.record.data.get("note") for e in review.session.history.entries]
    assert notes[:3] == ["answer", "answer", "auto"]
    pins = {review.session.table.ids[row] for row in review.session.state.notes["pin"]}
    assert pins == {"noise/a_09.png", "character_0/a_00.png"}, "what a machine moved is not vouched for"
    review.jump(0)
    assert len(review.items("noise")) == 2 and "liz" not in set(review.clusters["name"])
    review.jump(len(review.history))
    review.save()
    assert sorted(by_folder(root)["liz"]) == ["a_00.png", "a_09.png"]
    assert {p.name: p.read_bytes() for p in home.iterdir()} == before
    again = apply_changes(root, home, dry_run=True, on_conflict="skip")
    assert again.applied == 0 and [c[1] for c in again.conflicts] == ["rename_cluster 'character_2'"]
    review.close()


def test_pictures_that_are_gone_are_a_conflict_or_left_out(tmp_path):
    root = make_folder(tmp_path / "photos")
    home = leave(root, [*ACTIONS, {"type": "assign", "image": "gone.png", "cluster": "liz"}])
    with pytest.raises(ConflictError, match="gone"):
        apply_changes(root, home, save=False)
    done = apply_changes(root, home, dry_run=True, on_conflict="skip")
    assert done.applied == 5 and "gone.png" in done.conflicts[0][2]


def test_the_command_line_takes_the_folder_too(tmp_path, capsys):
    root = make_folder(tmp_path / "photos")
    home = leave(root, ACTIONS)
    assert main(["apply", str(root), str(home), "--dry-run"]) == 0
    assert "5 of 5 actions applied" in capsys.readouterr().out
