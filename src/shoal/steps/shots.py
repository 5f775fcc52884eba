"""Where the shots of a film begin: a look at every second frame or so, and a close look where it matters.

Most films have frames that no other frame is built upon, often half of them. The first pass does not decode
these. A cut shows across the gap as well; only where it is in doubt, or inside a gap, every frame around it
is decoded. Both passes stream, so memory does not grow with the length of the film.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from shoal.errors import BadInputError
from shoal.steps.changes import (
    RATIO,
    ChangeMeter,
    adaptive_cuts,
    content_cuts,
    spaced,
    surroundings,
)
from shoal.steps.film import FilmIndex, Stamps, Walker, decoded, list_stamps, open_film, shown_size
from shoal.steps.transitions import FADE, Flat, TransitionWatcher

__all__ = ["find_cuts"]

# At the default threshold of 27 the floor of PySceneDetect's adaptive detector is its own default, 15.
_ADAPTIVE_FLOOR = 15.0 / 27.0
# Frames that a gap may leave out; encoders use up to 16 in a row, and most up to 3.
_LONGEST_GAP = 20
# A coarse ratio between these is in doubt, since the change of the frames left out is only estimated.
_DOUBT = (2.2, 5.0)
_MARGIN = 4

Told = Callable[[int], None] | None


@dataclass(slots=True)
class _Signal:
    """What a pass has measured: frame numbers, changes, the watcher, and the film's shape."""

    numbers: list[int] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    watcher: TransitionWatcher = field(default_factory=TransitionWatcher)
    size: tuple[int, int] = (0, 0)
    errors: list[str] = field(default_factory=list)


def _facts(stream: Any) -> tuple[float, float]:
    """Frame rate and time base in seconds."""
    return float(stream.average_rate or stream.guessed_rate or 25), float(stream.time_base)


def _every(path: Path, told: Told, hardware: str | None) -> tuple[_Signal, Stamps]:
    """Decode and measure every frame; the frames are those that could be decoded."""
    container, stream = open_film(path, hardware)
    signal = _Signal()
    pts: list[int] = []
    key: list[bool] = []
    with container:
        meter = ChangeMeter(int(stream.codec_context.width), int(stream.codec_context.height))
        for frame in decoded(container, stream, signal.errors):
            stamp = frame.pts if frame.pts is not None else (pts[-1] + 1 if pts else 0)
            if pts and stamp <= pts[-1]:
                continue  # a stamp that goes backwards cannot be found again
            _measure(signal, meter, frame, len(pts))
            signal.size = shown_size(stream, int(getattr(frame, "rotation", 0) or 0))
            pts.append(int(stamp))
            key.append(bool(frame.key_frame))
            if told is not None:
                told(1)
    if not pts:
        reason = signal.errors[0] if signal.errors else "it is empty"
        raise BadInputError(
            f"{str(path)!r} holds no frame that can be decoded: {reason}",
            hint="Try whether another player shows it; copy it again.",
        )
    return signal, Stamps(np.asarray(pts, dtype=np.int64), np.asarray(key, dtype=bool))


def _measure(signal: _Signal, meter: ChangeMeter, frame: Any, number: int) -> None:
    change, thumb = meter(frame)
    signal.numbers.append(number)
    signal.changes.append(change)
    signal.watcher.push(number, thumb)


def _skimmed(
    path: Path, stamps: Stamps, first: int, last: int, told: Told, hardware: str | None = None
) -> _Signal | None:
    """Measure the frames that others are built upon; None when what comes out does not fit the list."""
    container, stream = open_film(path, hardware)
    signal = _Signal()
    with container:
        context = stream.codec_context
        context.skip_frame = "NONREF"
        context.options = {"skip_loop_filter": "all"}
        meter = ChangeMeter(int(context.width), int(context.height))
        if first:
            start = int(np.flatnonzero(stamps.key[: first + 1])[-1])
            container.seek(int(stamps.pts[start]), stream=stream, backward=True, any_frame=False)
        before = first - 1
        for frame in decoded(container, stream, signal.errors):
            number = int(np.searchsorted(stamps.pts, frame.pts)) if frame.pts is not None else len(stamps)
            if number >= len(stamps) or stamps.pts[number] != frame.pts:
                return None
            if number > last:
                break
            if number < first:
                continue
            if number - before > _LONGEST_GAP or number <= before:
                return None
            _measure(signal, meter, frame, number)
            signal.size = shown_size(stream, int(getattr(frame, "rotation", 0) or 0))
            if told is not None:
                told(number - before)
            before = number
    if (
        signal.errors
        or not signal.numbers
        or last - before > (0 if last == len(stamps) - 1 else _LONGEST_GAP)
    ):
        return None
    return signal


