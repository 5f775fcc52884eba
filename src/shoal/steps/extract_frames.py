"""From a film to stills: shots, frames by number, timecodes from the stream."""

from __future__ import annotations

import json
import math
import os
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.parts import PARTS_NAME, PartLog
from shoal.compute.progress import ProgressOption, progress
from shoal.compute.runs import RunFolder, write_json
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError, MissingError
from shoal.steps.film import INDEX_NAME, FilmIndex, load_index, read_frames, save_index, timecode
from shoal.steps.measures import sharpness
from shoal.steps.shots import find_cuts

__all__ = ["extract_frames", "read_shots"]

SHOTS_NAME = "shots.json"
_VERSION = 1

Mode = Literal["scene", "interval", "hybrid"]


def _spread(first: int, last: int, count: int, margin: int) -> list[int]:
    """Spread ``count`` frame numbers evenly over a shot, keeping off its edges where it is long enough.

    A cut's first and last frames are often blends; each number is the middle of one of ``count`` equal parts.
    """
    length = last - first + 1
    keep_off = min(margin, max(0, (length - count) // 4))
    low, high = first + keep_off, last - keep_off
    span = high - low + 1
    count = min(count, span)
    return [low + int((i + 0.5) * span / count) for i in range(count)]


def choose_frames(
    index: FilmIndex, *, mode: str, frames_per_shot: int, interval_s: float, margin: int = 2
) -> list[tuple[int, int]]:
    """Choose which frames become stills.

    Parameters
    ----------
    index : FilmIndex
        The film.
    mode : {"scene", "interval", "hybrid"}
        See `extract_frames`.
    frames_per_shot : int
        For ``"scene"`` and, as the least number, ``"hybrid"``.
    interval_s : float
        Seconds, for ``"interval"`` and ``"hybrid"``.
    margin : int
        Frames to keep away from a cut.

    Returns
    -------
    list of (int, int)
        (shot, frame number), both from 0, in the order of the film.
    """
    shots = index.shots
    if mode == "interval":
        starts = np.array([first for first, _ in shots])
        begin, end = shots[0][0], shots[-1][1]
        from_s, to_s = float(index.time_s[begin]), float(index.time_s[end])
        marks = np.arange(from_s + interval_s / 2, to_s + interval_s / 2, interval_s)
        numbers = np.unique(np.searchsorted(index.time_s, marks).clip(begin, end))
        return [(int(np.searchsorted(starts, n, side="right")) - 1, int(n)) for n in numbers]
    chosen: list[tuple[int, int]] = []
    for shot, (first, last) in enumerate(shots):
        count = frames_per_shot
        if mode == "hybrid":
            seconds = (last - first + 1) / index.fps
            count = max(count, math.ceil(seconds / interval_s))
        chosen += [(shot, number) for number in _spread(first, last, count, margin)]
    return chosen


@dataclass(frozen=True, slots=True)
class _Still:
    """One still to be written; picklable, so that any executor can do it."""

    path: Path
    picture: Image.Image
    quality: int


def _write_still(still: _Still) -> tuple[str, float]:
    """Write one JPEG, whole or not at all, and return its name and sharpness."""
    temporary = still.path.with_name(f".{still.path.name}.tmp")
    still.picture.save(temporary, "JPEG", quality=still.quality, subsampling=0 if still.quality >= 90 else -1)
    temporary.replace(still.path)
    return still.path.name, sharpness(still.picture)


def _threshold(value: float) -> float:
    """Bring a threshold to 0..255: values up to 1 are shares of 100, as 0.27 for 27."""
    if not 0.0 < value <= 255.0:
        raise BadInputError(
            f"scene_threshold={value} is outside 0..255", hint="27 is usual; 0.27 means the same."
        )
    return value * 100.0 if value <= 1.0 else value


def _check(mode: str, detector: str, frames_per_shot: int, interval_s: float, quality: int) -> None:
    if mode not in ("scene", "interval", "hybrid"):
        raise BadInputError(f"mode={mode!r} is unknown", hint='Pass "scene", "interval" or "hybrid".')
    if detector not in ("adaptive", "content"):
        raise BadInputError(f"detector={detector!r} is unknown", hint='Pass "adaptive" or "content".')
    if frames_per_shot < 1:
        raise BadInputError(f"frames_per_shot={frames_per_shot} is below 1", hint="Pass 1 or more.")
    if not interval_s > 0:
        raise BadInputError(f"interval_s={interval_s} is not above 0", hint="Pass seconds, for example 0.5.")
    if not 1 <= quality <= 100:
        raise BadInputError(f"quality={quality} is outside 1..100", hint="95 is a good value for stills.")


def extract_frames(
    video: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    mode: Mode = "scene",
    detector: Literal["adaptive", "content"] = "adaptive",
    scene_threshold: float = 27.0,
    min_scene_length: int = 15,
    gradual: bool = True,
    frame_range: tuple[int, int] | None = None,
    frames_per_shot: int = 5,
    interval_s: float = 0.5,
    quality: int = 95,
    hardware: str | None = None,
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Shots:
    """Take stills out of a film, shot by shot.

    The film is decoded in a stream, so memory does not grow with its length: once to find the shots, for
    which about half of the frames are enough, and once for the chosen frames. Numbers count frames from 0,
    times come from the stream's own time stamps. When a run was killed, the same call goes on where it
    stopped.

    Parameters
    ----------
    video : path
        Any film that FFmpeg reads.
    out : path
        Folder for ``shot_003_frame_000160.jpg`` … and ``shots.json``.
    mode : {"scene", "interval", "hybrid"}
        ``"scene"``: ``frames_per_shot`` stills spread over each shot. ``"interval"``: one still every
        ``interval_s`` seconds of the film. ``"hybrid"``: in each shot one still every ``interval_s`` seconds,
        but at least ``frames_per_shot``.
    detector : {"adaptive", "content"}
        As PySceneDetect's of that name; ``"adaptive"`` takes fast movement for a cut less often, and is
        faster.
    scene_threshold : float
        Change of the picture that makes a cut, in PySceneDetect's units, 0..255; lower finds more. Values up
        to 1 are taken times 100.
    min_scene_length : int
        Least number of frames in a shot.
    gradual : bool
        Find dissolves and fades too; the new shot begins in their middle.
    frame_range : (int, int), optional
        First and last frame number, both inclusive, of the part to take stills from; default the whole film.
    frames_per_shot, interval_s
        See ``mode``.
    quality : int
        1..100, of the JPEG encoder.
    hardware : str, optional
        A device of FFmpeg that decodes (``"cuda"``, ``"videotoolbox"``, ``"vaapi"`` …); the processor does
        where there is none. Colours may differ by a level or two.
    force : bool
        Replace the stills of an earlier run in ``out``.
    executor : concurrent.futures.Executor, optional
        Where stills are encoded; default a few threads.
    progress : bool or callable
        Show progress bars, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two frames.

    Returns
    -------
    Shots
        The shots, with ``frames`` as `Items` (columns ``frame``, ``time_s``, ``shot``, ``sharpness``).

    Raises
    ------
    BadInputError
        The film cannot be read, or an argument is out of range.
    ExistsError
        ``out`` holds files and ``force`` is false.
    MissingError
        There is no such file, or the packages of the ``film`` extra are missing.
    """
    _check(mode, detector, frames_per_shot, interval_s, quality)
    film = Path(video)
    params: dict[str, Any] = {
        "video": film.name, "mode": mode, "detector": detector, "scene_threshold": scene_threshold,
        "min_scene_length": min_scene_length, "gradual": gradual, "frame_range": frame_range,
        "frames_per_shot": frames_per_shot, "interval_s": interval_s, "quality": quality,
    }  # fmt: skip
    search = {
        "detector": detector, "threshold": _threshold(scene_threshold), "min_length": min_scene_length,
        "gradual": gradual, "frame_range": frame_range, "hardware": hardware,
    }  # fmt: skip
    if not film.is_file():
        raise MissingError(f"{str(film)!r} does not exist", hint="Check the path of the film.")
    with RunFolder(out, "extract_frames", params, force=force, resume=True) as run:
        index = load_index(run.path / INDEX_NAME, film) if run.resumed else None
        if index is None:
            run.start_over()
            index = _find(film, search, progress, cancel)
            save_index(run.own(INDEX_NAME), index)
        chosen = choose_frames(index, mode=mode, frames_per_shot=frames_per_shot, interval_s=interval_s)
        names = [f"shot_{shot:03d}_frame_{number:06d}.jpg" for shot, number in chosen]
        measured = _write(index, chosen, names, run, (quality, hardware), executor, progress, cancel)
        shots = _as_shots(index, chosen, names, measured, run.path, params)
        write_json(run.own(SHOTS_NAME), _as_dict(shots, index))
        run.facts.update(shots=len(shots), frames=len(shots.frames), decode_errors=index.decode_errors)
    return shots


def _find(
    film: Path, search: dict[str, Any], option: ProgressOption, cancel: CancelToken | None
) -> FilmIndex:
    with progress("Finding shots", None, option, unit="frames") as bar:

        def advance(n: int) -> None:
            if cancel is not None:
                cancel.check()
            bar.update(n)

        return find_cuts(film, advance=advance, **search)


def _write(
    index: FilmIndex,
    chosen: list[tuple[int, int]],
    names: list[str],
    run: RunFolder,
    how: tuple[int, str | None],
    executor: Executor | None,
    option: ProgressOption,
    cancel: CancelToken | None,
) -> list[float]:
    """Write the stills that are not there yet and return the sharpness of each."""
    with (
        PartLog(run.own(PARTS_NAME), keep=run.resumed) as log,
        reading_threads(executor) as pool,
        progress("Writing stills", len(names), option, unit="stills") as bar,
    ):
        todo = {
            number: name
            for name, (_, number) in zip(names, chosen, strict=True)
            if name not in log.done or not (run.path / name).is_file()
        }
        bar.update(len(names) - len(todo))
        stills = (
            _Still(run.own(todo[number]), picture, how[0])
            for number, picture in read_frames(index, list(todo), hardware=how[1])
        )
        for name, value in map_ordered(_write_still, stills, executor=pool, cancel=cancel):
            log.add(name, {"sharpness": value})
            bar.update()
        return [float(log.done[name]["sharpness"]) for name in names]


def _as_shots(
    index: FilmIndex,
    chosen: list[tuple[int, int]],
    names: list[str],
    measured: list[float],
    root: Path,
    params: dict[str, Any],
) -> Shots:
    numbers = np.array([number for _, number in chosen], dtype=np.int64)
    frames = Items(
        root=root,
        paths=names,
        columns={
            "frame": numbers,
            "time_s": index.time_s[numbers],
            "shot": np.array([shot for shot, _ in chosen], dtype=np.int32),
            "sharpness": np.array(measured, dtype=np.float32),
        },
        meta={"step": "extract_frames", "film": index.path.name, "parameters": params},
    )
    edges = np.array(index.shots, dtype=np.int64).reshape(-1, 2)
    return Shots(frames=frames, first_frame=edges[:, 0], last_frame=edges[:, 1], fps=index.fps)


def _as_dict(shots: Shots, index: FilmIndex) -> dict[str, Any]:
    """Return what ``shots.json`` holds; ``last_frame`` is inclusive, ``end_s`` exclusive."""
    frames = shots.frames
    length = 1.0 / index.fps
    of_shot: dict[int, list[dict[str, Any]]] = {}
    for row, path in enumerate(frames.paths):
        still = {
            "file": path,
            "frame": int(frames.columns["frame"][row]),
            "time_s": round(float(frames.columns["time_s"][row]), 6),
            "sharpness": round(float(frames.columns["sharpness"][row]), 3),
        }
        of_shot.setdefault(int(frames.columns["shot"][row]), []).append(still)
    listed: list[dict[str, Any]] = []
    for shot, (first, last) in enumerate(index.shots):
        start, end = float(index.time_s[first]), float(index.time_s[last]) + length
        listed.append(
            {
                "shot": shot,
                "first_frame": first,
                "last_frame": last,
                "start_s": round(start, 6),
                "end_s": round(end, 6),
                "start": timecode(start),
                "end": timecode(end),
                "transition_in": (("start", *index.kinds)[shot]),
                "stills": of_shot.get(shot, []),
            }
        )
    return {
        "version": _VERSION,
        "film": index.path.name,
        "fps": index.fps,
        "frames": len(index),
        "width": index.width,
        "height": index.height,
        "parameters": dict(frames.meta.get("parameters", {})),
        "shots": listed,
    }


def read_shots(folder: str | os.PathLike[str]) -> Shots:
    """Read the result of an earlier `extract_frames` from its folder.

    Raises
    ------
    BadInputError
        ``shots.json`` is damaged or of a newer version.
    MissingError
        There is no ``shots.json``.
    """
    root = Path(folder)
    path = root / SHOTS_NAME
    if not path.is_file():
        raise MissingError(
            f"{str(path)!r} does not exist", hint="Call shoal.extract_frames(film, out=…) first."
        )
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["version"] > _VERSION:
            raise BadInputError(f"{str(path)!r} is of a newer version", hint="Update shoal.")
        stills = [(shot["shot"], still) for shot in held["shots"] for still in shot["stills"]]
        frames = Items(
            root=root,
            paths=[still["file"] for _, still in stills],
            columns={
                "frame": np.array([still["frame"] for _, still in stills], dtype=np.int64),
                "time_s": np.array([still["time_s"] for _, still in stills], dtype=np.float64),
                "shot": np.array([shot for shot, _ in stills], dtype=np.int32),
                "sharpness": np.array([still["sharpness"] for _, still in stills], dtype=np.float32),
            },
            meta={"step": "extract_frames", "film": held["film"], "parameters": held["parameters"]},
        )
        return Shots(
            frames=frames,
            first_frame=np.array([shot["first_frame"] for shot in held["shots"]], dtype=np.int64),
            last_frame=np.array([shot["last_frame"] for shot in held["shots"]], dtype=np.int64),
            fps=float(held["fps"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInputError(
            f"{str(path)!r} is damaged: {error!r}", hint="Extract the frames again."
        ) from error
