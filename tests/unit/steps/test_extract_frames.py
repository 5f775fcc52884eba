"""From film to stills: which frames, which names, which times; nothing overwritten unasked."""

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.compute.cancel import CancelledError, CancelToken
from shoal.data.pictures import read_picture
from shoal.errors import BadInputError, ExistsError, MissingError
from shoal.steps.extract_frames import choose_frames, extract_frames, read_shots
from shoal.steps.film import FilmIndex
from tests.unit.steps.fixtures import make_film

pytest.importorskip("av", reason="films need the film extra")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "a.mp4")


def _index(lengths: list[int]) -> FilmIndex:
    n = sum(lengths)
    return FilmIndex(
        Path("x.mp4"), 24.0, 8, 8, np.arange(n), np.arange(n) / 24.0, np.ones(n, dtype=bool),
        tuple(int(c) for c in np.cumsum(lengths)[:-1]), 0,
    )  # fmt: skip


@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(1, 9), st.floats(0.1, 3.0))
def test_chosen_frames_lie_in_their_shots(lengths: list[int], per_shot: int, interval: float) -> None:
    index = _index(lengths)
    for mode in ("scene", "interval", "hybrid"):
        chosen = choose_frames(index, mode=mode, frames_per_shot=per_shot, interval_s=interval)
        assert chosen == sorted(set(chosen))
        for shot, number in chosen:
            first, last = index.shots[shot]
            assert first <= number <= last
    scene = choose_frames(index, mode="scene", frames_per_shot=per_shot, interval_s=interval)
    for shot, length in enumerate(lengths):
        assert sum(s == shot for s, _ in scene) == min(per_shot, length)
    hybrid = choose_frames(index, mode="hybrid", frames_per_shot=per_shot, interval_s=interval)
    assert len(hybrid) >= len(scene)


def test_stills_are_spread_and_keep_off_the_cuts() -> None:
    numbers = [n for _, n in choose_frames(_index([100]), mode="scene", frames_per_shot=4, interval_s=1)]
    assert numbers == [14, 38, 62, 86]


def test_the_interval_is_kept() -> None:
    chosen = choose_frames(_index([100, 140]), mode="interval", frames_per_shot=9, interval_s=1.0)
    assert [n for _, n in chosen] == [12, 36, 60, 84, 108, 132, 156, 180, 204, 228]
    assert [s for s, _ in chosen] == [0] * 4 + [1] * 6


def test_stills_and_shots_are_written(film: Path, tmp_path: Path) -> None:
    shots = extract_frames(film, out=tmp_path / "out", frames_per_shot=3, progress=False)
    assert len(shots) == 3 and len(shots.frames) == 9
    assert shots.frames.paths[3] == f"shot_001_frame_{int(shots.frames.columns['frame'][3]):06d}.jpg"
    for row in range(9):
        number = int(shots.frames.columns["frame"][row])
        assert shots.frames.columns["time_s"][row] == pytest.approx(number / 24, abs=1e-3)
        # the shot's colour shows that it is the right frame of the right shot
        colour = np.asarray(read_picture(shots.frames.file(row)))[50:, :].mean(axis=(0, 1))
        other = np.asarray(read_picture(shots.frames.file((row + 3) % 9)))[50:, :].mean(axis=(0, 1))
        assert np.abs(colour - other).max() > 60
    held = json.loads((tmp_path / "out/shots.json").read_text())
    assert [(s["first_frame"], s["last_frame"]) for s in held["shots"]] == [(0, 29), (30, 49), (50, 89)]
    assert held["shots"][1]["start"] == "00:00:01.250" and held["film"] == "a.mp4"
    again = read_shots(tmp_path / "out")
    assert again.frames.paths == shots.frames.paths and again.fps == shots.fps
    for name, values in shots.frames.columns.items():
        assert (
            np.allclose(again.frames.columns[name], values, atol=1e-3)
            and again.frames.columns[name].dtype == values.dtype
        )


