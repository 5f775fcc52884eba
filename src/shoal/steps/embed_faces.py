"""One vector a face: the same person, a similar vector, whatever they wear."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.face_geometry import align_face
from shoal.backends.face_models import choose_faces, load_faces
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.faces import Faces
from shoal.data.pictures import read_picture
from shoal.data.tables import Embeddings
from shoal.errors import BadInputError, MissingError

__all__ = ["embed_faces"]


def _describe(task: tuple[Path, npt.NDArray[np.float32], str]) -> npt.NDArray[np.float32] | None:
    """Vectors of some faces of one picture, of length 1; None when it cannot be read any more."""
    path, points, name = task
    try:
        picture = read_picture(path)
    except (BadInputError, MissingError):
        return None
    vectors = load_faces(name).embed(np.stack([align_face(picture, p) for p in points]))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def embed_faces(
    faces: Faces,
    *,
    model: str = "auto",
    per: Literal["picture", "face"] = "picture",
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Embeddings:
    """Turn faces into vectors.

    Parameters
    ----------
    faces : Faces
        From `detect_faces`.
    model : str
        As there; ``"auto"`` is the model that found them.
    per : {"picture", "face"}
        ``"picture"``: one row for each picture, that of its main face (see `Faces.main`), NaN where there is
        none; to be laid beside the vectors of `embed`. ``"face"``: one row for each face, whose items are the
        crops that ``detect_faces(out=…)`` has written.
    executor : concurrent.futures.Executor, optional
        Where pictures are read and faces described; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two pictures.

    Returns
    -------
    Embeddings
        L2-normalised rows; ``model`` is the face model's name.

    Raises
    ------
    BadInputError
        ``per="face"`` without crops.
    MissingError
        The model or a package it needs is not here.
    """
    if per not in ("picture", "face"):
        raise BadInputError(f"per={per!r} is unknown", hint='Pass "picture" or "face".')
    if per == "face" and faces.crops is None:
        raise BadInputError(
            'per="face" needs the aligned crops as items', hint="Call detect_faces with out=, then try again."
        )
    started = time.perf_counter()
    name, why = choose_faces(faces.model if model == "auto" else model)
    main = faces.main()
    wanted = main[main >= 0] if per == "picture" else np.arange(len(faces))
    pictures, starts = np.unique(faces.row[wanted], return_index=True)
    groups = np.split(wanted, starts[1:]) if len(wanted) else []
    parts: list[npt.NDArray[np.float32] | None] = []
    with (
        reading_threads(executor) as pool,
        show("Describing faces", len(groups), progress, unit="pictures") as bar,
    ):
        tasks = (
            (faces.items.file(int(row)), faces.points[group], name)
            for row, group in zip(pictures, groups, strict=True)
        )
        for part in map_ordered(_describe, tasks, executor=pool, cancel=cancel):
            parts.append(part)
            bar.update()
    dims = load_faces(name).dims
    table = faces.items if per == "picture" or faces.crops is None else faces.crops
    vectors = np.full((len(table), dims), np.nan, dtype=np.float32)
    for row, group, part in zip(pictures, groups, parts, strict=True):
        if part is not None:
            vectors[[int(row)] if per == "picture" else group] = part
    gone = [faces.items.paths[int(r)] for r, part in zip(pictures, parts, strict=True) if part is None]
    meta: dict[str, Any] = {
        "chosen": why, "per": per, "threshold": load_faces(name).threshold, "unreadable": gone,
        "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    return Embeddings(table, vectors, name, meta)
