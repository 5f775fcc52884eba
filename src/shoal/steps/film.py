"""Decoding a film: which frames it has, and exactly the frames that are wanted."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.errors import BadInputError, MissingError

__all__ = [
    "INDEX_NAME",
    "FilmIndex",
    "Stamps",
    "Walker",
    "decoded",
    "film_library",
    "list_stamps",
    "load_index",
    "open_film",
    "read_frames",
    "save_index",
    "shown_size",
    "timecode",
]

INDEX_NAME = ".film_index.npz"
"""Name of the file in which `extract_frames` keeps what it knows of a film."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The frames of a film as its container lists them, in the order they are shown.

    Parameters
    ----------
    pts : ndarray of int64, shape (n_frames,)
        Presentation time stamps in units of the stream's time base; strictly increasing.
    key : ndarray of bool, shape (n_frames,)
        Whether decoding can begin at that frame.
    """

    pts: npt.NDArray[np.int64]
    key: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pts)


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
        Frame numbers at which a new shot begins, without the first.
    decode_errors : int
        Packets that could not be decoded and were left out.
    kinds : tuple of str
        How the new shot begins, one for each of ``cuts``: ``"cut"``, ``"dissolve"`` or ``"fade"``.
    first, last : int
        The part of the film that was looked at, both inclusive; ``last`` −1 is its last frame.
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
    kinds: tuple[str, ...] = ()
    first: int = 0
    last: int = -1

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def shots(self) -> list[tuple[int, int]]:
        """First and last frame number of every shot, both inclusive."""
        edges = [self.first, *self.cuts, (self.last if self.last >= 0 else len(self) - 1) + 1]
        return [(a, b - 1) for a, b in pairwise(edges)]


def save_index(path: Path, index: FilmIndex) -> None:
    """Keep what the pass over a film has found, with the size and time of the film's file."""
    state = index.path.stat()
    numbers = [state.st_size, state.st_mtime_ns, index.width, index.height, index.decode_errors]
    with path.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            facts=np.asarray([*numbers, index.first, index.last], dtype=np.int64),
            fps=np.float64(index.fps),
            pts=index.pts,
            time_s=index.time_s,
            key=index.key,
            cuts=np.asarray(index.cuts, dtype=np.int64),
            kinds=np.asarray(index.kinds, dtype="U8"),
        )


def load_index(path: Path, film: Path) -> FilmIndex | None:
    """Take up what `save_index` has kept; None when it is not whole, or the film is another one now."""
    try:
        state = film.stat()
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            size, modified, width, height, errors, first, last = map(int, held["facts"])
            if (size, modified) != (state.st_size, state.st_mtime_ns):
                return None
            return FilmIndex(
                path=film, fps=float(held["fps"]), width=width, height=height, pts=held["pts"],
                time_s=held["time_s"], key=held["key"], cuts=tuple(map(int, held["cuts"])),
                decode_errors=errors, kinds=tuple(map(str, held["kinds"])), first=first, last=last,
            )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def timecode(seconds: float) -> str:
    """Write seconds as ``HH:MM:SS.mmm``."""
    millis = round(seconds * 1000)
    return (
        f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d}.{millis % 1000:03d}"
    )


