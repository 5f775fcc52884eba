"""Where faces are and how they are brought upright: the mathematics that all face models share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.modes import GREY

__all__ = [
    "ALIGNED",
    "TEMPLATE",
    "Detected",
    "align_face",
    "fit_into",
    "keep_best",
    "similarity_transform",
    "yaw_of",
]

Floats = npt.NDArray[np.float32]

ALIGNED = "aligned-112-1"
"""Version of the way from a picture to an aligned face; a change of it makes cached vectors stale."""
SIDE = 112
TEMPLATE: Floats = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)
"""Where ArcFace and SFace want eyes, nose and corners of the mouth in a picture of 112 × 112 pixels."""

# How far the tip of a nose stands out of the plane of the eyes, in distances between the eyes.
_NOSE_DEPTH = 0.6


@dataclass(frozen=True, slots=True)
class Detected:
    """Faces of one picture, the most certain first.

    Parameters
    ----------
    box : ndarray of float32, shape (n, 4)
        Left, top, right, bottom in pixels; may reach beyond the picture.
    points : ndarray of float32, shape (n, 5, 2)
        Left eye, right eye, nose, left and right corner of the mouth as seen in the picture; x, y in pixels.
    score : ndarray of float32, shape (n,)
        0..1.
    """

    box: Floats
    points: Floats
    score: Floats

    def __len__(self) -> int:
        return len(self.score)


def keep_best(found: Detected, *, least_score: float, overlap: float) -> Detected:
    """Sort by score and drop faces that are uncertain, or cover a better one (intersection over union)."""
    order = np.argsort(-found.score, kind="stable")
    order = order[found.score[order] >= least_score]
    box = found.box[order].astype(np.float64)
    area = np.prod(np.maximum(box[:, 2:] - box[:, :2], 0.0), axis=1)
    kept: list[int] = []
    for at in range(len(order)):
        low = np.maximum(box[at, :2], box[kept, :2])
        high = np.minimum(box[at, 2:], box[kept, 2:])
        shared = np.prod(np.maximum(high - low, 0.0), axis=1)
        if not (shared / np.maximum(area[at] + area[kept] - shared, 1e-9) > overlap).any():
            kept.append(at)
    rows = order[kept]
    return Detected(found.box[rows], found.points[rows], found.score[rows])


def fit_into(
    picture: Image.Image, side: int, *, share: float = 1.0
) -> tuple[Image.Image, float, float, float]:
    """Scale an RGB picture into a square canvas.

    With a ``share`` of 1 it lies in the upper left corner, as detectors expect; with less it lies in the
    middle, with a margin around it, so that a face that fills it can be seen as a whole.

    Returns
    -------
    tuple of (Image, float, float, float)
        The canvas, and scale, left and top: canvas = scale × picture + (left, top).
    """
    width, height = picture.size
    scale = share * side / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    left, top = (0, 0) if share == 1.0 else ((side - size[0]) // 2, (side - size[1]) // 2)
    canvas = Image.new("RGB", (side, side), (0, 0, 0) if share == 1.0 else GREY)
    canvas.paste(small, (left, top))
    return canvas, scale, float(left), float(top)


def similarity_transform(source: npt.ArrayLike, target: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Least-squares rotation, scale and shift of points onto points (Umeyama, 1991).

    Parameters
    ----------
    source, target : array_like, shape (n, 2)

    Returns
    -------
    ndarray of float64, shape (2, 3)
        ``target ≈ source @ M[:, :2].T + M[:, 2]``.
    """
    a, b = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - middle_a, b - middle_b
    spread = float(np.square(a).sum())
    # in the plane the best rotation with scale is one complex number
    along = float((a * b).sum()) / max(spread, 1e-12)
    across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / max(spread, 1e-12)
    turn = np.array([[along, -across], [across, along]])
    return np.hstack([turn, (middle_b - turn @ middle_a)[:, None]])


def align_face(picture: Image.Image, points: npt.ArrayLike, side: int = SIDE) -> npt.NDArray[np.uint8]:
    """Cut a face out upright, with eyes, nose and mouth where models expect them.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB.
    points : array_like, shape (5, 2)
        As in `Detected`.
    side : int
        Pixels of the crop.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)
        Black where the crop reaches beyond the picture.
    """
    there = similarity_transform(points, TEMPLATE * (side / SIDE))
    turn = np.linalg.inv(there[:, :2])
    shift = -turn @ there[:, 2]
    # Points count from the centres of pixels, Pillow from their corners: half a pixel here and there.
    shift = shift + 0.5 - turn @ np.array([0.5, 0.5])
    coefficients = (*turn[0], shift[0], *turn[1], shift[1])
    crop = picture.transform(
        (side, side), Image.Transform.AFFINE, coefficients, resample=Image.Resampling.BILINEAR
    )
    return np.array(crop)


def yaw_of(points: npt.ArrayLike) -> float:
    """Estimate how far a face is turned, in degrees: 0 to the camera, 90 a profile.

    Positive to the right as seen in the picture. From where the nose stands between the eyes, with a nose of
    average depth; good to some ten degrees.
    """
    p = np.asarray(points, dtype=np.float64)
    axis = p[1] - p[0]
    length = float(np.hypot(*axis))
    if length < 1e-6:
        return 0.0
    beside = float((p[2] - (p[0] + p[1]) / 2.0) @ axis) / length**2
    return float(np.degrees(np.arctan(beside / _NOSE_DEPTH)))


@lru_cache(maxsize=16)
def anchor_centres(side: int, stride: int, anchors: int) -> Floats:
    """Corners of a detector's cells, row by row, each ``anchors`` times; shape (n, 2), x and y in pixels."""
    steps = np.arange(side // stride, dtype=np.float32) * stride
    y, x = np.meshgrid(steps, steps, indexing="ij")
    return np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), anchors, axis=0)
