"""Decoding: exact numbers, exact cuts, the same frame by jumping as by walking."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from shoal.errors import BadInputError, MissingError
from shoal.steps.film import FilmIndex, list_stamps, load_index, read_frames, save_index, timecode
from shoal.steps.shots import find_cuts
from tests.unit.steps.fixtures import CLIP, CLIP_CUTS, make_film

pytest.importorskip("av", reason="films need the film extra")


def _find(path: Path, **change: object) -> FilmIndex:
    return find_cuts(path, **{"detector": "adaptive", "threshold": 27.0, "min_length": 15, **change})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def clip() -> FilmIndex:
    return _find(CLIP)


def test_all_cuts_of_the_clip_are_found_exactly(clip: FilmIndex) -> None:
    assert clip.cuts == CLIP_CUTS
    assert (len(clip), clip.fps, clip.width, clip.height, clip.decode_errors) == (1658, 24.0, 640, 360, 0)
    assert clip.shots[0] == (0, 34) and clip.shots[-1] == (1570, 1657)
    assert np.allclose(clip.time_s, np.arange(1658) / 24.0, atol=1e-3)


def test_jumping_gives_the_same_frames_as_walking(clip: FilmIndex) -> None:
    def digests(numbers: list[int]) -> dict[int, str]:
        return {n: hashlib.md5(p.tobytes()).hexdigest() for n, p in read_frames(clip, numbers)}

    walked = digests(list(range(420)))
    jumped = digests([415, 3, 100, 101, 37, 415])
    assert list(jumped) == [3, 37, 100, 101, 415]
    assert all(walked[n] == jumped[n] for n in jumped)
    assert len(set(walked.values())) > 400


def test_numbers_outside_are_refused(tmp_path: Path) -> None:
    index = _find(make_film(tmp_path / "a.mp4"))
    with pytest.raises(BadInputError, match=r"0\.\.89"):
        list(read_frames(index, [90]))


def test_frames_are_listed_without_decoding(clip: FilmIndex) -> None:
    stamps = list_stamps(CLIP)
    assert stamps is not None
    assert np.array_equal(stamps.pts, clip.pts) and np.array_equal(stamps.key, clip.key)


def test_an_index_is_kept_until_the_film_changes(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4")
    index = _find(film)
    save_index(tmp_path / "index.npz", index)
    again = load_index(tmp_path / "index.npz", film)
    assert again is not None and (again.cuts, again.kinds) == (index.cuts, index.kinds)
    assert np.array_equal(again.pts, index.pts) and again.shots == index.shots
    (tmp_path / "half.npz").write_bytes((tmp_path / "index.npz").read_bytes()[:300])
    assert load_index(tmp_path / "half.npz", film) is None
    make_film(film, (40, 50))
    assert load_index(tmp_path / "index.npz", film) is None
    assert load_index(tmp_path / "gone.npz", film) is None


def test_no_film_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(BadInputError, match=r"text\.mp4"):
        _find(tmp_path / "text.mp4")
    with pytest.raises(MissingError, match="gone"):
        _find(tmp_path / "gone.mp4")


def test_a_film_cut_off_gives_what_can_be_decoded(tmp_path: Path) -> None:
    # MPEG-TS has no index at its end, as a broken-off recording
    import av

    whole = make_film(tmp_path / "a.ts")
    (tmp_path / "cut.ts").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    index = _find(tmp_path / "cut.ts")
    assert 30 < len(index) < 90 and av is not None
    assert len(list(read_frames(index, [0, len(index) // 2]))) == 2


def test_timecodes() -> None:
    assert timecode(0) == "00:00:00.000"
    assert timecode(3725.0416) == "01:02:05.042"
    assert timecode(59.9996) == "00:01:00.000"