def _doubtful(signal: _Signal, floor: float) -> list[tuple[int, int]]:
    """Spans of frames to be looked at closely, merged."""
    numbers = np.asarray(signal.numbers)
    change = np.asarray(signal.changes)
    gap = np.diff(numbers, prepend=numbers[0] - 1)
    around = surroundings(change, gap)
    # The ends have no surroundings to be compared with, unless they are looked at closely.
    usual = np.where(np.isfinite(around), np.maximum(around, 1e-6), 1e-6)
    extra = change - (gap - 1) * usual
    ratio = extra / usual
    wide = np.convolve(gap > 1, np.ones(5), mode="same") > 0
    doubt = (extra >= 0.8 * floor) & (ratio >= _DOUBT[0]) & ((gap > 1) | ((ratio < _DOUBT[1]) & wide))
    spans: list[tuple[int, int]] = []
    for row in np.flatnonzero(doubt):
        low = max(int(numbers[0]), int(numbers[row] - gap[row]) - _MARGIN)
        high = min(int(numbers[-1]), int(numbers[row]) + _MARGIN)
        if spans and low <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(high, spans[-1][1]))
        else:
            spans.append((low, high))
    return spans


def _closely(path: Path, stamps: Stamps, spans: list[tuple[int, int]]) -> dict[int, float]:
    """Measure every frame of the spans, each to the one before; a span's first frame has no value."""
    found: dict[int, float] = {}
    wanted = 0

    def skip(context: Any, packet: Any) -> None:
        needed = packet.pts is None or packet.pts >= wanted
        context.skip_frame = "DEFAULT" if needed else "NONREF"

    with Walker(path, stamps.pts, stamps.key, skip) as walker:
        for low, high in spans:
            wanted = int(stamps.pts[low])
            meter: ChangeMeter | None = None
            for number, frame in walker.start(low):
                meter = meter or ChangeMeter(frame.width, frame.height)
                change, _ = meter(frame)
                if number > low:
                    found[number] = change
                if number >= high:
                    break
    return found


def _hard_cuts(
    path: Path, stamps: Stamps, signal: _Signal, detector: str, threshold: float, skimmed: bool
) -> list[int]:
    floor = threshold * _ADAPTIVE_FLOOR
    measured = dict(zip(signal.numbers, signal.changes, strict=True))
    if skimmed:
        spans = _doubtful(signal, floor)
        for low, high in spans:  # the coarse values inside a span are replaced, not mixed with the fine ones
            for number in range(low + 1, high + 1):
                measured.pop(number, None)
        measured.update(_closely(path, stamps, spans))
    numbers = np.asarray(sorted(measured), dtype=np.int64)
    change = np.asarray([measured[int(n)] for n in numbers])
    if detector == "content":
        rows = content_cuts(change, threshold=threshold)
    else:
        rows = adaptive_cuts(change, np.diff(numbers, prepend=numbers[0] - 1), floor=floor, ratio=RATIO)
    cuts = [int(numbers[row]) for row in rows]
    flashes = signal.watcher.flashes
    return [cut for cut in cuts if not any(before < cut <= back for before, back in flashes)]


