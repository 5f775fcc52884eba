"""What the keypoints of a body say: which way it is turned, and its pose apart from place and size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["VIEWS", "normalised", "view_of", "view_of_yaw", "yaw_of"]

Floats = npt.NDArray[np.float32]

VIEWS = ("front", "three-quarter", "profile", "back")
"""By the turn of the body: up to 30°, 65° and 115° from the camera, and beyond."""

_EDGES = (30.0, 65.0, 115.0)
_NOSE, _EYES, _EARS = 0, (1, 2), (3, 4)
_SHOULDERS, _HIPS = (5, 6), (11, 12)
_SEEN = 0.3
# Shoulders and hips together are about this wide seen from the front, in lengths of the trunk.
_WIDTH = 0.65
_LEAST_TRUNK = 1e-6


def view_of_yaw(yaw: float) -> str:
    """Name the view of a turn in degrees, either way from the camera; NaN is ``""``."""
    if np.isnan(yaw):
        return ""
    turn = abs((yaw + 180.0) % 360.0 - 180.0)
    return VIEWS[int(np.searchsorted(_EDGES, turn, side="right"))]


def yaw_of(keypoints: npt.NDArray[np.floating]) -> float:
    """Estimate how far a body is turned from the camera.

    The left shoulder and hip of a body that faces the camera lie to the right in the picture; their distance
    from the right ones, in lengths of the trunk, shrinks with the cosine of the turn and changes sign behind.
    A nose or two eyes that are seen rule out a back view, and ears without eyes a front view.

    Parameters
    ----------
    keypoints : ndarray of float, shape (17, 3)
        x, y and score, in COCO's order.

    Returns
    -------
    float
        Degrees, 0 (front) .. 180 (back); NaN when shoulders or hips are not seen.
    """
    points, seen = np.asarray(keypoints, dtype=np.float64), keypoints[:, 2] >= _SEEN
    if not seen[list(_SHOULDERS)].all() or not seen[list(_HIPS)].all():
        return float("nan")
    left, right = points[[_SHOULDERS[0], _HIPS[0]], :2], points[[_SHOULDERS[1], _HIPS[1]], :2]
    middle = (left + right) / 2
    trunk = float(np.linalg.norm(middle[0] - middle[1]))
    if trunk < _LEAST_TRUNK:
        return float("nan")
    across = float((left - right)[:, 0].mean()) / (_WIDTH * trunk)
    face = bool(seen[_NOSE]) or bool(seen[list(_EYES)].all())
    if across < 0.0 and face:
        across = abs(across) * 0.5  # the sides were mixed up, as happens in profile
    if across > 0.0 and not face and bool(seen[list(_EARS)].any()) and not seen[list(_EYES)].any():
        across = -across
    return float(np.degrees(np.arccos(np.clip(across, -1.0, 1.0))))


def view_of(keypoints: npt.NDArray[np.floating]) -> str:
    """Name the view of a body by its keypoints, one of `VIEWS`; ``""`` when they do not say."""
    return view_of_yaw(yaw_of(keypoints))


def normalised(keypoints: npt.NDArray[np.floating]) -> Floats:
    """Take place and size out of a pose.

    Parameters
    ----------
    keypoints : ndarray of float, shape (17, 3)
        x, y and score, in COCO's order.

    Returns
    -------
    ndarray of float32, shape (17, 2)
        In lengths of the trunk from the middle of the hips, or where these are not seen in heights of the
        whole from its middle; NaN for points that are not seen.
    """
    points = np.asarray(keypoints[:, :2], dtype=np.float32).copy()
    seen = keypoints[:, 2] >= _SEEN
    points[~seen] = np.nan
    if not seen.any():
        return points
    if seen[[*_SHOULDERS, *_HIPS]].all():
        centre = points[list(_HIPS)].mean(axis=0)
        size = float(np.linalg.norm(points[list(_SHOULDERS)].mean(axis=0) - centre))
    else:
        low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
        centre, size = (low + high) / 2, float(high[1] - low[1])
    return (points - centre) / max(size, 1e-3)
