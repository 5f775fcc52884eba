"""The demo's own parts; that it runs whole is shown by the notebooks' tests and by ``make demo``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shoal
from shoal import demo
from shoal.data.tables import Items
from shoal.errors import ExistsError


def summary_of(out: Path, **changes: Any) -> dict[str, Any]:
    """A summary as a finished demo leaves it, with the folder that belongs to it."""
    (out / "clustered").mkdir(parents=True, exist_ok=True)
    (out / "clustered" / "cluster_report.json").write_text("{}")
    names = ("shots", "frames", "instances", "near_duplicates", "rejected", "tracks", "clusters",
             "identities", "noise", "items_in_review")  # fmt: skip
    made = {
        "version": shoal.__version__,
        "settings": demo.SETTINGS,
        "counts": dict.fromkeys(names, 7),
        "seconds": {"embed": 1.25, "total": 1.25},
        **changes,
    }
    (out / "summary.json").write_text(json.dumps(made))
    return made


def test_the_clip_and_its_credit_are_there() -> None:
    assert demo.CLIP.stat().st_size > 500_000
    assert "Blender Foundation" in (demo.CLIP.parent / "CREDITS.txt").read_text()


def test_a_finished_demo_is_kept(tmp_path: Path) -> None:
    made = summary_of(tmp_path)
    assert demo.build(tmp_path) == {**made, "reused": True}


@pytest.mark.parametrize("changes", [{"version": "0.0.1"}, {"settings": {"embed": {"model": "colour"}}}])
def test_a_demo_of_another_make_is_not_kept(tmp_path: Path, changes: dict[str, Any]) -> None:
    summary_of(tmp_path, **changes)
    assert demo.finished(tmp_path) is None


@pytest.mark.parametrize("left", ["nothing", "half a summary", "no clusters"])
def test_an_unfinished_demo_is_not_kept(tmp_path: Path, left: str) -> None:
    if left != "nothing":
        summary_of(tmp_path)
    if left == "half a summary":
        (tmp_path / "summary.json").write_text('{"version": ')
    if left == "no clusters":
        (tmp_path / "clustered" / "cluster_report.json").unlink()
    assert demo.finished(tmp_path) is None


def pictures(folder: Path, n: int = 3) -> Items:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{i}.png" for i in range(n)]
    for name in names:
        (folder / name).write_bytes(b"a picture")
    return Items(folder, names)


def test_a_stage_that_was_finished_is_not_done_again(tmp_path: Path) -> None:
    told: list[bool] = []

    def step(force: bool) -> Items:
        told.append(force)
        return pictures(tmp_path / "cast")

    first = demo.Kept(tmp_path / "tables", force=False).or_do("segment", step)
    again = demo.Kept(tmp_path / "tables", force=False).or_do("segment", step)
    assert told == [False]
    assert isinstance(again, Items)
    assert list(again.paths) == list(first.paths)
    (tmp_path / "cast" / "1.png").unlink()
    demo.Kept(tmp_path / "tables", force=False).or_do("segment", step)
    assert told == [False, False], "a picture was missing"
    demo.Kept(tmp_path / "tables", force=True).or_do("segment", step)
    assert told == [False, False, True]


def test_a_stage_of_other_settings_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []

    def step(force: bool) -> Items:
        told.append(force)
        if not force and len(told) > 1:
            raise ExistsError("it already holds files", hint="force=True")
        return pictures(tmp_path / "cast")

    demo.Kept(tmp_path / "tables", force=False).or_do("segment", step)
    monkeypatch.setitem(demo.SETTINGS, "segment", {"min_size": 99})
    demo.Kept(tmp_path / "tables", force=False).or_do("segment", step)
    assert told == [False, False, True]


@pytest.mark.weights
def test_an_interrupted_demo_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shoal.steps import segment as module

    monkeypatch.setitem(demo.SETTINGS, "extract_frames", {"mode": "interval", "interval_s": 9.0})
    monkeypatch.setitem(demo.SETTINGS, "cluster", {"min_cluster_size": 2, "min_samples": 1})
    monkeypatch.setitem(demo.SETTINGS, "join_identities", {"min_cluster_size": 2})
    written = module._written
    cut: list[str] = []

    def counted(frame: Any, stem: str, run: Any) -> Any:
        if len(cut) == 4:
            raise KeyboardInterrupt
        cut.append(stem)
        return written(frame, stem, run)

    monkeypatch.setattr(module, "_written", counted)
    with pytest.raises(KeyboardInterrupt):
        demo.build(tmp_path, progress=False)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cast" / "character").iterdir()}
    first, cut[:] = list(cut), []
    monkeypatch.setattr(module, "_written", lambda f, s, r: (cut.append(s), written(f, s, r))[1])
    made = demo.build(tmp_path, progress=False)
    assert len(cut) + len(first) == made["counts"]["frames"], "each frame is cut once"
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())


def test_what_is_said_names_every_stage(tmp_path: Path) -> None:
    text = demo.describe({**summary_of(tmp_path), "reused": True}, tmp_path)
    assert "embed 1.2 s" in text or "embed 1.3 s" in text
    assert "kept" in text and "7 identities" in text
    assert str(tmp_path / "clustered") in text


def test_a_failure_is_a_line_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object, **__: object) -> None:
        raise shoal.ShoalError("no weights", hint="fetch them")

    monkeypatch.setattr(demo, "build", build)
    assert demo.main(["--out", str(tmp_path), "--no-lab"]) == 1
    assert capsys.readouterr().err == "shoal: no weights\n  → fetch them\n"
