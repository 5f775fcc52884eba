"""Every shot begins where it begins: cuts to the frame, dissolves and fades in their middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.errors import BadInputError
from shoal.steps import shots as module
from shoal.steps.film import FilmIndex, list_stamps, read_frames
from shoal.steps.shots import find_cuts
from tests.unit.steps.fixtures import CLIP, CLIP_CUTS, make_film

pytest.importorskip("av", reason="films need the film extra")


def _find(path: Path, **change: object) -> FilmIndex:
    return find_cuts(path, **{"detector": "adaptive", "threshold": 27.0, "min_length": 15, **change})  # type: ignore[arg-type]


def _picture(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (5, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((160, 96), Image.Resampling.BICUBIC), dtype=np.float32)


def _encode(path: Path, frames: list[np.ndarray], codec: str = "libx264", **options: str) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.options = options
        for values in frames:
            picture = av.VideoFrame.from_ndarray(values.clip(0, 255).astype(np.uint8), format="rgb24")
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def _still(seed: int, length: int) -> list[np.ndarray]:
    """A shot that drifts a little, as a camera held by hand."""
    picture = _picture(seed)
    return [np.roll(picture, i // 6, axis=1) for i in range(length)]


def _mixed(a: list[np.ndarray], b: list[np.ndarray], length: int) -> list[np.ndarray]:
    shares = (np.arange(length) + 1) / (length + 1)
    middle = [x * (1 - s) + y * s for x, y, s in zip(a[-length:], b[:length], shares, strict=True)]
    return [*a[:-length], *middle, *b[length:]]


def test_all_cuts_of_the_clip_are_found_exactly_and_nothing_else() -> None:
    index = _find(CLIP)
    assert index.cuts == CLIP_CUTS and set(index.kinds) == {"cut"}


def test_half_of_the_frames_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pass leaves frames out; a film whose container says too little is decoded whole."""
    stamps = list_stamps(CLIP)
    assert stamps is not None
    skimmed = module._skimmed(CLIP, stamps, 0, len(stamps) - 1, None)
    assert skimmed is not None and len(skimmed.numbers) < 0.7 * len(stamps)
    monkeypatch.setattr(module, "list_stamps", lambda path: None)
    assert _find(CLIP).cuts == CLIP_CUTS


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [
        ("mpeg4", "mp4", {}),
        ("mpeg4", "avi", {}),
        ("mpeg2video", "mpg", {"bf": "2"}),
        ("libx264", "mp4", {"bf": "0"}),
        ("libx264", "mkv", {"bf": "8", "g": "300", "sc_threshold": "0", "b-pyramid": "none"}),
        ("libx264", "ts", {"bf": "3"}),
    ],
)
def test_any_codec_and_container(tmp_path: Path, codec: str, suffix: str, options: dict[str, str]) -> None:
    lengths, frames = (31, 20, 44, 23), []
    for seed, length in enumerate(lengths):
        frames += _still(seed, length)
    told: list[int] = []
    index = _find(_encode(tmp_path / f"a.{suffix}", frames, codec, **options), advance=told.append)
    assert index.shots == [(0, 30), (31, 50), (51, 94), (95, 117)]
    assert sum(told) == len(index) == 118


@pytest.mark.parametrize("length", [8, 14, 24, 40])
def test_a_dissolve_is_found_in_its_middle(tmp_path: Path, length: int) -> None:
    film = _encode(tmp_path / "a.mp4", _mixed(_still(1, 70), _still(2, 90), length))
    index = _find(film)
    middle = 70 - length / 2
    assert index.kinds == ("dissolve",) and abs(index.cuts[0] - middle) <= 2
    assert _find(film, gradual=False).cuts == ()


@pytest.mark.parametrize("black", [2, 12])
def test_a_fade_through_black_is_one_boundary(tmp_path: Path, black: int) -> None:
    dark = [np.zeros((96, 160, 3), dtype=np.float32)] * black
    a, b = _still(3, 60), _still(4, 60)
    frames = [*a, *(x * (1 - i / 12) for i, x in enumerate(a[-12:])), *dark]
    frames += [x * (i / 12) for i, x in enumerate(b[:12])] + b[12:]
    index = _find(_encode(tmp_path / "a.mp4", frames))
    assert index.kinds == ("fade",) and abs(index.cuts[0] - (72 + black / 2)) <= 3


def test_a_flash_and_a_pan_are_no_cuts(tmp_path: Path) -> None:
    flash = _still(5, 80)
    for i in (40, 41):
        flash[i] = np.full_like(flash[i], 250.0)
    assert _find(_encode(tmp_path / "flash.mp4", flash)).cuts == ()
    wide = np.concatenate([_picture(seed) for seed in range(6, 12)], axis=1)
    pan = [wide[:, i * 8 : i * 8 + 160] for i in range(90)]
    assert _find(_encode(tmp_path / "pan.mp4", pan)).cuts == ()


def test_a_light_that_goes_down_is_no_dissolve(tmp_path: Path) -> None:
    frames = [x * max(0.35, 1 - max(0, i - 30) / 50) for i, x in enumerate(_still(13, 110))]
    assert _find(_encode(tmp_path / "a.mp4", frames)).cuts == ()


def test_lengths_thresholds_and_ranges(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4")
    index = _find(film)
    assert index.shots == [(0, 29), (30, 49), (50, 89)]
    assert _find(film, min_length=25).cuts == (30,)
    assert _find(film, detector="content", threshold=15.0).cuts == (30, 50)
    part = _find(film, frame_range=(35, 80))
    assert part.shots == [(35, 49), (50, 80)] and len(part) == 90
    with pytest.raises(BadInputError, match=r"0\.\.89"):
        _find(film, frame_range=(35, 90))


@pytest.mark.parametrize("device", ["cuda", "nonsense"])
def test_without_the_device_the_processor_decodes(tmp_path: Path, device: str) -> None:
    film = _encode(tmp_path / "a.mp4", [*_still(1, 40), *_still(2, 40)])
    index = _find(film, hardware=device)
    assert index.cuts == (40,) and len(index) == 80
    assert [n for n, _ in read_frames(index, [3, 70], hardware=device)] == [3, 70]


def test_variable_frame_rate_keeps_numbers_and_times(tmp_path: Path) -> None:
    from fractions import Fraction

    import av

    frames = [*_still(1, 40), *_still(2, 40)]
    stamps = np.cumsum(np.where(np.arange(80) % 3 == 0, 60, 25))
    with av.open(str(tmp_path / "v.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for values, stamp in zip(frames, stamps, strict=True):
            picture = av.VideoFrame.from_ndarray(values.clip(0, 255).astype(np.uint8), format="rgb24")
            picture.pts, picture.time_base = int(stamp), Fraction(1, 1000)
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    index = _find(tmp_path / "v.mkv")
    assert index.cuts == (40,)
    assert np.allclose(index.time_s, (stamps - stamps[0]) / 1000, atol=2e-3)
