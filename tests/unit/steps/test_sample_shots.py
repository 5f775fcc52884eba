"""Few stills of each shot: the sharpest, unlike each other, none twice, not even across shots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from shoal.data.tables import Shots
from shoal.errors import BadInputError
from shoal.steps.sample_shots import sample_shots, similarity
from tests.unit.steps.fixtures import noise_picture, save_pictures


def _textured(seed: int) -> Image.Image:
    smooth = np.asarray(noise_picture(seed, 160)).astype(int)
    grain = np.random.default_rng(seed).integers(-12, 12, smooth.shape)
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def _shots(tmp_path: Path, pictures: list[tuple[int, Image.Image]]) -> Shots:
    frames = save_pictures(tmp_path, {f"{i:03d}.png": picture for i, (_, picture) in enumerate(pictures)})
    shot = np.array([s for s, _ in pictures], dtype=np.int32)
    n = len(pictures)
    frames = frames.with_columns(shot=shot, frame=np.arange(n) * 12, time_s=np.arange(n) / 2)
    first = np.array([0, 50, 100])
    return Shots(frames, first, first + 49, 24.0)


def test_the_sharpest_and_the_most_unlike(tmp_path: Path) -> None:
    a, b = _textured(1), _textured(2)
    blurred = a.filter(ImageFilter.GaussianBlur(3))
    shots = _shots(tmp_path, [(0, blurred), (0, a), (0, blurred), (0, b), (0, b), (1, _textured(3))])
    sampled = sample_shots(shots, per_shot=2, progress=False)
    assert list(sampled.frames.paths) == ["001.png", "003.png", "005.png"] or list(sampled.frames.paths) == [
        "001.png", "004.png", "005.png",
    ]  # fmt: skip
    assert len(sampled) == 3 and sampled.frames.columns["shot"].tolist() == [0, 0, 1]
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_what_repeats_is_left_out_and_said(tmp_path: Path) -> None:
    a, b = _textured(1), _textured(2)
    brighter = a.point(lambda v: min(255, v + 6))
    shots = _shots(tmp_path, [(0, a), (0, brighter), (1, b), (2, brighter)])
    sampled = sample_shots(shots, progress=False)
    assert sampled.frames.columns["shot"].tolist() == [0, 1]
    assert set(sampled.frames.meta["left_out"]) & {"003.png"} and len(sampled.frames.meta["left_out"]) == 2
    within = sample_shots(shots, across=False, progress=False)
    assert within.frames.columns["shot"].tolist() == [0, 1, 2]
    everything = sample_shots(shots, ssim=1.0, phash_distance=0, per_shot=9, progress=False)
    assert len(everything.frames) >= 3


def test_unreadable_and_empty(tmp_path: Path) -> None:
    shots = _shots(tmp_path, [(0, _textured(1)), (1, _textured(2))])
    (tmp_path / "001.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    sampled = sample_shots(shots, progress=False)
    assert list(sampled.frames.paths) == ["000.png"] and "001.png" in sampled.frames.meta["unreadable"]
    nothing = Shots(shots.frames.take([]), shots.first_frame, shots.last_frame, 24.0)
    assert len(sample_shots(nothing, progress=False).frames) == 0


def test_similarity_is_that_of_the_paper() -> None:
    a = np.asarray(_textured(1).convert("L").resize((96, 54)))
    assert similarity(a, a) == pytest.approx(1.0, abs=1e-6)
    assert similarity(a, 255 - a) < 0
    # two flat pictures: only the means count
    x, y = np.full((20, 20), 100, np.uint8), np.full((20, 20), 120, np.uint8)
    c1 = (0.01 * 255) ** 2
    assert similarity(x, y) == pytest.approx((2 * 100 * 120 + c1) / (100**2 + 120**2 + c1), abs=1e-4)


@pytest.mark.parametrize("wrong", [{"per_shot": 0}, {"phash_distance": 64}, {"ssim": 1.5}])
def test_arguments_out_of_range(tmp_path: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        sample_shots(_shots(tmp_path, [(0, _textured(1))]), progress=False, **wrong)  # type: ignore[arg-type]
