"""Cutting the subjects out of frames: one item for every character of every frame."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from shoal.backends.registry import choose, load_matte
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import RunFolder, write_json
from shoal.data.pictures import read_picture
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError
from shoal.steps.instances import Region, find_regions
from shoal.steps.measures import sharpness

__all__ = ["segment"]

RESULTS_NAME = "segmentation_results.json"
_VERSION = 1
# A region smaller than this share of min_size is a speck of the matte, not a rejected subject worth listing.
_SPECK = 0.25
_SOLID = 0.5


@dataclass(frozen=True, slots=True)
class _Rules:
    """The parameters that decide which regions become items; picklable."""

    model: str
    alpha_threshold: float
    blur_threshold: float
    min_size: int
    min_confidence: float
    margin: float


@dataclass(frozen=True, slots=True)
class _Instance:
    """One region of a frame, encoded, with the reason when it is rejected."""

    box: tuple[int, int, int, int]
    area: int
    confidence: float
    sharpness: float
    reason: str
    crop: bytes = b""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What one frame gave; ``error`` when it could not be read."""

    width: int = 0
    height: int = 0
    instances: list[_Instance] = field(default_factory=list)
    mask: bytes = b""
    error: str = ""


def _reject(region: Region, sharp: float, rules: _Rules) -> str:
    """Why a region is no item, in words, or nothing."""
    side = max(region.box[2] - region.box[0], region.box[3] - region.box[1])
    if side < rules.min_size:
        return f"small: {side} px, less than {rules.min_size}"
    if region.confidence < rules.min_confidence:
        return f"unsure: mean matte {region.confidence:.2f}, less than {rules.min_confidence:g}"
    if sharp < rules.blur_threshold:
        return f"blurred: sharpness {sharp:.1f}, less than {rules.blur_threshold:g}"
    return ""


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", compress_level=3)
    return target.getvalue()


def _cut_out(picture: Image.Image, region: Region) -> Image.Image:
    crop = picture.crop(region.box)
    # A matte that is 0.7 sure of a whole subject would make it see-through: its own solid part becomes solid.
    solid = max(_SOLID, float(np.quantile(region.alpha[region.alpha > 0], 0.75)))
    opacity = np.clip(region.alpha / solid, 0.0, 1.0)
    crop.putalpha(Image.fromarray(np.rint(opacity * 255.0).astype(np.uint8)))
    return crop


def _palette_mask(size: tuple[int, int], regions: list[Region]) -> Image.Image:
    """Draw the accepted regions as a palette picture: value k = instance k − 1, 0 = background."""
    labels = np.zeros((size[1], size[0]), dtype=np.uint8)
    for number, region in enumerate(regions[:255], start=1):
        left, top, right, bottom = region.box
        window = labels[top:bottom, left:right]
        window[region.alpha > 0] = number
    mask = Image.fromarray(labels, mode="P")
    hues = np.random.default_rng(7).integers(60, 256, (256, 3))
    hues[0] = 0
    mask.putpalette(hues.astype(np.uint8).tobytes())
    return mask


def _segment_one(task: tuple[Path, _Rules]) -> _Frame:
    """Cut one frame; runs in any executor and hands back bytes, so that one place writes files."""
    path, rules = task
    try:
        picture = read_picture(path)
    except BadInputError as error:
        return _Frame(error=error.message)
    matte = load_matte(rules.model).alpha(picture)
    regions = find_regions(
        matte,
        alpha_threshold=rules.alpha_threshold,
        margin=rules.margin,
        min_side=max(1, round(rules.min_size * _SPECK)),
    )
    kept: list[Region] = []
    instances: list[_Instance] = []
    for region in regions:
        crop = _cut_out(picture, region)
        sharp = sharpness(crop, region.alpha > 0.5)
        reason = _reject(region, sharp, rules)
        encoded = b"" if reason else _png(crop)
        instances.append(_Instance(region.box, region.area, region.confidence, sharp, reason, encoded))
        if not reason:
            kept.append(region)
    return _Frame(*picture.size, instances, _png(_palette_mask(picture.size, kept)) if kept else b"")


