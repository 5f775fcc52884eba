"""Mixtures of two pictures, told from movement and light; seen in a stream of bounded length."""

from __future__ import annotations

import numpy as np

from shoal.steps.transitions import Flat, TransitionWatcher


def _thumb(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 235, 18 * 32 * 3).astype(np.float32)


def _watch(thumbs: list[np.ndarray], step: int = 1) -> TransitionWatcher:
    watcher = TransitionWatcher()
    for number, thumb in enumerate(thumbs):
        watcher.push(number * step, thumb.astype(np.float32))
    watcher.finish()
    return watcher


def _dissolve(length: int, a: np.ndarray, b: np.ndarray, pad: int = 30) -> list[np.ndarray]:
    shares = np.clip((np.arange(length + 2 * pad) - pad + 1) / (length + 1), 0, 1)
    return [a * (1 - s) + b * s for s in shares]


def test_one_dissolve_is_one() -> None:
    for length in (6, 10, 20, 45):
        found = _watch(_dissolve(length, _thumb(1), _thumb(2))).dissolves
        assert len(found) == 1 and abs(found[0].middle - (30 + length / 2)) <= 1.5, length


def test_two_dissolves_are_two_and_frames_may_be_left_out() -> None:
    thumbs = _dissolve(20, _thumb(1), _thumb(2)) + _dissolve(16, _thumb(2), _thumb(3))
    assert [round(d.middle, -1) for d in _watch(thumbs).dissolves] == [40, 120]
    assert len(_watch(thumbs[::3], step=3).dissolves) == 2


def test_cuts_light_and_a_part_that_moves_are_no_dissolves() -> None:
    a, b = _thumb(1), _thumb(2)
    assert _watch([a] * 40 + [b] * 40).dissolves == []
    assert _watch([a * s for s in np.linspace(1, 0.3, 60)]).dissolves == []
    smooth = np.sin(np.linspace(0, 9, 120))[:, None].repeat(18, 1).T[..., None].repeat(3, 2) * 100 + 120
    assert _watch([smooth[:, i : i + 32].ravel() for i in np.arange(60) // 6]).dissolves == []
    half = np.where(np.arange(a.size) < a.size // 2, b, a)  # only the upper half changes
    assert _watch(_dissolve(20, a, half)).dissolves == []


def test_flashes_and_flat_runs() -> None:
    a, white, black = _thumb(1), np.full(18 * 32 * 3, 250.0), np.zeros(18 * 32 * 3)
    watcher = _watch([a] * 10 + [white] * 2 + [a] * 10 + [black] * 5 + [a] * 10)
    assert watcher.flashes[0] == (9, 12)
    assert watcher.flats == [Flat(10, 11), Flat(22, 26)]
    slow = _watch([a * s for s in [1.0] * 12 + [0.75, 0.5, 0.25, 0.0, 0.0, 0.2, 0.4, 0.6, 0.8] + [1.0] * 12])
    assert slow.flats == [Flat(15, 16, faded_out=True, faded_in=True)]
    assert _watch([a] * 10 + [_thumb(2)] * 20).flashes == []


def test_memory_does_not_grow_with_the_film() -> None:
    watcher = TransitionWatcher()
    thumb = _thumb(1)
    for number in range(3000):
        watcher.push(number, thumb)
    assert len(watcher._ring) <= 80 and len(watcher._sizes) == len(watcher._ring) and not watcher._jumps
