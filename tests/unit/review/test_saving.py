"""A save from the review: folders, report, change log."""

import json
import time

import pytest

import shoal.disk.read as read_module
from shoal.errors import ConflictError, ShoalError
from shoal.review.review import open_review
from shoal.review.saving import make_changes, make_report, save_session, wishes
from shoal.store.filesystem import FileSystem
from tests.unit.review.folders import by_folder, make_folder, tree


def test_only_what_is_elsewhere_is_wished(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    assert wishes(review.session) == []
    review.move(["character_0/a_00.png"], "character_1")
    assert [(w.path, w.folder, w.name) for w in wishes(review.session)] == [
        ("character_0/a_00.png", "character_1", "a_00.png")
    ]


def test_a_save_moves_pictures_and_their_captions(tmp_path):
    make_folder(tmp_path)
    before = tree(tmp_path)
    review = open_review(tmp_path)
    review.move(["character_0/a_00.png"], "character_1")
    review.rename("character_2", "bunny")
    review.to_noise(["character_0/a_01.png"])
    review.trash(["noise/a_09.png"])
    done = review.save()
    after = tree(tmp_path)
    assert sorted(after.values()) == sorted(before.values())
    assert after["character_1/a_00.png"] == before["character_0/a_00.png"]
    assert after["character_1/a_00.txt"] == before["character_0/a_00.txt"]
    assert by_folder(tmp_path)["bunny"] == ["a_07.png", "a_08.png"]
    assert by_folder(tmp_path)["trash"] == ["a_09.png"]
    assert not (tmp_path / "character_2").exists()
    assert review.session.history.unsaved == 0
    assert review.file("character_0/a_00.png") == tmp_path / "character_1" / "a_00.png"
    changes = json.loads((tmp_path / done.changes_file).read_text())
    assert [a["label"] for a in changes["actions"]][:2] == [
        "Moved 1 item to character_1",
        "Renamed character_2 to bunny",
    ]
    assert ["character_0/a_00.png", "character_1/a_00.png"] in changes["moves"]
    report = json.loads((tmp_path / "cluster_report.json").read_text())
    assert {c["name"]: c["items"] for c in report["clusters"]}["bunny"] == ["a_07.png", "a_08.png"]


def test_undo_after_a_save_and_saving_again_gives_the_old_tree_back(tmp_path):
    make_folder(tmp_path)
    before = tree(tmp_path)
    review = open_review(tmp_path)
    review.merge(["character_0", "character_1"], name="bunny")
    review.split(["character_2/a_07.png", "noise/a_09.png"], name="liz")
    review.save()
    assert tree(tmp_path) != before
    review.undo()
    review.undo()
    review.save()
    assert tree(tmp_path) == before


def test_after_reopening_a_save_has_nothing_to_do(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.merge(["character_0", "character_1"], name="bunny")
    review.save()
    again = open_review(tmp_path)
    assert again.plan().empty
    assert again.session.history.unsaved == 0
    assert again.session.state.equals(review.session.state)


def test_same_names_meet_in_a_merge_and_part_again(tmp_path):
    """Fault row 11."""
    make_folder(tmp_path, captions=False)
    for folder in ("character_0", "character_1", "noise"):
        (tmp_path / folder / "same.png").write_bytes(
            (tmp_path / "noise" / "a_09.png").read_bytes() + folder.encode()
        )
    before = tree(tmp_path)
    review = open_review(tmp_path)
    review.merge(["character_0", "character_1"], name="bunny")
    review.move(["noise/same.png"], "bunny")
    review.save()
    assert sorted(tree(tmp_path).values()) == sorted(before.values())
    assert len([n for n in by_folder(tmp_path)["bunny"] if n.startswith("same")]) == 3
    review.jump(0)
    review.save()
    assert tree(tmp_path) == before


def test_a_stale_base_saves_nothing(tmp_path):
    """Fault row 26."""
    make_folder(tmp_path)
    before = tree(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")
    with pytest.raises(ConflictError):
        save_session(review.session, tmp_path, base=0)
    assert tree(tmp_path) == before


def test_a_cancelled_save_leaves_the_folder_as_it_was(tmp_path):
    make_folder(tmp_path)
    before = tree(tmp_path)
    review = open_review(tmp_path)
    review.merge(["character_0", "character_1"], name="bunny")
    with pytest.raises(ShoalError):
        save_session(review.session, tmp_path, cancel=lambda: True)
    assert tree(tmp_path) == before
    assert review.session.history.unsaved == 1
    review.save()
    assert len(by_folder(tmp_path)["bunny"]) == 7


def test_progress_comes_to_its_end(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")
    seen = []
    save_session(
        review.session, tmp_path, progress=lambda done, total, what: seen.append((done, total, what))
    )
    assert seen
    assert seen[-1][0] == seen[-1][1]


def test_a_commit_that_the_log_missed_is_made_good(tmp_path, monkeypatch):
    """Killed between the commit record and the line in the edit log."""
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.rename("character_0", "liz")

    def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(review.session, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        review.save()
    again = open_review(tmp_path)
    assert again.plan().empty
    assert again.session.history.unsaved == 0
    assert again.session.table.missing == set()
    assert again.file("character_0/a_00.png") == tmp_path / "liz" / "a_00.png"


def test_report_and_changes_are_plain_data(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.delete("character_1")
    review.save()
    review.undo()
    changes = make_changes(review.session, {})
    assert [(a["label"], a["undone"]) for a in changes["actions"]] == [
        ("Undid: Deleted character_1; 3 items to noise", True)
    ]
    report = make_report(review.session, {})
    assert json.loads(json.dumps(report)) == report
    assert report["n_items"] == 11


def test_a_picture_edited_in_place_after_the_folder_was_read_is_still_moved(tmp_path):
    make_folder(tmp_path)
    time.sleep(0.03)
    review = open_review(tmp_path)
    review.plan()  # the folder is read, and kept in mind
    with (tmp_path / "character_0/a_00.png").open("ab") as file:
        file.write(b"edited")
    with (tmp_path / "character_0/a_01.png").open("ab") as file:
        file.write(b"edited too, and stays")
    before = tree(tmp_path)
    review.move(["character_0/a_00.png"], "character_1")
    review.save()
    after = tree(tmp_path)
    assert after["character_1/a_00.png"] == before["character_0/a_00.png"]
    assert after["character_0/a_01.png"] == before["character_0/a_01.png"]
    assert review.verify().ok


def test_a_second_save_reads_only_the_folders_that_have_changed(tmp_path, monkeypatch):
    make_folder(tmp_path)
    time.sleep(0.03)
    review = open_review(tmp_path)
    review.plan()
    time.sleep(0.03)
    read = []
    real = read_module._read_cluster
    monkeypatch.setattr(
        read_module, "_read_cluster", lambda fs, name, *rest: (read.append(name), real(fs, name, *rest))[1]
    )
    review.move(["character_0/a_00.png"], "character_1")
    review.save()
    assert read == []
    review.undo()
    review.save()
    assert sorted(read) == ["character_0", "character_1"]


def test_after_a_failed_save_the_next_look_is_a_whole_one(tmp_path):
    make_folder(tmp_path)
    review = open_review(tmp_path)
    review.move(["character_0/a_00.png"], "character_1")
    review.plan()

    class Meddled(FileSystem):
        def stat_many(self, paths):
            (tmp_path / "character_0/a_00.png").write_bytes(b"edited at the last moment")
            return super().stat_many(paths)

    with Meddled(tmp_path) as disk, pytest.raises(ShoalError, match="changed since"):
        save_session(review.session, tmp_path, fs=disk)
    assert review.session.looked is None
    assert review.session.history.unsaved == 1
    assert review.save().revision == 1
    assert (tmp_path / "character_1/a_00.png").read_bytes() == b"edited at the last moment"
