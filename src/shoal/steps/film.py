"""Decoding a film: every frame once for the cuts, then exactly the frames that are wanted."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.errors import BadInputError, MissingError

__all__ = ["FilmIndex", "find_cuts", "read_frames", "timecode"]

# PySceneDetect itself works on frames about this wide; the threshold of 27 is meant for that size.
_DETECTION_WIDTH = 256


@dataclass(frozen=True, slots=True)
class FilmIndex:
    """What one pass over a film has found.

    Parameters
    ----------
    path : Path
        The film.
    fps : float
        Average frame rate.
    width, height : int
        Pixels of a still as it is shown (rotation and pixel shape applied).
    pts : ndarray of int64, shape (n_frames,)
        Presentation time stamp of every frame, in units of the stream's time base; strictly increasing.
    time_s : ndarray of float64, shape (n_frames,)
        Seconds from the first frame.
    key : ndarray of bool, shape (n_frames,)
        Whether decoding can begin at that frame.
    cuts : tuple of int
        Frame numbers at which a new shot begins, without 0.
    decode_errors : int
        Packets that could not be decoded and were left out.
    """

    path: Path
    fps: float
    width: int
    height: int
    pts: npt.NDArray[np.int64]
    time_s: npt.NDArray[np.float64]
    key: npt.NDArray[np.bool_]
    cuts: tuple[int, ...]
    decode_errors: int

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def shots(self) -> list[tuple[int, int]]:
        """First and last frame number of every shot, both inclusive."""
        edges = [0, *self.cuts, len(self)]
        return [(a, b - 1) for a, b in pairwise(edges)]


def timecode(seconds: float) -> str:
    """Write seconds as ``HH:MM:SS.mmm``."""
    millis = round(seconds * 1000)
    return (
        f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d}.{millis % 1000:03d}"
    )


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(
            f"Reading films needs the package {name}", hint='pip install "shoal[film]", then try again.'
        ) from error


def _open(path: Path) -> tuple[Any, Any]:
    av = _library("av")
    if not path.is_file():
        raise MissingError(f"{str(path)!r} does not exist", hint="Check the path of the film.")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise BadInputError(
            f"{str(path)!r} is not a film that can be read: {error}", hint="Name a film."
        ) from error
    if not container.streams.video:
        container.close()
        raise BadInputError(f"{str(path)!r} has no picture track", hint="Name a film, not a sound file.")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    return container, stream


def _decoded(container: Any, stream: Any, errors: list[str]) -> Iterator[Any]:
    """Yield decoded frames; a damaged packet is noted and left out."""
    av = _library("av")
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            errors.append(str(error))
            continue
        yield from frames


def _shown_size(stream: Any, rotation: int) -> tuple[int, int]:
    ratio = stream.sample_aspect_ratio
    width, height = int(stream.codec_context.width), int(stream.codec_context.height)
    if ratio:
        width = max(1, round(width * float(ratio)))
    return (height, width) if rotation % 180 else (width, height)


def _detector(kind: str, threshold: float, min_length: int) -> Any:
    detectors = _library("scenedetect.detectors")
    if kind == "content":
        return detectors.ContentDetector(threshold=threshold, min_scene_len=min_length)
    return detectors.AdaptiveDetector(min_content_val=threshold * _ADAPTIVE_FLOOR, min_scene_len=min_length)


# At the default threshold of 27 the floor of the adaptive detector is its own default, 15.
_ADAPTIVE_FLOOR = 15.0 / 27.0


def find_cuts(
    path: Path,
    *,
    detector: str,
    threshold: float,
    min_length: int,
    advance: Callable[[int], None] | None = None,
) -> FilmIndex:
    """Decode a film once, in a stream, and find where its shots begin.

    Parameters
    ----------
    path : Path
        The film.
    detector : {"adaptive", "content"}
        PySceneDetect's detector. Both look at the change of hue, saturation and luma from frame to frame;
        ``"adaptive"`` compares it with the changes around it, so fast movement is not taken for a cut.
    threshold : float
        Mean change, 0..255, from which a frame may be a cut.
    min_length : int
        Frames that a shot has at least.
    advance : callable, optional
        Called with the number of frames decoded since the last call.

    Returns
    -------
    FilmIndex
        Numbers, times and cuts.

    Raises
    ------
    BadInputError
        The file is no film, or none of its frames can be decoded.
    MissingError
        There is no such file, or PyAV or PySceneDetect is not installed.
    """
    timecodes = _library("scenedetect")
    container, stream = _open(path)
    errors: list[str] = []
    pts: list[int] = []
    key: list[bool] = []
    cuts: list[int] = []
    rotation = 0
    with container:
        fps = float(stream.average_rate or stream.guessed_rate or 25)
        base = stream.time_base
        width = int(stream.codec_context.width)
        scale = max(1, width // _DETECTION_WIDTH)
        small = (max(2, width // scale), max(2, int(stream.codec_context.height) // scale))
        detect = _detector(detector, threshold, min_length)
        for frame in _decoded(container, stream, errors):
            stamp = frame.pts if frame.pts is not None else (pts[-1] + 1 if pts else 0)
            if pts and stamp <= pts[-1]:
                continue  # a stamp that goes backwards cannot be found again
            pixels = frame.to_ndarray(
                format="bgr24", width=small[0], height=small[1], interpolation="BILINEAR"
            )
            cuts += [
                c.frame_num for c in detect.process_frame(timecodes.FrameTimecode(len(pts), fps), pixels)
            ]
            rotation = int(getattr(frame, "rotation", 0) or 0)
            pts.append(int(stamp))
            key.append(bool(frame.key_frame))
            if advance is not None:
                advance(1)
        if not pts:
            raise BadInputError(
                f"{str(path)!r} holds no frame that can be decoded: {errors[0] if errors else 'it is empty'}",
                hint="Try whether another player shows it; copy it again.",
            )
        cuts += [c.frame_num for c in detect.post_process(timecodes.FrameTimecode(len(pts), fps))]
        size = _shown_size(stream, rotation)
    stamps = np.asarray(pts, dtype=np.int64)
    return FilmIndex(
        path=path,
        fps=fps,
        width=size[0],
        height=size[1],
        pts=stamps,
        time_s=(stamps - stamps[0]) * float(base),
        key=np.asarray(key, dtype=bool),
        cuts=tuple(sorted({c for c in cuts if 0 < c < len(pts)})),
        decode_errors=len(errors),
    )


def _still(frame: Any, index: FilmIndex) -> Image.Image:
    """Turn a decoded frame into a picture as a player shows it."""
    picture: Image.Image = frame.to_image()
    rotation = int(getattr(frame, "rotation", 0) or 0)
    if rotation:
        picture = picture.rotate(rotation, expand=True)
    if picture.size != (index.width, index.height):
        picture = picture.resize((index.width, index.height), Image.Resampling.BICUBIC)
    return picture


def read_frames(index: FilmIndex, numbers: Sequence[int]) -> Iterator[tuple[int, Image.Image]]:
    """Decode exactly the frames with these numbers, by way of the key frame before each where shorter.

    Parameters
    ----------
    index : FilmIndex
        From `find_cuts` of the same file.
    numbers : sequence of int
        Frame numbers from 0; any order, yielded sorted and once each.

    Yields
    ------
    tuple of (int, PIL.Image.Image)
        Number and RGB picture.
    """
    container, stream = _open(index.path)
    wanted = sorted(set(numbers))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < len(index):
        raise BadInputError(
            f"{str(index.path)!r} has frames 0..{len(index) - 1}, not {wanted[0]}..{wanted[-1]}",
            hint="Ask for numbers of frames that exist.",
        )
    keys = np.flatnonzero(index.key)
    errors: list[str] = []
    with container:
        position = 0  # the frame that the decoder gives next, at the earliest
        decoder = _decoded(container, stream, errors)
        for number in wanted:
            before = keys[keys <= number]
            start = int(before[-1]) if len(before) else 0
            if start > position:
                container.seek(int(index.pts[start]), stream=stream, backward=True, any_frame=False)
                decoder = _decoded(container, stream, errors)
            stamp = int(index.pts[number])
            found = next((f for f in decoder if f.pts is None or f.pts >= stamp), None)
            position = number + 1
            if found is None or (found.pts is not None and found.pts != stamp):
                raise BadInputError(
                    f"Frame {number} of {str(index.path)!r} cannot be decoded a second time",
                    hint="The film changed while it was read, or is damaged there; copy it again.",
                )
            yield number, _still(found, index)