def _fades(flats: list[Flat], first: int, last: int) -> list[int]:
    """One boundary in the middle of each black or white stretch that is faded into and out of."""
    inside = [f for f in flats if f.first - first > 1 and last - f.last > 1]
    return [(f.first + f.last + 1) // 2 for f in inside if f.faded_out and f.faded_in]


def _not_faded(cuts: list[int], flats: list[Flat]) -> list[int]:
    """Leave out the cuts that are the dark end of a fade: there hue means little, and jumps."""
    return [
        cut
        for cut in cuts
        if not any(
            (f.faded_out and f.first - FADE <= cut <= f.last)
            or (f.faded_in and f.first < cut <= f.last + FADE)
            for f in flats
        )
    ]


def _all_cuts(hard: list[int], signal: _Signal, min_length: int, first: int, last: int) -> dict[int, str]:
    """Every boundary with its kind; cuts go before gradual ones that are nearer than ``min_length``."""
    signal.watcher.finish()
    flats = signal.watcher.flats
    hard = _not_faded(hard, flats)
    chosen = dict.fromkeys(spaced(hard, min_length), "cut")
    gradual = dict.fromkeys(_fades(flats, first, last), "fade")
    for seen in signal.watcher.dissolves:
        near = any(seen.first - 2 <= cut <= seen.last + 2 for cut in hard)
        dark = any(seen.first - 2 <= f.last and f.first <= seen.last + 2 for f in flats)
        if not near and not dark:
            gradual.setdefault(seen.middle, "dissolve")
    for number, kind in sorted(gradual.items()):
        if all(abs(number - other) >= min_length for other in chosen):
            chosen[number] = kind
    return {number: chosen[number] for number in sorted(chosen) if first < number <= last}


def find_cuts(
    path: Path,
    *,
    detector: str,
    threshold: float,
    min_length: int,
    gradual: bool = True,
    frame_range: tuple[int, int] | None = None,
    hardware: str | None = None,
    advance: Callable[[int], None] | None = None,
) -> FilmIndex:
    """Number the frames of a film and find where its shots begin.

    Parameters
    ----------
    path : Path
        The film.
    detector : {"adaptive", "content"}
        As PySceneDetect's of that name: both look at the change of hue, saturation and value from frame to
        frame; ``"adaptive"`` compares it with the changes around it, so fast movement is not taken for a
        cut.
    threshold : float
        Mean change, 0..255, from which a frame may be a cut; ``"adaptive"`` takes 15/27 of it as its floor.
    min_length : int
        Frames that a shot has at least.
    gradual : bool
        Look for dissolves and fades as well.
    frame_range : (int, int), optional
        First and last frame to look at, both inclusive; default the whole film.
    hardware : str, optional
        As of `shoal.steps.film.open_film`.
    advance : callable, optional
        Called with the number of frames passed since the last call.

    Returns
    -------
    FilmIndex
        Numbers, times and cuts.

    Raises
    ------
    BadInputError
        The file is no film, none of its frames can be decoded, or the range lies outside.
    MissingError
        There is no such file, or PyAV or OpenCV is not installed.
    """
    stamps = list_stamps(path)
    signal: _Signal | None = None
    first, last = frame_range or (0, -1)
    if stamps is not None and detector == "adaptive":
        signal = _skimmed(path, stamps, *_checked_range(path, first, last, len(stamps)), advance, hardware)
    skimmed = signal is not None
    if signal is None or stamps is None:
        signal, stamps = _every(path, advance, hardware)
    first, last = _checked_range(path, first, last, len(stamps))
    hard = _hard_cuts(path, stamps, signal, detector, threshold, skimmed)
    if not gradual:
        signal.watcher = TransitionWatcher()
    cuts = _all_cuts([cut for cut in hard if first < cut <= last], signal, min_length, first, last)
    container, stream = open_film(path)
    with container:
        fps, base = _facts(stream)
    return FilmIndex(
        path=path,
        fps=fps,
        width=signal.size[0],
        height=signal.size[1],
        pts=stamps.pts,
        time_s=(stamps.pts - stamps.pts[0]) * base,
        key=stamps.key,
        cuts=tuple(cuts),
        decode_errors=len(signal.errors),
        kinds=tuple(cuts.values()),
        first=first,
        last=last,
    )


def _checked_range(path: Path, first: int, last: int, n: int) -> tuple[int, int]:
    end = n - 1 if last < 0 else last
    if not 0 <= first <= end < n:
        raise BadInputError(
            f"{str(path)!r} has frames 0..{n - 1}, not {first}..{end}", hint="Pass a frame_range inside."
        )
    return first, end
