"""The table of the faces that were found in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Items
from shoal.errors import BadInputError

__all__ = ["Faces"]


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces of pictures, picture by picture, the most certain of each first.

    Parameters
    ----------
    items : Items
        The pictures that were looked at.
    row : ndarray of int32, shape (n_faces,)
        Picture of each face; rising.
    box : ndarray of float32, shape (n_faces, 4)
        Left, top, right, bottom in pixels of the picture.
    points : ndarray of float32, shape (n_faces, 5, 2)
        Left eye, right eye, nose, left and right corner of the mouth as seen in the picture; x, y in pixels.
    score : ndarray of float32, shape (n_faces,)
        How certain the detector is, 0..1.
    size : ndarray of float32, shape (n_faces,)
        Shorter side of the box in pixels.
    sharpness : ndarray of float32, shape (n_faces,)
        Variance of the Laplacian of the aligned crop of 112 pixels; below about 50 it looks soft.
    yaw : ndarray of float32, shape (n_faces,)
        Degrees: 0 to the camera, positive turned to the right of the picture; an estimate from the points.
    model : str
        Name of the face model.
    crops : Items, optional
        Aligned crops that were written, one a face, in the same order.
    meta : mapping, optional
        Parameters; pictures that could not be read.
    """

    items: Items
    row: npt.NDArray[np.int32]
    box: npt.NDArray[np.float32]
    points: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    size: npt.NDArray[np.float32]
    sharpness: npt.NDArray[np.float32]
    yaw: npt.NDArray[np.float32]
    model: str
    crops: Items | None = None
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        n = len(self.row)
        shapes = {
            "box": (n, 4),
            "points": (n, 5, 2),
            "score": (n,),
            "size": (n,),
            "sharpness": (n,),
            "yaw": (n,),
        }
        for name, shape in shapes.items():
            found = getattr(self, name).shape
            if found != shape:
                raise BadInputError(
                    f"Faces: {name} has shape {found}, not {shape}",
                    hint="Every column needs one value per face.",
                )
        if n and not (int(self.row.min()) >= 0 and int(self.row.max()) < len(self.items)):
            raise BadInputError("Faces: a row is outside the items", hint="Rows count from 0.")

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        with_faces = len(np.unique(self.row))
        return f"Faces({len(self)} in {with_faces} of {len(self.items)} pictures, model={self.model!r})"

    def take(self, faces: npt.ArrayLike) -> Faces:
        """Return some of the faces (integer positions or a boolean mask), with the same pictures."""
        index = np.asarray(faces)
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        return Faces(
            self.items,
            self.row[index],
            self.box[index],
            self.points[index],
            self.score[index],
            self.size[index],
            self.sharpness[index],
            self.yaw[index],
            self.model,
            None if self.crops is None else self.crops.take(index),
            self.meta,
        )

    def main(self) -> npt.NDArray[np.int64]:
        """Position of the main face of each picture, −1 where there is none: the largest of the certain ones.

        Certain means a score of at least 0.8 of the picture's best.
        """
        result = np.full(len(self.items), -1, dtype=np.int64)
        best = np.zeros(len(self.items), dtype=np.float32)
        np.maximum.at(best, self.row, self.score)
        certain = np.flatnonzero(self.score >= 0.8 * best[self.row])
        # the last written wins: the largest, and of equal ones the first
        order = certain[np.lexsort((-certain, self.size[certain]))]
        result[self.row[order]] = order
        return result
