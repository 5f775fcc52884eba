"""A step's folder: never overwritten unasked, and with force only its own files go."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shoal.compute.runs import FILES_NAME, RECORD_NAME, RunFolder, as_json, record_parameters, write_json
from shoal.errors import BadInputError, ExistsError


def _run(out: Path, names: list[str], *, force: bool = False, step: str = "draw") -> None:
    with RunFolder(out, step, {"n": len(names)}, force=force, seed=3) as run:
        for name in names:
            run.own(name).write_text(name)
        run.facts["written"] = len(names)


def _record(out: Path) -> dict[str, object]:
    return json.loads((out / RECORD_NAME).read_text())


def test_the_record_says_what_was_run(tmp_path: Path) -> None:
    _run(tmp_path / "out", ["a", "sub/b"])
    record = _record(tmp_path / "out")
    assert (record["step"], record["seed"], record["complete"], record["written"]) == ("draw", 3, True, 2)
    assert record["parameters"] == {"n": 2}
    versions = record["versions"]
    assert isinstance(versions, dict) and "numpy" in versions and "python" in versions
    assert (tmp_path / "out/sub/b").read_text() == "sub/b"


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ExistsError, match=str(tmp_path)) as caught:
        _run(tmp_path, ["a"])
    assert "force=True" in caught.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_force_replaces_own_files_and_leaves_others(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _run(out, ["old", "both"])
    (out / "mine.txt").write_text("mine")
    _run(out, ["both", "new"], force=True)
    assert {p.name for p in out.iterdir()} == {"both", "new", "mine.txt", RECORD_NAME, FILES_NAME}


def test_force_does_not_replace_another_steps_result(tmp_path: Path) -> None:
    _run(tmp_path / "out", ["a"])
    with pytest.raises(ExistsError, match="draw"):
        _run(tmp_path / "out", ["b"], force=True, step="paint")
    assert (tmp_path / "out/a").exists()


def test_a_list_that_points_outside_removes_nothing_there(tmp_path: Path) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    _run(out, ["a"])
    precious.write_text("x")
    (out / "link").symlink_to(precious)
    (out / "door").symlink_to(tmp_path)
    lines = ["../precious", str(precious), "link", "door/precious", "a"]
    (out / FILES_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    _run(out, ["b"], force=True)
    assert precious.read_text() == "x" and (out / "link").is_symlink() and not (out / "a").exists()


def test_an_interrupted_run_keeps_what_it_has_done(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt), RunFolder(out, "draw", {}, force=False) as run:
        run.own("a").write_text("a")
        raise KeyboardInterrupt
    assert _record(out)["complete"] is False and (out / "a").exists()
    _run(out, ["b"], force=True)
    assert not (out / "a").exists() and _record(out)["complete"] is True


def test_a_file_as_folder_and_a_damaged_record_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInputError, match="file"):
        _run(tmp_path / "file", [])
    _run(tmp_path / "out", ["a"])
    (tmp_path / "out" / RECORD_NAME).write_text("{")
    with pytest.raises(BadInputError, match="cannot be read"):
        _run(tmp_path / "out", ["a"], force=True)


def test_own_needs_an_open_run(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="not open"):
        RunFolder(tmp_path, "draw", {}, force=False).own("a")


def test_json_of_what_steps_hold(tmp_path: Path) -> None:
    held = {
        "path": Path("a"),
        "n": np.int64(3),
        "xs": np.array([1.5]),
        "set": {"b", "a"},
        "name": "\udcff",
        "o": int,
    }
    assert as_json(held)["xs"] == [1.5] and as_json(held)["set"] == ["a", "b"]
    write_json(tmp_path / "a.json", held)
    assert json.loads((tmp_path / "a.json").read_text())["name"] == "\udcff"
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    record_parameters(tmp_path, "look", {"k": 1}, seconds=1.23456)
    assert _record(tmp_path)["seconds"] == 1.235
