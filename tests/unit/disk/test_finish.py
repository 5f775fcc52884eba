from __future__ import annotations

import json
from pathlib import Path

import pytest

from shoal.disk.finish import create, free_changes_name, roll_back, roll_forward
from shoal.disk.layout import COMMITS, JOURNAL, changes_stage, commit_file, intent_file, report_stage
from shoal.disk.records import Create, Record, encode
from shoal.store.filesystem import FileSystem
from tests.unit.disk.folders import build, tree


@pytest.fixture
def fs(tmp_path: Path):
    build(tmp_path, ["a/1.png", "kept/2.png"])
    with FileSystem(tmp_path) as made:
        for folder in (".shoal", JOURNAL, COMMITS):
            made.mkdir(folder)
        yield made


def record(**changes) -> Record:
    facts = {
        "revision": 1, "id": "id", "at": "", "steps": (), "make_dirs": (), "remove_dirs": (),
        "backup": "link", "changes_file": "changes_x.json", "cluster_folders": (),
    }  # fmt: skip
    return Record(**{**facts, **changes})


def stage(fs: FileSystem, made: Record) -> None:
    fs.write_new(report_stage(1), b'{"new": 1}')
    fs.write_new(changes_stage(1), b'{"c": 1}')
    fs.write_new(intent_file(1), encode(made))


def test_forward_publishes_once_and_can_be_repeated(fs: FileSystem) -> None:
    root = Path(fs.root)
    (root / "cluster_report.json").write_text("{}")
    (root / "empty").mkdir()
    made = record(remove_dirs=("empty", "kept", "gone"))
    stage(fs, made)
    done = roll_forward(fs, made)
    assert json.loads((root / "cluster_report.json").read_text()) == {"new": 1}
    assert json.loads((root / "changes_x.json").read_text()) == {"c": 1}
    assert not (root / "empty").exists()
    assert any("'kept' is not empty" in note for note in done.notes)
    assert fs.entries(JOURNAL) == []
    (root / "cluster_report.json").write_text('{"edited": 1}')
    roll_forward(fs, made)
    assert json.loads((root / "cluster_report.json").read_text()) == {"edited": 1}


def test_a_report_that_is_a_link_is_replaced_not_followed(fs: FileSystem, tmp_path: Path) -> None:
    target = tmp_path / "a" / "target.json"
    target.write_text("precious")
    (Path(fs.root) / "cluster_report.json").symlink_to(target)
    made = record()
    stage(fs, made)
    roll_forward(fs, made)
    assert target.read_text() == "precious"
    assert not (Path(fs.root) / "cluster_report.json").is_symlink()


def test_back_takes_the_commit_and_new_folders_away(fs: FileSystem) -> None:
    made = record(make_dirs=("new", "new/faces", "used"))
    stage(fs, made)
    fs.link(intent_file(1), commit_file(1))
    for folder in made.make_dirs:
        fs.mkdir(folder)
    (Path(fs.root) / "used/mine.txt").write_text("somebody put this here")
    roll_back(fs, made)
    assert fs.stat(commit_file(1)) is None
    assert fs.stat("new") is None
    assert fs.stat("used/mine.txt") is not None
    assert fs.entries(JOURNAL) == []


@pytest.mark.parametrize("backup", ["link", "copy"])
def test_what_was_brought_back_is_taken_back(fs: FileSystem, backup: str) -> None:
    before = tree(Path(fs.root))
    fs.copy("a/1.png", ".shoal/kept.png")
    made = record(
        backup=backup, creates=(Create(".shoal/kept.png", "a/back.png"), Create(".shoal/kept.png", "a/1.png"))
    )
    assert create(fs, made) == {"a"}
    assert create(fs, made) == set(), "safe to repeat; what is there is not touched"
    assert fs.read("a/back.png") == fs.read("a/1.png")
    roll_back(fs, record(backup=backup, creates=made.creates[:1]))
    assert tree(Path(fs.root)) == before
    assert fs.stat(".shoal/kept.png") is not None


def test_names_of_change_logs_are_never_taken_twice(fs: FileSystem) -> None:
    names = []
    for _ in range(3):
        names.append(free_changes_name(fs, "20260101T000000Z"))
        (Path(fs.root) / names[-1]).write_bytes(b"{}")
    assert names == [f"changes_20260101T000000Z{end}.json" for end in ("", "_2", "_3")]
