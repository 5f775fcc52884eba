"""A night: what fails stops nothing, what was stopped goes on, the same seed gives the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from shoal.errors import BadInputError, ConflictError, ShoalError
from shoal.night import night_run
from shoal.night import title as stages
from shoal.review.review import open_review
from shoal.store.lock import this_process
from tests.conventions.sources import ROOT
from tests.unit.night.titles import FAST, hashes, make_broken, make_clip, make_pile


def run(titles, out: Path, **change):
    return night_run(titles, out=out, **{"overrides": FAST, "progress": False, **change})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("night")
    make_pile(root / "pile")
    make_clip(root)
    make_broken(root)
    return root


def test_one_that_fails_does_not_stop_the_others(place: Path, tmp_path: Path) -> None:
    titles = {"Good <film>": place / "clip.mp4", "broken": place / "broken.mp4", "pile": place / "pile"}
    night = run(titles, tmp_path)
    assert [t.ok for t in night.titles] == [True, False, True]
    assert "broken.mp4" in night.failed[0].error and "failed broken: " in str(night)
    with pytest.raises(ShoalError, match="1 of 3 titles failed: broken"):
        night.check()
    log = (night.folder / "log.txt").read_text()
    assert "broken failed" in log and "Traceback" in log
    held = json.loads((night.folder / "run.json").read_text())
    assert held["complete"] is False and held["plan"]["seed"] == 0 and "numpy" in held["versions"]
    assert held["plan"]["settings"]["pile"]["embed"] == {"model": "colour"}
    assert not (night.failed[0].folder / "review.ipynb").exists(), "there is nothing to review"
    for title in (night.titles[0], night.titles[2]):
        review = open_review(title.review)
        assert len(review.clusters) == 3 and (title.folder / "review.ipynb").is_file()
        assert (title.folder / "training" / "dataset.toml").is_file()
    page = (night.folder / "report.html").read_text()
    assert "Good &lt;film&gt;" in page and "<film>" not in page


def test_only_what_is_left_is_done(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [place / "clip.mp4", place / "pile"]
    real, calls = stages.cluster, []

    def fails_on_the_pile(vectors, **given):
        calls.append(len(vectors))
        if len(calls) == 2:
            raise RuntimeError("the disk is full of eels")
        return real(vectors, **given)

    monkeypatch.setattr(stages, "cluster", fails_on_the_pile)
    first = run(titles, tmp_path)
    assert [t.ok for t in first.titles] == [True, False]
    assert "RuntimeError: the disk is full of eels" in first.failed[0].error
    embedded: list[int] = []
    monkeypatch.setattr(stages, "embed", lambda *a, **k: embedded.append(1))
    again = run(titles, tmp_path)
    assert again.folder == first.folder and again.resumed and not again.failed
    assert len(calls) == 3 and not embedded, "only the stage that failed, and those after it"
    third = run(titles, tmp_path, resume=False, overrides={**FAST, "embed": {"model": "colour"}})
    assert third.folder != first.folder


def test_a_finished_run_is_not_gone_on_with(place: Path, tmp_path: Path) -> None:
    first = run([place / "pile"], tmp_path)
    second = run([place / "pile"], tmp_path)
    assert first.folder != second.folder and not second.resumed
    assert hashes(first.folder) == hashes(second.folder)


def test_the_same_seed_gives_the_same_bytes_on_one_process_and_on_two(place: Path, tmp_path: Path) -> None:
    titles = [place / "clip.mp4", place / "pile"]
    one = run(titles, tmp_path / "one", seed=3)
    with ProcessPoolExecutor(2) as pool:
        two = run(titles, tmp_path / "two", seed=3, executor=pool)
    listed = hashes(one.folder)
    assert len(listed) > 60 and listed == hashes(two.folder)
    assert not one.failed and not two.failed


def test_killed_in_the_middle_and_started_again(place: Path, tmp_path: Path) -> None:
    """A real process, killed as soon as the first title is done; the next one does what is left."""
    code = (
        "import time\nfrom pathlib import Path\nfrom shoal.night import night_run, title\n"
        "from tests.unit.night.titles import FAST\n"
        "real = title.cluster\n"
        "def slow(*a, **k):\n"
        "    time.sleep(0 if not Path('first').exists() else 60)\n"
        "    Path('first').touch()\n"
        "    return real(*a, **k)\n"
        "title.cluster = slow\n"
        f"night_run([{str(place / 'clip.mp4')!r}, {str(place / 'pile')!r}], out='runs', overrides=FAST, "
        "progress=False)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=env)
    done = []
    for _ in range(600):
        done = list(tmp_path.glob("runs/*/titles/pile/stages.json"))
        if done and "embed" in done[0].read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert done, "the second title was not reached in a minute"
    folder = done[0].parents[2]
    clip = folder / "titles" / "clip" / "stages.json"
    before = clip.read_bytes()
    night = run([place / "clip.mp4", place / "pile"], tmp_path / "runs")
    assert night.folder == folder and night.resumed and not night.failed
    assert clip.read_bytes() == before, "what was done was not done again"
    log = (folder / "log.txt").read_text()
    assert "pile: embed was done before" in log and "clip: write_clusters was done before" in log


CUTTING = """
import importlib, sys, time
from dataclasses import replace
from pathlib import Path
from shoal.backends import registry
from shoal.night import night_run
from tests.unit.night.titles import FAST