def _check(rules: _Rules) -> None:
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
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Items:
    """Cut every subject out of every frame.

    The matte is separated into connected subjects: certain cores that touch only by faint pixels stay apart.
    Each becomes a PNG with transparency, so that nothing but the subject reaches an embedding.

    Parameters
    ----------
    frames : Items or Shots
        The stills.
    out : path
        Folder for ``character/*.png`` (crops), ``masks/*.png`` (palette; value k = instance k − 1 of that
        frame) and ``segmentation_results.json``.
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
        and those of ``frame``, ``time_s`` and ``shot`` that the frames have. Rejected subjects are listed in
        ``segmentation_results.json`` with the reason.

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
    rules = _Rules(chosen.name, alpha_threshold, blur_threshold, min_size, min_confidence, margin)
    _check(rules)
    params = {
        "model": chosen.name, "alpha_threshold": alpha_threshold, "blur_threshold": blur_threshold,
        "min_size": min_size, "min_confidence": min_confidence, "margin": margin,
    }  # fmt: skip
    collected = _Collected(stills)
    with RunFolder(out, "segment", params, force=force) as run:
        tasks: Iterable[tuple[Path, _Rules]] = ((stills.file(row), rules) for row in range(len(stills)))
        with (
            reading_threads(executor) as pool,
            show("Cutting out subjects", len(stills), progress, unit="frames") as bar,
        ):
            for row, frame in enumerate(map_ordered(_segment_one, tasks, executor=pool, cancel=cancel)):
                collected.add(row, frame, run)
                bar.update()
        items = collected.items(run.path, {"step": "segment", "parameters": params, "chosen": why})
        write_json(
            run.own(RESULTS_NAME), {"version": _VERSION, "parameters": params, "frames": collected.listed}
        )
        run.facts.update(frames=len(stills), items=len(items), rejected=collected.rejected, chosen=why)
    return items


class _Collected:
    """The rows and the report, gathered frame by frame in order."""

    def __init__(self, stills: Items) -> None:
        self.stills = stills
        self.stems = _unique_stems(stills.paths)
        self.paths: list[str] = []
        self.rows: list[int] = []
        self.kept: list[_Instance] = []
        self.numbers: list[int] = []
        self.listed: list[dict[str, Any]] = []
        self.rejected = 0

    def add(self, row: int, frame: _Frame, run: RunFolder) -> None:
        """Write the files of one frame and note them."""
        stem = self.stems[row]
        listed: list[dict[str, Any]] = []
        number = 0
        for instance in frame.instances:
            facts: dict[str, Any] = {
                "box": instance.box,
                "area": instance.area,
                "confidence": round(instance.confidence, 4),
                "sharpness": round(instance.sharpness, 3),
            }
            if instance.reason:
                self.rejected += 1
                listed.append({"rejected": instance.reason, **facts})
                continue
            path = f"character/{stem}_{number}.png"
            run.own(path).write_bytes(instance.crop)
            listed.append({"file": path, "instance": number, **facts})
            self.paths.append(path)
            self.rows.append(row)
            self.kept.append(instance)
            self.numbers.append(number)
            number += 1
        entry: dict[str, Any] = {"frame": self.stills.paths[row], "size": [frame.width, frame.height]}
        if frame.mask:
            mask = f"masks/{stem}.png"
            run.own(mask).write_bytes(frame.mask)
            entry["mask"] = mask
        if frame.error:
            entry["error"] = frame.error
        self.listed.append({**entry, "instances": listed})

    def items(self, root: Path, meta: dict[str, Any]) -> Items:
        rows = np.asarray(self.rows, dtype=np.int64)
        inherited = {
            name: values[rows]
            for name, values in self.stills.columns.items()
            if name in ("frame", "time_s", "shot")
        }
        sources = [self.stills.paths[row] for row in self.rows]
        columns = {
            **inherited,
            "source": np.asarray(sources, dtype=np.str_) if sources else np.empty(0, dtype="U1"),
            "instance": np.asarray(self.numbers, dtype=np.int32),
            "box": np.asarray([i.box for i in self.kept], dtype=np.float32).reshape(-1, 4),
            "area": np.asarray([i.area for i in self.kept], dtype=np.int64),
            "confidence": np.asarray([i.confidence for i in self.kept], dtype=np.float32),
            "sharpness": np.asarray([i.sharpness for i in self.kept], dtype=np.float32),
        }
        return Items(
            root=root, paths=self.paths, columns=columns, meta={**meta, "frames": str(self.stills.root)}
        )


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