def test_the_same_bytes_with_any_executor_and_again(film: Path, tmp_path: Path) -> None:
    extract_frames(film, out=tmp_path / "a", progress=False)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        extract_frames(film, out=tmp_path / "b", executor=pool, progress=False)
    names = {p.name for p in (tmp_path / "a").glob("*.jpg")} | {"shots.json"}
    assert len(names) > 10
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_nothing_is_overwritten_unasked(film: Path, tmp_path: Path) -> None:
    extract_frames(film, out=tmp_path, frames_per_shot=2, progress=False)
    with pytest.raises(ExistsError, match="force=True"):
        extract_frames(film, out=tmp_path, progress=False)
    shots = extract_frames(film, out=tmp_path, frames_per_shot=1, force=True, progress=False)
    assert {p.name for p in tmp_path.glob("*.jpg")} == set(shots.frames.paths)


def test_a_cancelled_step_stops(film: Path, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        extract_frames(film, out=tmp_path / "out", cancel=token, progress=False)
    assert json.loads((tmp_path / "out/.shoal_step.json").read_text())["complete"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "all"},
        {"detector": "eye"},
        {"frames_per_shot": 0},
        {"interval_s": 0.0},
        {"quality": 101},
        {"scene_threshold": 0.0},
        {"scene_threshold": 256.0},
    ],
)
def test_arguments_out_of_range_are_named(film: Path, tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        extract_frames(film, out=tmp_path / "out", progress=False, **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_range_of_the_film(film: Path, tmp_path: Path) -> None:
    shots = extract_frames(
        film, out=tmp_path / "out", frame_range=(20, 69), frames_per_shot=2, progress=False
    )
    assert shots.first_frame.tolist() == [20, 30, 50] and shots.last_frame.tolist() == [29, 49, 69]
    numbers = shots.frames.columns["frame"]
    assert numbers.min() >= 20 and numbers.max() <= 69
    interval = extract_frames(
        film, out=tmp_path / "b", mode="interval", interval_s=0.5, frame_range=(20, 69), progress=False
    )
    assert interval.frames.columns["frame"].tolist() == [26, 38, 50, 62, 69]
    with pytest.raises(BadInputError, match=r"frame_range|frames 0\.\.89"):
        extract_frames(film, out=tmp_path / "c", frame_range=(20, 90), progress=False)


def test_thresholds_up_to_one_mean_hundredths(film: Path, tmp_path: Path) -> None:
    a = extract_frames(film, out=tmp_path / "a", detector="content", scene_threshold=0.15, progress=False)
    b = extract_frames(film, out=tmp_path / "b", detector="content", scene_threshold=15.0, progress=False)
    c = extract_frames(film, out=tmp_path / "c", detector="content", scene_threshold=1.0, progress=False)
    assert a.first_frame.tolist() == b.first_frame.tolist() == [0, 30, 50]
    assert c.first_frame.tolist() == [0]


def test_a_killed_run_goes_on_where_it_stopped(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = extract_frames(film, out=tmp_path / "whole", progress=False)
    out, token, seen = tmp_path / "out", CancelToken(), []

    def stop(what: str, done: int, total: int | None) -> None:
        if what == "Writing stills" and done >= 4:
            token.cancel()

    with pytest.raises(CancelledError):
        extract_frames(film, out=out, progress=stop, cancel=token)
    there = {p.name: p.stat().st_mtime_ns for p in out.glob("*.jpg")}
    assert 4 <= len(there) < len(whole.frames)
    with pytest.raises(ExistsError):
        extract_frames(film, out=out, frames_per_shot=2, progress=False)  # other arguments: another run
    monkeypatch.setattr("shoal.steps.extract_frames.find_cuts", lambda *a, **k: seen.append(a))
    again = extract_frames(film, out=out, progress=False)
    assert not seen, "the shots were looked for a second time"
    assert again.frames.paths == whole.frames.paths
    done = [name for name, time in there.items() if (out / name).stat().st_mtime_ns == time]
    assert len(done) >= 4
    for name in [*whole.frames.paths, "shots.json"]:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_missing_and_damaged_results_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="gone"):
        extract_frames(tmp_path / "gone.mp4", out=tmp_path / "out", progress=False)
    with pytest.raises(MissingError, match="extract_frames"):
        read_shots(tmp_path)
    (tmp_path / "shots.json").write_text('{"version": 1}')
    with pytest.raises(BadInputError, match="damaged"):
        read_shots(tmp_path)
    (tmp_path / "shots.json").write_text('{"version": 99}')
    with pytest.raises(BadInputError, match="newer"):
        read_shots(tmp_path)
