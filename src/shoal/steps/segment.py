"""Cutting the subjects out of frames: one item for every character of every frame."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from shoal.backends.lama import load as load_lama
from shoal.backends.registry import choose
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.parts import PARTS_NAME, PartLog
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import RunFolder, write_json
from shoal.data.constraints import CONSTRAINTS_NAME, film_constraints
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError
from shoal.steps.cut_outs import FrameCut, Rules, cut_frame
from shoal.steps.segmented import RESULTS_NAME, VERSION, Found
from shoal.steps.splitting import load_instances

__all__ = ["segment"]

FRAMES_NAME = ".segment_frames.json"


def _check(rules: Rules) -> None:
    if not 0.0 < rules.alpha_threshold < 1.0:
        raise BadInputError(
            f"alpha_threshold={rules.alpha_threshold} is outside 0..1", hint="0.15 keeps hair and fur."
        )
    if rules.min_size < 1:
        raise BadInputError(f"min_size={rules.min_size} is below 1", hint="Pass pixels, for example 48.")
    if not 0.0 <= rules.margin <= 1.0:
        raise BadInputError(
            f"margin={rules.margin} is outside 0..1", hint="It is a share of the subject's side."
        )
    if rules.background not in ("telea", "lama", "none"):
        raise BadInputError(
            f"background={rules.background!r} is unknown", hint='Pass "telea", "lama" or "none".'
        )


def segment(
    frames: Items | Shots,
    *,
    out: str | os.PathLike[str],
    model: str = "auto",
    alpha_threshold: float = 0.15,
    blur_threshold: float = 8.0,
    min_size: int = 48,
    min_confidence: float = 0.5,
    margin: float = 0.04,
    tiles: bool = True,
    instances: str = "none",
    background: Literal["telea", "lama", "none"] = "none",
    overlays: bool = False,
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Items:
    """Cut every subject out of every frame.

    The matte is fitted to the edges of the picture and separated into connected subjects: certain cores that
    touch only by faint pixels stay apart. Each becomes a PNG with transparency, so that nothing but the
    subject reaches an embedding. Instances of one shot are linked across frames where place and looks leave
    no doubt. When a run was killed, the same call goes on where it stopped.

    Parameters
    ----------
    frames : Items or Shots
        The stills.
    out : path
        Folder for ``character/*.png`` (crops), ``masks/*.png`` (palette; value k = instance k − 1 of that
        frame), ``rejected/*.png``, ``background/*.jpg``, ``overlays/*.jpg``, ``constraints.csv`` and
        ``segmentation_results.json``.
    model : str
        Registry name of a matte, or ``"auto"``.
    alpha_threshold : float
        Matte, 0..1, above which a pixel belongs to a subject.
    blur_threshold : float
        Least sharpness (variance of the Laplacian inside the subject, at most 512 px a side). 80 suits
        live-action film in HD; smooth rendered characters and small stills are far lower, hence the default.
    min_size : int
        Least longer side of a crop in pixels.
    min_confidence : float
        Least mean matte inside the subject, 0..1.
    margin : float
        Room around a subject, as a share of its longer side.
    tiles : bool
        Look at a wide frame in two or more square parts, which finds small subjects beside large ones and
        those at the edges, and takes as many times as long. False squeezes the frame into one look.
    instances : str
        Model that tells apart subjects that touch: ``"sam2"``, ``"sam2:folder or owner/name"``, or
        ``"none"``.
    background : {"telea", "lama", "none"}
        Write every frame without its subjects too, filled from around them: smoothly (Telea, 2004), or with
        what a network imagines (LaMa, by a file that you bring: ``lama_fp32.onnx`` of Carve/LaMa-ONNX in the
        folder of the models).
    overlays : bool
        Write every frame with its instances marked too, to check by eye.
    force : bool
        Replace the result of an earlier run in ``out``.
    executor : concurrent.futures.Executor, optional
        Where frames are worked on; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two frames.

    Returns
    -------
    Items
        One row a subject, paths like ``character/shot_003_frame_000160_0.png``; columns ``box`` (in the
        frame's pixels), ``source`` (the frame's path), ``instance``, ``sharpness``, ``area``, ``confidence``,
        ``edges`` (which of the frame's edges it touches, of the letters ``ltrb``), those of ``frame``,
        ``time_s`` and ``shot`` that the frames have, and with ``shot`` and ``frame`` also ``track``. Rejected
        subjects are listed in ``segmentation_results.json`` with the reason; `read_rejected` gives them as
        items.

    Raises
    ------
    BadInputError
        An argument is out of range.
    ExistsError
        ``out`` holds files and ``force`` is false.
    MissingError
        The model's weights or packages are not there.
    """
    stills = frames.frames if isinstance(frames, Shots) else frames
    chosen, why = choose("matte", model)
    rules = Rules(
        chosen.name, alpha_threshold, blur_threshold, min_size, min_confidence, margin, tiles, background,
        instances, overlays,
    )  # fmt: skip
    _check(rules)
    if instances != "none":
        load_instances(instances)  # what is missing is said before the first frame
    if background == "lama":
        load_lama()
    params = {
        "model": chosen.name, "alpha_threshold": alpha_threshold, "blur_threshold": blur_threshold,
        "min_size": min_size, "min_confidence": min_confidence, "margin": margin, "tiles": tiles,
        "instances": instances, "background": background, "overlays": overlays,
    }  # fmt: skip
    with RunFolder(out, "segment", params, force=force, resume=True) as run:
        if run.resumed and not _same_frames(run.path, stills):
            run.start_over()
        write_json(run.own(FRAMES_NAME), _frames_of(run.path, stills))
        with PartLog(run.own(PARTS_NAME), keep=run.resumed) as log:
            _cut_all(stills, rules, run, log, executor, progress, cancel)
            found = Found(stills, [log.done[path] for path in stills.paths])
        items = found.items(run.path, {"step": "segment", "parameters": params, "chosen": why})
        write_json(
            run.own(RESULTS_NAME), {"version": VERSION, "parameters": params, "frames": found.listed(items)}
        )
        film_constraints(items).write(run.own(CONSTRAINTS_NAME))
        run.facts.update(frames=len(stills), items=len(items), rejected=found.rejected, chosen=why)
    return items


def _same_frames(folder: Path, stills: Items) -> bool:
    try:
        held = json.loads((folder / FRAMES_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return held == _frames_of(folder, stills)


def _frames_of(folder: Path, stills: Items) -> dict[str, Any]:
    """Which frames were cut; their place relative to the result: a run elsewhere gives the same bytes."""
    try:
        root = os.path.relpath(stills.root.resolve(), folder.resolve())
    except ValueError:  # on another drive
        root = str(stills.root.resolve())
    return {"root": root, "paths": list(stills.paths)}


def _cut_all(
    stills: Items,
    rules: Rules,
    run: RunFolder,
    log: PartLog,
    executor: Executor | None,
    option: ProgressOption,
    cancel: CancelToken | None,
) -> None:
    """Cut the frames that are not done yet, write their files and note them."""
    stems = _unique_stems(stills.paths)
    todo = [row for row, path in enumerate(stills.paths) if path not in log.done]
    tasks = ((stills.file(row), rules) for row in todo)
    with (
        reading_threads(executor) as pool,
        show("Cutting out subjects", len(stills), option, unit="frames") as bar,
    ):
        bar.update(len(stills) - len(todo))
        results: Iterator[FrameCut] = map_ordered(cut_frame, tasks, executor=pool, cancel=cancel)
        for row, frame in zip(todo, results, strict=True):
            log.add(stills.paths[row], _written(frame, stems[row], run))
            bar.update()


def _written(frame: FrameCut, stem: str, run: RunFolder) -> dict[str, Any]:
    """Write the files of one frame; returns what is noted of it."""
    listed: list[dict[str, Any]] = []
    counts = {"character": 0, "rejected": 0}
    for cut in frame.cut_outs:
        folder = "rejected" if cut.reason else "character"
        # names of their own, so that both can lie in one review under the names they have
        path = f"{folder}/{stem}_{'r' if cut.reason else ''}{counts[folder]}.png"
        run.own(path).write_bytes(cut.crop)
        listed.append({"file": path, "instance": counts[folder], **cut.facts()})
        counts[folder] += 1
    noted: dict[str, Any] = {"size": [frame.width, frame.height], "cut_outs": listed, "error": frame.error}
    for kind, content, suffix in (
        ("masks", frame.mask, "png"),
        ("background", frame.background, "jpg"),
        ("overlays", frame.overlay, "jpg"),
    ):
        if content:
            noted[kind] = f"{kind}/{stem}.{suffix}"
            run.own(noted[kind]).write_bytes(content)
    return noted


def _unique_stems(paths: Iterable[str]) -> list[str]:
    """Name each frame's crops after it; folders join the name only where two would be equal."""
    paths = list(paths)
    stems = [PurePosixPath(path).stem for path in paths]
    folded = [stem.casefold() for stem in stems]
    twice = (
        {stem for stem in folded if folded.count(stem) > 1} if len(set(folded)) < len(folded) else set[str]()
    )
    used: set[str] = set()
    result: list[str] = []
    for path, stem, fold in zip(paths, stems, folded, strict=True):
        name = "_".join(PurePosixPath(path).with_suffix("").parts) if fold in twice else stem
        candidate, n = name, 2
        while candidate.casefold() in used:
            candidate, n = f"{name}_{n}", n + 1
        used.add(candidate.casefold())
        result.append(candidate)
    return result
