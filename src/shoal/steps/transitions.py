"""Dissolves, fades and flashes, seen in a running stream of very small frames.

In a dissolve every frame is a mixture of the same two pictures, with a share that only grows. So inside a
window the frames lie on the line between its ends. Movement of the camera does not: half-way, a panned
picture is no mixture of its beginning and its end. A change of light does lie on a line, but its two ends
show the same thing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

__all__ = ["FADE", "Dissolve", "Flat", "TransitionWatcher"]

Thumb = npt.NDArray[np.float32]
ROWS, COLUMNS = 18, 32
"""Size of a thumb in cells; it comes as one row of BGR values."""

_SPANS = (6, 9, 13, 19, 27, 38, 54, 76)
# Chosen on mixtures made of moving shots, and on film: true dissolves keep well inside of these limits, and
# fast movement, which changes a part of the picture only, well outside.
_LEAST_DIFFERENCE = 22.0  # mean grey levels between the two pictures
_RESIDUAL = 0.30  # RMS distance from the line, in lengths of the line
_OFF = 0.35  # the same cell by cell, 80th percentile, of cells that change
_OFF_SHORT = 0.2  # of windows up to nine frames
_CHANGED = 0.85  # share of the cells that change by more than ten grey levels
_BACKWARDS = 0.15  # how far the share may fall
_LARGEST_STEP = 0.5  # more at once is a cut
_SAME_PICTURE = 0.75  # correlation of the ends from which they show the same thing,
_MOVED_PICTURE = 0.85  # or the same thing moved by up to nine cells
_APART = 12  # frames between the middles of two dissolves

_FLASH_FRAMES = 5
_FLASH_RETURN = 0.25
_FLASH_FROM = 12.0

_BLACK, _WHITE, _FLAT = 20.0, 235.0, 5.0
FADE = 10
"""Frames before and after a black or white stretch in which a fade is looked for."""
_FADED = 0.6  # a picture next to it that is nearer to it than this share of the one before is fading


@dataclass(frozen=True, slots=True)
class Dissolve:
    """A gradual change of one picture into another.

    Parameters
    ----------
    first, last : int
        Frame numbers between which it was seen.
    middle : int
        Frame number from which the second picture has more than half.
    strength : float
        Mean difference of the two pictures in grey levels, less what is no mixture of them.
    """

    first: int
    last: int
    middle: int
    strength: float


@dataclass(slots=True)
class Flat:
    """A run of frames of one black or white.

    Parameters
    ----------
    first, last : int
        Frame numbers, both inclusive.
    faded_out, faded_in : bool
        Whether the picture before goes down to it, and the one after comes up from it, step by step.
    """

    first: int
    last: int
    faded_out: bool = False
    faded_in: bool = False


def _correlation(a: Thumb, b: Thumb) -> float:
    x, y = a - a.mean(), b - b.mean()
    return float((x * y).sum() / max(float(np.linalg.norm(x) * np.linalg.norm(y)), 1e-6))


def _alike(a: Thumb, b: Thumb) -> bool:
    """Whether two thumbs show the same thing, in another light or moved a little."""
    if _correlation(a, b) > _SAME_PICTURE:
        return True
    x, y = a.reshape(ROWS, COLUMNS, 3), b.reshape(ROWS, COLUMNS, 3)
    for down in range(-3, 4):
        for right in range(-9, 10):
            mine = x[max(0, down) : ROWS + min(0, down), max(0, right) : COLUMNS + min(0, right)]
            other = y[max(0, -down) : ROWS + min(0, -down), max(0, -right) : COLUMNS + min(0, -right)]
            if _correlation(mine, other) > _MOVED_PICTURE:
                return True
    return False


def blend(numbers: list[int], thumbs: npt.NDArray[np.float32]) -> Dissolve | None:
    """Look whether the thumbs (n, 1728) of the frames ``numbers`` are one dissolve from first to last."""
    line = thumbs[-1] - thumbs[0]
    strength = float(np.abs(line).mean())
    if strength < _LEAST_DIFFERENCE or len(numbers) < 4:
        return None
    length = float(line @ line)
    moved = thumbs - thumbs[0]
    share = (moved @ line) / length
    steps = np.diff(share)
    if steps.min() < -_BACKWARDS or steps.max() > _LARGEST_STEP:
        return None
    short = numbers[-1] - numbers[0] <= 9
    inner = (share > 0.1) & (share < 0.9)
    if inner.sum() < (2 if short else 3):
        return None
    off = np.abs(moved - share[:, None] * line)
    if np.sqrt(float(np.square(off).sum()) / len(numbers) / length) > _RESIDUAL:
        return None
    cells = np.abs(line).reshape(-1, 3).max(axis=1)
    changed = cells > 10.0
    if changed.mean() < _CHANGED:
        return None
    of_cell = off[inner].reshape(int(inner.sum()), -1, 3).max(axis=2)[:, changed] / cells[changed]
    wrong = float(np.percentile(of_cell, 80, axis=1).mean())
    if wrong > (_OFF_SHORT if short else _OFF) or _alike(thumbs[0], thumbs[-1]):
        return None
    after = max(1, int(np.argmax(share >= 0.5)))
    part = (0.5 - float(share[after - 1])) / max(float(share[after] - share[after - 1]), 1e-6)
    middle = numbers[after - 1] + part * (numbers[after] - numbers[after - 1])
    return Dissolve(numbers[0], numbers[-1], int(np.ceil(middle)), strength * (1.0 - wrong))


def _distance(a: Thumb, b: Thumb) -> float:
    return float(np.abs(a - b).mean())


class TransitionWatcher:
    """Fed with thumbs in the order of the film; keeps about three seconds of them, whatever the length.

    Attributes
    ----------
    dissolves : list of Dissolve
        Found so far.
    flats : list of Flat
        Runs of black or white frames.
    flashes : list of (int, int)
        A picture is left after the first number and is back at the second: no cut in between is one.
    """

    def __init__(self) -> None:
        self.dissolves: list[Dissolve] = []
        self.flats: list[Flat] = []
        self.flashes: list[tuple[int, int]] = []
        self._ring: deque[tuple[int, Thumb]] = deque()
        self._sizes: deque[float] = deque()  # mean difference of each thumb in the ring to the one before
        self._jumps: list[tuple[int, int, Thumb, float]] = []
        self._seen: list[Dissolve] = []

    def push(self, number: int, thumb: Thumb) -> None:
        """Take the next thumb; ``number`` is the frame's, larger than the last."""
        self._watch_flat(number, thumb)
        self._sizes.append(float(np.abs(thumb - self._ring[-1][1]).mean()) if self._ring else 0.0)
        self._ring.append((number, thumb))
        while self._ring[0][0] < number - _SPANS[-1] - 1:
            self._ring.popleft()
            self._sizes.popleft()
        self._watch_flash(number, thumb)
        self._watch_dissolve(number, thumb)

    def finish(self) -> None:
        """Settle which of the windows that look like dissolves are one and the same."""
        kept: list[Dissolve] = []
        for seen in sorted(self._seen, key=lambda d: -d.strength):
            if all(abs(seen.middle - d.middle) > max(_APART, (d.last - d.first) // 2) for d in kept):
                kept.append(seen)
        self.dissolves = sorted(kept, key=lambda d: d.middle)

    def _watch_flash(self, number: int, thumb: Thumb) -> None:
        kept: list[tuple[int, int, Thumb, float]] = []
        for before, at, picture, size in self._jumps:
            if number - at > _FLASH_FRAMES:
                continue
            if float(np.abs(thumb - picture).mean()) < _FLASH_RETURN * size:
                self.flashes.append((before, number))
            else:
                kept.append((before, at, picture, size))
        self._jumps = kept
        if len(self._ring) > 1 and self._sizes[-1] >= _FLASH_FROM:
            before, last = self._ring[-2]
            self._jumps.append((before, number, last, self._sizes[-1]))

    def _watch_flat(self, number: int, thumb: Thumb) -> None:
        level = float(thumb.mean())
        last = self.flats[-1] if self.flats else None
        if (level < _BLACK or level > _WHITE) and float(thumb.std()) < _FLAT:
            if last is not None and self._ring and last.last == self._ring[-1][0]:
                last.last = number
            else:
                self.flats.append(Flat(number, number, faded_out=self._comes_near(number, thumb)))
        elif last is not None and self._ring and self._ring[-1][0] < last.last + FADE <= number:
            held = [(n, t) for n, t in self._ring if n >= last.last]
            if len(held) > 1:
                flat, near = held[0][1], held[1][1]
                last.faded_in = _distance(near, flat) < _FADED * _distance(thumb, flat)

    def _comes_near(self, number: int, flat: Thumb) -> bool:
        """Whether the last frame is nearer to the flat one than that of some frames ago."""
        before = [t for n, t in self._ring if n >= number - FADE]
        return len(before) > 1 and _distance(before[-1], flat) < _FADED * _distance(before[0], flat)

    def _watch_dissolve(self, number: int, thumb: Thumb) -> None:
        numbers = [n for n, _ in self._ring]
        for span in _SPANS:
            start = bisect_left(numbers, number - span)
            if number - numbers[0] < span or len(numbers) - start < 4:
                continue
            strength = float(np.abs(thumb - self._ring[start][1]).mean())
            if strength < _LEAST_DIFFERENCE or max(islice(self._sizes, start + 1, None)) > 0.6 * strength:
                continue  # the same picture, or a cut
            rows = list(islice(self._ring, start, None))
            found = blend(numbers[start:], np.stack([t for _, t in rows]))
            if found is None:
                continue
            # Of windows that say the same, one is enough: the list stays as short as there are dissolves.
            same = [
                i
                for i, d in enumerate(self._seen[-8:], max(0, len(self._seen) - 8))
                if abs(d.middle - found.middle) <= 2
            ]
            if not same:
                self._seen.append(found)
            elif found.strength > self._seen[same[0]].strength:
                self._seen[same[0]] = found
