"""Opening a folder: for the first time, again, after a crash, after somebody else was there."""

import json
import subprocess
import sys

import numpy as np
import pytest

from shoal.errors import DamagedError, MissingError
from shoal.review.opening import open_session, store_snapshot
from shoal.review.review import open_review
from tests.unit.review.folders import by_folder, make_folder


def names(review):
    return {r.name: review.session.state.size(r.code) for r in review.session.state.clusters.values()}


def test_a_folder_is_taken_as_it_is(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    assert names(review) == {"character_0": 4, "character_1": 3, "character_2": 2}
    assert review.items("noise") == ["noise/a_09.png", "noise/a_10.png"]
    assert review.broken == []


def test_the_report_gives_descriptions_back(tmp_path):
    make_folder(tmp_path)
    facts = {"name": "character_1", "description": "the hat", "tags": ["b", "a"], "reviewed": True}
    (tmp_path / "cluster_report.json").write_text(json.dumps({"clusters": [facts, "odd", {"name": 3}]}))
    row = open_review(tmp_path).clusters.set_index("name").loc["character_1"]
    assert (row.description, row.tags, row.reviewed) == ("the hat", ("a", "b"), True)


def test_everything_is_back_after_reopening(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.move(["character_0/a_00.png"], "character_1")
    review.rename("character_2", "bunny")
    review.tag(["character_0/a_01.png"], add=["night"])
    review.undo()
    review.checkpoint("before lunch")
    again = open_review(tmp_path)
    assert again.session.state.equals(review.session.state)
    assert again.revision == review.revision
    assert again.history.equals(review.history)
    assert again.redo() == "Redid: Tagged 1 item"


def test_a_killed_kernel_loses_no_acknowledged_edit(tmp_path):
    """Fault row 22: SIGKILL right after the edits were acknowledged."""
    make_folder(tmp_path)
    code = (
        "import os, sys; from shoal.review.review import open_review; r = open_review(sys.argv[1]);\n"
        "r.rename('character_0', 'liz'); r.split(['character_1/a_04.png'], name='tony'); r.undo();\n"
        "print(r.revision, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr
    again = open_review(tmp_path)
    assert again.revision == int(done.stdout) == 3
    assert "liz" in names(again)
    assert again.redo() == "Redid: Split 1 item off as tony"


def test_two_reviews_of_one_folder_follow_each_other(tmp_path):
    """A20: two kernels on one folder."""
    make_folder(tmp_path)
    one, two = open_review(tmp_path, actor="ann"), open_review(tmp_path, actor="bob")
    one.rename("character_0", "liz")
    two.rename("character_1", "tony")
    one.session.catch_up()
    assert one.session.state.equals(two.session.state)
    assert open_review(tmp_path).history.actor.tolist() == ["ann", "bob"]


def test_new_pictures_are_taken_in(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "new.png").write_bytes((tmp_path / "noise" / "a_09.png").read_bytes())
    again = open_review(tmp_path)
    assert again.items("extra") == ["extra/new.png"]
    assert again.undo() == "Undid: Renamed character_0 to liz"
    third = open_review(tmp_path)
    assert third.session.state.equals(again.session.state)
    assert third.session.table.ids == again.session.table.ids


def test_pictures_moved_by_other_means_are_followed(tmp_path):
    make_folder(tmp_path)
    open_review(tmp_path)
    (tmp_path / "character_0" / "a_00.png").rename(tmp_path / "character_1" / "a_00.png")
    again = open_review(tmp_path)
    assert "character_0/a_00.png" in again.items("character_1")
    assert again.history.label.tolist() == ["1 item was moved outside shoal"]
    assert again.session.history.unsaved == 0 or not again.plan().moves


def test_pictures_that_are_gone_are_marked_and_do_not_stop_a_save(tmp_path):
    make_folder(tmp_path, captions=False)
    open_review(tmp_path)
    (tmp_path / "character_0" / "a_00.png").unlink()
    again = open_review(tmp_path)
    assert again.session.table.missing == {0}
    again.rename("character_0", "liz")
    again.save()
    assert by_folder(tmp_path)["liz"] == ["a_01.png", "a_02.png", "a_03.png"]


def test_long_logs_are_folded_into_a_snapshot(tmp_path, monkeypatch):
    monkeypatch.setattr("shoal.review.opening.REPLAY_LIMIT", 10)
    make_folder(tmp_path)
    review = open_review(tmp_path)
    for i in range(15):
        review.rename("character_0" if i == 0 else f"x{i - 1}", f"x{i}")
    again = open_review(tmp_path)
    assert (tmp_path / ".shoal" / "snapshots" / "0000000015.npz").exists()
    third = open_review(tmp_path)
    assert third.session.state.equals(again.session.state)
    third.jump(3)
    assert "x2" in names(third)


def test_a_log_without_its_snapshots_is_an_error(tmp_path):
    make_folder(tmp_path)
    open_review(tmp_path).rename("character_0", "liz")
    for path in (tmp_path / ".shoal" / "snapshots").glob("*"):
        path.unlink()
    with pytest.raises(DamagedError, match="no snapshot"):
        open_review(tmp_path)


def test_a_log_of_another_folder_is_an_error(tmp_path):
    for name in ("one", "two"):
        make_folder(tmp_path / name)
        review = open_review(tmp_path / name, actor=name)
        review.rename("character_0", "liz")
        store_snapshot(review.session, tmp_path / name / ".shoal", 0)
    log = ".shoal/actions.jsonl"
    (tmp_path / "one" / log).write_bytes((tmp_path / "two" / log).read_bytes())
    with pytest.raises(DamagedError, match="does not belong"):
        open_review(tmp_path / "one")


def test_no_folder_is_said(tmp_path):
    with pytest.raises(MissingError, match="nowhere"):
        open_review(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_written_opens_to_look_at(tmp_path, monkeypatch):
    make_folder(tmp_path)
    monkeypatch.setattr("os.access", lambda *_args, **_kwargs: False)
    session, _ = open_session(tmp_path)
    assert "cannot be written" in str(session.read_only)
    assert not (tmp_path / ".shoal" / "actions.jsonl").exists()


def test_columns_come_from_beside_the_folder(tmp_path):
    from shoal.review.table import pack_names

    make_folder(tmp_path)
    (tmp_path / ".shoal").mkdir()
    blob, offsets = pack_names(["character_1/a_04.png"])
    xy = np.array([[3, 4]], np.float32)
    np.savez(tmp_path / ".shoal" / "vectors.npz", paths_blob=blob, paths_offsets=offsets, xy=xy)
    for _ in range(2):  # the second time from shoal's own table
        table = open_review(tmp_path).session.table
        assert table.columns["xy"][table.row("character_1/a_04.png")].tolist() == [3, 4]