registry.register(replace(registry.entry("u2netp"), name="bright", weights=(), packages=(),
                          loader="tests.unit.steps.test_segment:load"))
segment = importlib.import_module("shoal.steps.segment")
real, pause = segment.cut_frame, float(sys.argv[2])

def slow(task):
    time.sleep(pause)
    with Path("cut.txt").open("a") as file:
        file.write(task[0].name + "\\n")
    return real(task)

segment.cut_frame = slow
cut = {"model": "bright", "min_size": 4, "blur_threshold": 0.0, "tiles": False}
night_run([sys.argv[1]], out="runs", overrides={**FAST, "segment": cut, "export_dataset": False},
          progress=False).check()
"""


def test_killed_while_frames_are_cut(place: Path, tmp_path: Path) -> None:
    """A real process, killed in the middle of a stage: the next one cuts what is left, and no more."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    def command(pause: str) -> list[str]:
        return [sys.executable, "-c", CUTTING, str(place / "clip.mp4"), pause]

    process = subprocess.Popen(command("0.4"), cwd=tmp_path, env=env)
    parts: list[Path] = []
    for _ in range(600):
        parts = list(tmp_path.glob("runs/*/titles/clip/cast/.shoal_step.parts"))
        if parts and parts[0].read_text().count("\n") >= 3:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert parts, "cutting was not reached"
    done = {json.loads(line)["key"] for line in parts[0].read_text().splitlines()}
    title = parts[0].parents[1]
    frames = {path.name for path in (title / "frames").glob("*.jpg")}
    assert done < frames and not (title / "clustered").exists()
    (tmp_path / "cut.txt").write_text("")
    subprocess.run(command("0"), cwd=tmp_path, env=env, check=True)
    assert sorted((tmp_path / "cut.txt").read_text().split()) == sorted(frames - done)
    assert len(list(tmp_path.glob("runs/*"))) == 1, "it went on with the same run"
    assert "clip: extract_frames was done before" in (title.parents[1] / "log.txt").read_text()
    review = open_review(title / "clustered")
    assert len(review) > 0
    review.close()


def test_two_processes_never_work_at_one_run(place: Path, tmp_path: Path) -> None:
    first = run([place / "nowhere.mp4"], tmp_path)
    record = first.folder / "run.json"
    held = json.loads(record.read_text())
    assert held["owner"] is None, "it has ended"
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        owner = asdict(replace(this_process(), pid=other.pid, started=""))
        record.write_text(json.dumps({**held, "owner": owner}))
        with pytest.raises(ConflictError, match=f"process {other.pid} on .* is still at the run"):
            run([place / "nowhere.mp4"], tmp_path)
        assert run([place / "nowhere.mp4"], tmp_path, resume=False).folder != first.folder
    finally:
        other.kill()
        other.wait()
    for folder in set(tmp_path.iterdir()) - {first.folder}:
        shutil.rmtree(folder)
    assert run([place / "nowhere.mp4"], tmp_path).folder == first.folder, "an owner that died is none"


def test_wrong_calls_begin_nothing(place: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no titles"):
        run([], tmp_path / "runs")
    with pytest.raises(BadInputError, match="clutser"):
        run([place / "pile"], tmp_path / "runs", overrides={"clutser": {}})
    assert not (tmp_path / "runs").exists()
    night = run({"gone": place / "nowhere.mp4"}, tmp_path / "runs")
    assert "nowhere.mp4' does not exist" in night.failed[0].error
