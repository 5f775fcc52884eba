"""Every face of every picture: where it is, how large, sharp and turned."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.face_geometry import Detected, align_face, yaw_of
from shoal.backends.face_models import choose_faces, load_faces
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import RunFolder, write_json
from shoal.data.faces import Faces
from shoal.data.pictures import read_picture
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError, MissingError
from shoal.steps.measures import sharpness

__all__ = ["detect_faces"]

RESULTS_NAME = "faces.json"
_VERSION = 1
# A face that fills its picture is found when there is a margin around it.
_SECOND_LOOK = 0.5


@dataclass(slots=True)
class _Look:
    """What one picture gave."""

    found: Detected | None = None
    sharp: npt.NDArray[np.float32] | None = None
    crops: list[bytes] | None = None
    error: str = ""


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=3)
    return out.getvalue()


def _look(task: tuple[Path, str, float, float, bool]) -> _Look:
    """Find the faces of one picture; runs in any executor."""
    path, name, min_score, min_size, encode = task
    try:
        picture = read_picture(path)
    except (BadInputError, MissingError) as error:
        return _Look(error=error.message)
    model = load_faces(name)
    found = model.detect(picture)
    if not len(found):
        found = model.detect(picture, share=_SECOND_LOOK)
    side = np.minimum(found.box[:, 2] - found.box[:, 0], found.box[:, 3] - found.box[:, 1])
    kept = (found.score >= min_score) & (side >= min_size)
    found = Detected(found.box[kept], found.points[kept], found.score[kept])
    crops = [align_face(picture, points) for points in found.points]
    sharp = np.array([sharpness(Image.fromarray(crop)) for crop in crops], dtype=np.float32)
    return _Look(found, sharp, [_png(crop) for crop in crops] if encode else None)


@contextmanager
def _folder(
    out: str | os.PathLike[str] | None, params: dict[str, Any], force: bool
) -> Iterator[RunFolder | None]:
    with nullcontext() if out is None else RunFolder(out, "detect_faces", params, force=force) as run:
        yield run


def detect_faces(
    items: Items | Shots,
    *,
    model: str = "auto",
    min_score: float = 0.6,
    min_size: float = 16.0,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Faces:
    """Find the faces in pictures.

    A picture in which none is found is looked at again with a margin around it, since a face that fills its
    picture is mostly missed.

    Parameters
    ----------
    items : Items or Shots
        The pictures.
    model : str
        ``"yunet-sface"`` (the offline pair), ``"insightface:<pack>"``, the folder of such a pack, or
        ``"auto"``; see `shoal.backends.face_models.choose_faces`.
    min_score : float
        Least certainty of the detector, 0..1.
    min_size : float
        Least shorter side of a face in pixels.
    out : path, optional
        Folder for the aligned crops, ``<picture>_<number>.png`` of 112 × 112 pixels, and ``faces.json``.
    force : bool
        Replace the result of an earlier run in ``out``.
    executor : concurrent.futures.Executor, optional
        Where pictures are looked at; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two pictures.

    Returns
    -------
    Faces
        Pictures that cannot be read have none; ``meta["unreadable"]`` lists them with the reason.

    Raises
    ------
    BadInputError
        An argument is out of range.
    ExistsError
        ``out`` holds files and ``force`` is false.
    MissingError
        The model or a package it needs is not here.
    """
    if not 0.0 <= min_score <= 1.0 or min_size < 0:
        raise BadInputError(
            f"detect_faces(min_score={min_score}, min_size={min_size}) is out of range",
            hint="min_score is 0..1, min_size a number of pixels.",
        )
    table = items.frames if isinstance(items, Shots) else items
    name, why = choose_faces(model)
    params = {"model": name, "min_score": min_score, "min_size": min_size}
    looks: list[_Look] = []
    paths: list[str] = []
    used: set[str] = set()
    with _folder(out, params, force) as run:
        tasks = ((table.file(row), name, min_score, min_size, run is not None) for row in range(len(table)))
        with (
            reading_threads(executor) as pool,
            show("Finding faces", len(table), progress, unit="pictures") as bar,
        ):
            for row, look in enumerate(map_ordered(_look, tasks, executor=pool, cancel=cancel)):
                for number, crop in enumerate(look.crops or []):
                    assert run is not None
                    # pictures of equal names in different folders are told apart by their row
                    stem = PurePosixPath(table.paths[row]).stem
                    path = f"{stem}_{number}.png"
                    path = path if path.casefold() not in used else f"{stem}_{row}_{number}.png"
                    used.add(path.casefold())
                    run.own(path).write_bytes(crop)
                    paths.append(path)
                look.crops = None
                looks.append(look)
                bar.update()
        unreadable = [
            {"path": table.paths[row], "reason": look.error} for row, look in enumerate(looks) if look.error
        ]
        meta = {**params, "chosen": why, "unreadable": unreadable}
        faces = _table(table, looks, name, meta, None if run is None else Items(run.path, paths))
        if run is not None:
            write_json(run.own(RESULTS_NAME), _listed(faces))
            run.facts.update(faces=len(faces), pictures=len(table), chosen=why)
    return faces


def _table(items: Items, looks: list[_Look], model: str, meta: dict[str, Any], crops: Items | None) -> Faces:
    found = [(row, look) for row, look in enumerate(looks) if look.found is not None and len(look.found)]

    def joined(parts: list[Any], shape: tuple[int, ...]) -> Any:
        return np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, *shape), dtype=np.float32)

    box = joined([look.found.box for _, look in found if look.found], (4,))
    points = joined([look.found.points for _, look in found if look.found], (5, 2))
    return Faces(
        items=items,
        row=np.repeat(
            np.array([row for row, _ in found], dtype=np.int32),
            [len(look.found) for _, look in found if look.found],
        ).astype(np.int32),
        box=box,
        points=points,
        score=joined([look.found.score for _, look in found if look.found], ()),
        size=np.minimum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]),
        sharpness=joined([look.sharp for _, look in found], ()),
        yaw=np.array([yaw_of(p) for p in points], dtype=np.float32),
        model=model,
        crops=crops,
        meta=meta,
    )


def _listed(faces: Faces) -> dict[str, Any]:
    """What ``faces.json`` holds."""
    assert faces.crops is not None
    return {
        "version": _VERSION,
        "parameters": {key: faces.meta[key] for key in ("model", "min_score", "min_size")},
        "unreadable": faces.meta["unreadable"],
        "faces": [
            {
                "picture": faces.items.paths[int(faces.row[at])],
                "file": faces.crops.paths[at],
                "box": [round(float(v), 2) for v in faces.box[at]],
                "points": [[round(float(v), 2) for v in point] for point in faces.points[at]],
                "score": round(float(faces.score[at]), 4),
                "size": round(float(faces.size[at]), 2),
                "sharpness": round(float(faces.sharpness[at]), 2),
                "yaw": round(float(faces.yaw[at]), 1),
            }
            for at in range(len(faces))
        ],
    }
