"""One vector a face: the same person, a similar vector, whatever they wear; cached by content."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.face_geometry import align_face
from shoal.backends.face_models import FaceModel, choose_faces, load_faces
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.faces import Faces
from shoal.data.listing import file_marks
from shoal.data.pictures import read_picture
from shoal.data.tables import Embeddings
from shoal.errors import BadInputError, MissingError
from shoal.steps.contents import content_keys, open_cache
from shoal.store.embedding_cache import EmbeddingCache
from shoal.store.recall import unit_rows
from shoal.store.vectors import VectorStore

__all__ = ["embed_faces"]

# A face that is softer (see `Faces.sharpness`) or more turned tells little of who it is.
_LEAST_SHARP, _MOST_YAW = 50.0, 60.0
# Vectors are made durable this often, so that Ctrl-C or a crash loses little.
_KEEP_EVERY, _KEEP_EVERY_S = 1024, 2.0

Vectors = npt.NDArray[np.float16]


def _describe(task: tuple[Path, npt.NDArray[np.float32], str]) -> Vectors | None:
    """Vectors of some faces of one picture, of length 1; None when it cannot be read any more."""
    path, points, name = task
    try:
        picture = read_picture(path)
    except (BadInputError, MissingError):
        return None
    vectors = load_faces(name).embed(np.stack([align_face(picture, p) for p in points]))
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return (vectors / lengths).astype(np.float16)


def _face_key(content: bytes, points: npt.NDArray[np.float32]) -> bytes:
    """What a face's vector is kept under: the file's content, and the five points by which it is aligned."""
    return hashlib.sha256(content + np.ascontiguousarray(points, dtype="<f4").tobytes()).digest()


def _face_keys(
    faces: Faces,
    wanted: npt.NDArray[np.int64],
    cache: EmbeddingCache,
    progress: ProgressOption,
    cancel: CancelToken | None,
) -> tuple[list[bytes], set[int]]:
    """The key of each wanted face, empty where its picture cannot be opened; and rows of such pictures."""
    pictures, at = np.unique(faces.row[wanted], return_inverse=True)
    looked_at = faces.items.take(pictures)
    marks, reasons = file_marks(looked_at)
    contents = content_keys(looked_at, marks, reasons, cache.hashes, progress=progress, cancel=cancel)
    keys = [
        _face_key(contents[number], faces.points[face]) if contents[number] else b""
        for number, face in zip(at.tolist(), wanted.tolist(), strict=True)
    ]
    return keys, {int(pictures[number]) for number in reasons}


def _describe_missing(
    missing: dict[bytes, int],
    faces: Faces,
    name: str,
    store: VectorStore,
    executor: Executor | None,
    cancel: CancelToken | None,
    tell: Callable[[int], object],
) -> tuple[dict[bytes, npt.NDArray[np.float16]], set[int]]:
    """Describe the faces that no cache holds; vectors by key, and rows of pictures that cannot be read."""
    groups = [list(group) for _, group in groupby(missing.items(), key=lambda pair: faces.row[pair[1]])]
    made: dict[bytes, npt.NDArray[np.float16]] = {}
    waiting: list[bytes] = []
    gone: set[int] = set()
    kept = time.monotonic()

    def keep() -> None:
        if waiting:
            store.add(waiting, np.stack([made[key] for key in waiting]))
            waiting.clear()

    tasks = (
        (
            faces.items.file(int(faces.row[group[0][1]])),
            faces.points[[face for _, face in group]],
            name,
        )
        for group in groups
    )
    try:
        with reading_threads(executor) as pool:
            results = map_ordered(_describe, tasks, executor=pool, cancel=cancel)
            for group, part in zip(groups, results, strict=True):
                if part is None:
                    gone.add(int(faces.row[group[0][1]]))
                else:
                    made.update((key, vector) for (key, _), vector in zip(group, part, strict=True))
                    waiting.extend(key for key, _ in group)
                tell(len(group))
                if len(waiting) >= _KEEP_EVERY or time.monotonic() - kept > _KEEP_EVERY_S:
                    keep()
                    kept = time.monotonic()
    finally:
        keep()
    return made, gone


def _look_up_or_describe(
    faces: Faces,
    wanted: npt.NDArray[np.int64],
    model: FaceModel,
    cache: EmbeddingCache,
    executor: Executor | None,
    progress: ProgressOption,
    cancel: CancelToken | None,
) -> tuple[npt.NDArray[np.float16], dict[str, Any]]:
    """Vectors of the wanted faces, zeros where a picture cannot be read; and what happened."""
    store = cache.vectors(model.name, model.version, model.dims)
    keys, gone = _face_keys(faces, wanted, cache, progress, cancel)
    known = [at for at, key in enumerate(keys) if key]
    vectors = np.zeros((len(wanted), model.dims), dtype=np.float16)
    held, right = store.get([keys[at] for at in known])
    vectors[known] = held
    missing = {
        keys[at]: int(wanted[at]) for at, there in zip(known, right.tolist(), strict=True) if not there
    }
    with show("Describing faces", len(wanted), progress, unit="faces") as bar:
        bar.update(len(wanted) - len(missing))
        made, unreadable = _describe_missing(missing, faces, model.name, store, executor, cancel, bar.update)
    for at, key in enumerate(keys):
        if key in made:
            vectors[at] = made[key]
    rows = sorted(gone | unreadable)
    return vectors, {
        "from_cache": int(right.sum()),
        "unreadable": [faces.items.paths[row] for row in rows],
    }


def embed_faces(
    faces: Faces,
    *,
    model: str = "auto",
    per: Literal["picture", "face"] = "picture",
    cache: bool | str | os.PathLike[str] = True,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Embeddings:
    """Turn faces into vectors.

    They are cached by the picture's content, the place of the face and the model, so a second call, or one
    after files were moved, reads no picture.

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
    cache : bool or path
        ``True`` keeps vectors in the user cache, a path in that folder, ``False`` nowhere.
    executor : concurrent.futures.Executor, optional
        Where pictures are read and faces described; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two pictures.

    Returns
    -------
    Embeddings
        L2-normalised float32 rows (rounded to float16 first, as the cache keeps them); ``model`` is the face
        model's name. ``meta["from_cache"]`` counts the faces that were known, ``meta["unreadable"]`` lists
        pictures that cannot be read any more; their rows are NaN. With ``per="picture"`` ``meta["weak"]``
        lists pictures whose face is soft (sharpness below 50) or turned away (more than 60 degrees).

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
    loaded = load_faces(name)
    main = faces.main()
    wanted = main[main >= 0] if per == "picture" else np.arange(len(faces))
    table = faces.items if per == "picture" or faces.crops is None else faces.crops
    vectors = np.full((len(table), loaded.dims), np.nan, dtype=np.float32)
    with open_cache(cache) as kept:
        found, facts = _look_up_or_describe(faces, wanted, loaded, kept, executor, progress, cancel)
    have = np.flatnonzero(found.any(axis=1))
    unit = np.empty((len(have), loaded.dims), dtype=np.float32)
    unit_rows(found[have], unit)
    vectors[faces.row[wanted[have]] if per == "picture" else wanted[have]] = unit
    if per == "picture":
        weak = (faces.sharpness[wanted] < _LEAST_SHARP) | (np.abs(faces.yaw[wanted]) > _MOST_YAW)
        facts["weak"] = [table.paths[row] for row in faces.row[wanted[weak]].tolist()]
    meta: dict[str, Any] = {
        "chosen": why, "per": per, "threshold": loaded.threshold, **facts,
        "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    return Embeddings(table, vectors, name, meta)