def film_library(name: str) -> Any:
    """Import a package of the ``film`` extra.

    Raises
    ------
    MissingError
        It is not installed; the hint names the extra.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(
            f"Reading films needs the package {name}", hint='pip install "shoal[film]", then try again.'
        ) from error


def open_film(path: Path, hardware: str | None = None) -> tuple[Any, Any]:
    """Open a film; returns PyAV's container and its first picture track.

    With ``hardware`` (a device of FFmpeg: ``"cuda"``, ``"videotoolbox"``, ``"vaapi"`` …) frames are decoded
    there, and by the processor where the device or the codec is missing.

    Raises
    ------
    BadInputError
        The file is no film, or has no picture track.
    MissingError
        There is no such file, or PyAV is not installed.
    """
    av = film_library("av")
    if not path.is_file():
        raise MissingError(f"{str(path)!r} does not exist", hint="Check the path of the film.")
    try:
        container = _on_device(av, path, hardware) or av.open(str(path))
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


def list_stamps(path: Path) -> Stamps | None:
    """List the frames of a film without decoding any; None where the container does not say enough.

    Some containers leave time stamps out (AVI, program streams) or repeat them; their frames are only known
    when they are decoded.
    """
    container, stream = open_film(path)
    pts: list[int] = []
    key: list[bool] = []
    with container:
        for packet in container.demux(stream):
            if not packet.size or packet.is_discard:
                continue
            if packet.pts is None or packet.is_corrupt:
                return None
            pts.append(packet.pts)
            key.append(packet.is_keyframe)
    stamps = np.asarray(pts, dtype=np.int64)
    order = np.argsort(stamps, kind="stable")
    stamps = stamps[order]
    if not len(stamps) or not key[int(order[0])] or (np.diff(stamps) <= 0).any():
        return None
    return Stamps(stamps, np.asarray(key, dtype=bool)[order])


def _on_device(av: Any, path: Path, hardware: str | None) -> Any:
    """The film opened for a device, tried with one frame; None when that does not work."""
    if hardware is None:
        return None
    container = None
    try:
        device = importlib.import_module("av.codec.hwaccel").HWAccel(
            device_type=hardware, allow_software_fallback=True
        )
        container = av.open(str(path), hwaccel=device)
        next(container.decode(video=0))
        container.seek(0)
    except (ImportError, av.FFmpegError, OSError, ValueError, IndexError, StopIteration):
        if container is not None:
            container.close()
        return None
    return container


def decoded(
    container: Any, stream: Any, errors: list[str], before: Callable[[Any], None] | None = None
) -> Iterator[Any]:
    """Yield decoded frames; a damaged packet is noted and left out. ``before`` is told of every packet."""
    av = film_library("av")
    for packet in container.demux(stream):
        if before is not None:
            before(packet)
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            errors.append(str(error))
            continue
        yield from frames


def shown_size(stream: Any, rotation: int) -> tuple[int, int]:
    """Width and height as a player shows them: shape of the pixels and rotation applied."""
    ratio = stream.sample_aspect_ratio
    width, height = int(stream.codec_context.width), int(stream.codec_context.height)
    if ratio:
        width = max(1, round(width * float(ratio)))
    return (height, width) if rotation % 180 else (width, height)


def _still(frame: Any, index: FilmIndex) -> Image.Image:
    """Turn a decoded frame into a picture as a player shows it."""
    picture: Image.Image = frame.to_image()
    rotation = int(getattr(frame, "rotation", 0) or 0)
    if rotation:
        picture = picture.rotate(rotation, expand=True)
    if picture.size != (index.width, index.height):
        picture = picture.resize((index.width, index.height), Image.Resampling.BICUBIC)
    return picture


class Walker:
    """Gives decoded frames by their number, from any place on; jumps to key frames where that is shorter.

    Some containers cannot jump exactly. When a jump lands behind the wanted frame, the film is walked from
    its beginning, and no jump is tried again.

    Parameters
    ----------
    path : Path
        The film.
    pts, key : ndarray, shape (n_frames,)
        As of `Stamps`.
    before : callable, optional
        Told ``(codec context, packet)`` of every packet before it is decoded.
    hardware : str, optional
        As of `open_film`.
    """

    def __init__(
        self,
        path: Path,
        pts: npt.NDArray[np.int64],
        key: npt.NDArray[np.bool_],
        before: Callable[[Any, Any], None] | None = None,
        hardware: str | None = None,
    ) -> None:
        self._hardware = hardware
        self._path, self._pts, self._keys, self._before = path, pts, np.flatnonzero(key), before
        self._jumps = True
        self._open()

    def _open(self) -> None:
        self._container, self._stream = open_film(self._path, self._hardware)
        self._frames = self._decode()
        self._next = 0  # the frame that the decoder gives next, at the earliest

    def _decode(self) -> Iterator[Any]:
        context, before = self._stream.codec_context, self._before
        told = None if before is None else partial(before, context)
        return decoded(self._container, self._stream, [], told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _number(self, frame: Any) -> int:
        """Number of a frame; of one that is not in the list, −1."""
        if frame.pts is None:
            return -1
        number = int(np.searchsorted(self._pts, frame.pts))
        return number if number < len(self._pts) and self._pts[number] == frame.pts else -1

    def start(self, low: int) -> Iterator[tuple[int, Any]]:
        """Yield ``(number, frame)`` from frame ``low`` on, or from the first after it that can be decoded."""
        keys = self._keys[self._keys <= low]
        start = int(keys[-1]) if len(keys) else 0
        jumped = self._jumps and (start > self._next or low < self._next)
        if jumped:
            self._container.seek(int(self._pts[start]), stream=self._stream, backward=True, any_frame=False)
            self._frames = self._decode()
        elif low < self._next:
            self._container.close()
            self._open()
        for frame in self._frames:
            number = self._number(frame)
            if jumped and (number > low or number < 0):
                self._jumps = False
                self._next = len(self._pts)
                yield from self.start(low)
                return
            jumped = False
            if number >= low:
                self._next = number + 1
                yield number, frame


def read_frames(
    index: FilmIndex, numbers: Sequence[int], *, hardware: str | None = None
) -> Iterator[tuple[int, Image.Image]]:
    """Decode exactly the frames with these numbers, by way of the key frame before each where shorter.

    Parameters
    ----------
    index : FilmIndex
        From `shoal.steps.shots.find_cuts` of the same file.
    numbers : sequence of int
        Frame numbers from 0; any order, yielded sorted and once each.
    hardware : str, optional
        As of `open_film`.

    Yields
    ------
    tuple of (int, PIL.Image.Image)
        Number and RGB picture.
    """
    wanted = sorted(set(numbers))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < len(index):
        raise BadInputError(
            f"{str(index.path)!r} has frames 0..{len(index) - 1}, not {wanted[0]}..{wanted[-1]}",
            hint="Ask for numbers of frames that exist.",
        )
    with Walker(index.path, index.pts, index.key, hardware=hardware) as walker:
        for number in wanted:
            found, frame = next(walker.start(number), (-1, None))
            if found != number:
                raise BadInputError(
                    f"Frame {number} of {str(index.path)!r} cannot be decoded a second time",
                    hint="The film changed while it was read, or is damaged there; copy it again.",
                )
            yield number, _still(frame, index)
