"""Headless edits: what fits is carried out and saved, what does not is refused and nothing touched."""

from __future__ import annotations

import json
import shutil

import pytest

from shoal.errors import BadInputError, ConflictError, MissingError, SaveError
from shoal.review.outside import apply_changes, export_changes
from shoal.review.review import open_review
from tests.unit.review.folders import by_folder, make_folder, tree


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "a")


def move(images, target, source=None):
    return {
        "type": "move_images", "sourceClusterId": source, "targetClusterId": target, "imageIds": images,
        "timestamp": "2025-01-01T00:00:00Z",
    }  # fmt: skip


def everything(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_an_export_brings_a_copy_to_the_same_tree(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "b")
    review = open_review(folder)
    review.move(["character_0/a_00.png"], "character_1")
    review.merge(["character_0", "character_2"], name="bunny")
    review.split(["noise/a_09.png"], name="liz")
    review.trash(["noise/a_10.png"])
    review.rename("liz", "lizzy")
    written = export_changes(review, tmp_path / "changes.json")
    assert json.loads((tmp_path / "changes.json").read_text()) == json.loads(json.dumps(written))
    review.save()
    done = apply_changes(tmp_path / "b", tmp_path / "changes.json", actor="night")
    assert (done.applied, done.unchanged, done.conflicts) == (5, 0, ())
    assert tree(tmp_path / "b") == tree(folder)
    assert export_changes(review)["actions"] == []
    assert len(export_changes(review, since="start")["actions"]) == 5


def test_a_dry_run_writes_nothing_and_says_what_would_be(folder):
    before = everything(folder)
    done = apply_changes(folder, [move(["a_00"], "character_1", "character_0")], dry_run=True)
    assert everything(folder) == before
    assert done.save is None and done.applied == 1
    assert "1 of 1 actions applied" in str(done) and "'character_0' → 'character_1'" in str(done)


def test_the_shapes_of_other_tools(folder):
    merged = {"id": "m1", "name": "bunny", "images": []}
    done = apply_changes(
        folder,
        [
            move(["character_0/a_00.png", "a_01.png", "a_02"], "character_1", "character_0"),
            {"type": "rename_cluster", "clusterId": "character_0", "newName": "liz"},
            {"type": "merge_clusters", "clusterIds": ["character_1", "character_2"], "mergedCluster": merged},
            move(["noise/a_09.png"], "m1", "noise"),
            {"type": "create_cluster", "cluster": {"id": "n1", "name": "new"}},
            move(["noise/a_10.png"], "n1", "-1"),
            {"type": "delete_cluster", "clusterId": "liz"},
        ],
    )
    assert done.applied == 7 and done.save is not None
    found = by_folder(folder)
    assert found["noise"] == ["a_03.png"] and found["new"] == ["a_10.png"] and len(found["bunny"]) == 9


def test_an_id_that_is_the_beginning_of_another_moves_only_its_own(tmp_path):
    root = make_folder(tmp_path / "a", sizes=(1, 1), noise=1)
    for name in ("frame1.png", "frame10.png", "frame1.5.png"):
        shutil.copy(root / "noise" / "a_02.png", root / "noise" / name)
    apply_changes(root, [move(["frame1"], "character_0", "noise")])
    assert by_folder(root)["character_0"] == ["a_00.png", "frame1.png"]


def test_what_does_not_fit_is_refused_whole_or_left_out(folder):
    actions = [move(["a_00"], "character_1", "character_0"), move(["nobody"], "character_1")]
    before = tree(folder)
    with pytest.raises(ConflictError, match=r"2\. move_images to 'character_1': no item is called 'nobody'"):
        apply_changes(folder, actions)
    assert tree(folder) == before and not list(folder.glob("changes_*"))
    done = apply_changes(folder, actions, on_conflict="skip")
    assert done.applied == 1 and done.conflicts[0][0] == 2
    assert by_folder(folder)["character_1"][0] == "a_00.png"
    again = apply_changes(folder, actions, on_conflict="skip")
    assert (again.applied, again.unchanged, again.save) == (0, 1, None)


def test_two_reviewers_are_merged_with_conflicts_listed(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "b")
    mine, hers = open_review(folder), open_review(other)
    mine.move(["character_0/a_00.png"], "character_1")
    hers.move(["character_0/a_00.png"], "character_2")
    hers.rename("character_2", "liz")
    done = apply_changes(folder, export_changes(hers), on_conflict="skip")
    assert done.applied == 1 and [c[0] for c in done.conflicts] == [1]
    assert "'character_0/a_00.png' is in 'character_1'" in done.conflicts[0][2]
    assert sorted(by_folder(folder)) == ["character_0", "character_1", "liz", "noise"]


def test_a_name_that_two_pictures_have_is_not_guessed(tmp_path):
    root = make_folder(tmp_path / "a", sizes=(1, 1), noise=0)
    shutil.copy(root / "character_0" / "a_00.png", root / "character_1" / "a_00.png")
    with pytest.raises(ConflictError, match="2 items are called 'a_00'"):
        apply_changes(root, [move(["a_00"], "noise")])
    apply_changes(root, [move(["a_00"], "noise", "character_1")])
    assert by_folder(root) == {
        "character_0": ["a_00.png"],
        "character_1": ["a_01.png"],
        "noise": ["a_00.png"],
    }


def test_without_save_the_edits_wait_in_the_review(folder):
    before = by_folder(folder)
    done = apply_changes(folder, [move(["a_00"], "character_1", "character_0")], save=False)
    assert by_folder(folder) == before and done.save is None
    review = open_review(folder)
    assert review.session.history.unsaved == 1
    review.undo()


def test_a_save_that_fails_takes_the_edits_back(folder, monkeypatch):
    def refuse(*_, **__):
        raise SaveError("no")

    monkeypatch.setattr("shoal.review.outside.save_session", refuse)
    with pytest.raises(SaveError):
        apply_changes(folder, [move(["a_00"], "character_1", "character_0")])
    review = open_review(folder)
    assert "character_0/a_00.png" in review.items("character_0")
    assert review.session.history.unsaved == 0


def test_wrong_arguments(folder):
    with pytest.raises(MissingError, match="no folder"):
        apply_changes(folder / "none", [])
    with pytest.raises(BadInputError, match="on_conflict"):
        apply_changes(folder, [], on_conflict="guess")
    review = open_review(folder)
    with pytest.raises(BadInputError, match="no point of the history"):
        export_changes(review, since=5)


def test_names_from_a_file_never_leave_the_root(folder, tmp_path):
    bad = [{"type": "rename_cluster", "clusterId": "character_0", "newName": "../../x"}]
    with pytest.raises(ConflictError, match="cannot be the name of a cluster"):
        apply_changes(folder, bad)
    with pytest.raises(ConflictError, match="no item is called"):
        apply_changes(folder, [move(["../../etc/passwd"], "character_1")])
