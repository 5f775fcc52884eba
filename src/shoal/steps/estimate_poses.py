"""How each character stands: keypoints, and which way it is turned."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends import rtmlib_pose
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.faces import Faces
from shoal.data.pictures import read_picture
from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError
from shoal.steps.pose_geometry import view_of, view_of_yaw

__all__ = ["Poses", "estimate_poses", "views_of_faces"]


@dataclass(frozen=True, slots=True)
class Poses:
    """Keypoints of every item.

    Parameters
    ----------
    items : Items
        The cut-outs; with the column ``view`` (str: ``"front"``, ``"three-quarter"``, ``"profile"``,
        ``"back"``, or ``""`` when the keypoints do not say).
    keypoints : ndarray of float32, shape (n_items, 17, 3)
        x and y in pixels of the cut-out and score 0..1, in COCO's order; NaN for pictures that cannot be
        read.
    meta : mapping, optional
        Model and unreadable pictures.
    """

    items: Items
    keypoints: npt.NDArray[np.float32]
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if self.keypoints.shape != (len(self.items), 17, 3):
            raise BadInputError(
                f"Poses: keypoints have shape {self.keypoints.shape}, but there are {len(self.items)} items",
                hint="They must be (n_items, 17, 3).",
            )

    def __len__(self) -> int:
        return len(self.items)

    @classmethod
    def of(cls, items: Items, keypoints: npt.ArrayLike, *, meta: Mapping[str, Any] | None = None) -> Poses:
        """Make them from keypoints of any origin, (n_items, 17, 3); views are found from geometry."""
        points = np.asarray(keypoints, dtype=np.float32).reshape(-1, 17, 3)
        views = [view_of(p) for p in points]
        named = items.with_columns(
            view=np.asarray(views, dtype=np.str_) if views else np.empty(0, dtype="U1")
        )
        return cls(named, points, meta or {})


@lru_cache(maxsize=2)
def _model(name: str) -> rtmlib_pose.RtmPose:
    return rtmlib_pose.load(name)


def _keypoints(task: tuple[Path, str]) -> npt.NDArray[np.float32] | str:
    path, model = task
    try:
        picture = read_picture(path)
    except (BadInputError, MissingError) as error:
        return error.message
    return _model(model).keypoints(picture)


def estimate_poses(
    items: Items,
    *,
    model: str = "auto",
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Poses:
    """Find the keypoints of every cut-out character, and which way it is turned.

    Parameters
    ----------
    items : Items
        Cut-outs, one body each.
    model : str
        An ``.onnx`` file of RTMPose with 17 keypoints; or ``"auto"``: ``rtmpose.onnx`` in the folder of the
        models, else the one that rtmlib downloads on first use.
    executor : concurrent.futures.Executor, optional
        Where pictures are worked on; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Poses
        ``meta["unreadable"]`` names the pictures that could not be read.

    Raises
    ------
    MissingError
        rtmlib or the model is not there.
    """
    _model(model)  # what is missing is said before the first picture
    nothing = np.full((17, 3), np.nan, dtype=np.float32)
    found: list[npt.NDArray[np.float32]] = []
    unreadable: dict[str, str] = {}
    tasks = ((items.file(row), model) for row in range(len(items)))
    with (
        reading_threads(executor) as pool,
        show("Estimating poses", len(items), progress, unit="items") as bar,
    ):
        for path, value in zip(items.paths, map_ordered(_keypoints, tasks, executor=pool), strict=True):
            if isinstance(value, str):
                unreadable[path] = value
            found.append(nothing if isinstance(value, str) else value)
            bar.update()
    return Poses.of(items, found, meta={"model": model, "unreadable": unreadable})


def views_of_faces(faces: Faces) -> Items:
    """Name the views of pictures by their faces, where there are no keypoints.

    Parameters
    ----------
    faces : Faces
        From `shoal.detect_faces`.

    Returns
    -------
    Items
        The pictures, with the column ``view`` (str) by the turn of the most certain face; ``""`` without a
        face, which may be a back or a face that was not found.
    """
    yaw = np.full(len(faces.items), np.nan, dtype=np.float32)
    first, at = np.unique(faces.row, return_index=True)
    yaw[first] = faces.yaw[at]
    views = [view_of_yaw(float(value)) for value in yaw]
    return faces.items.with_columns(view=np.asarray(views, dtype=np.str_) if views else np.empty(0, "U1"))
