"""How much a film changes from one frame to the next, in the units of PySceneDetect's content detectors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.steps.film import film_library
from shoal.steps.transitions import COLUMNS, ROWS

__all__ = ["ChangeMeter", "adaptive_cuts", "content_cuts", "spaced"]

# PySceneDetect itself works on frames about this wide; its thresholds are meant for that size.
_WIDTH = 256
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
# ITU-R BT.601, as FFmpeg takes it for films that do not say: luma 16..235 to BGR 0..255.
_TO_BGR = np.array([[1.164, 2.017, 0.0], [1.164, -0.392, -0.813], [1.164, 0.0, 1.596]])
_TO_BGR_FULL = np.array([[1.0, 1.772, 0.0], [1.0, -0.344, -0.714], [1.0, 0.0, 1.402]])
# Frames on either side whose mean change a cut is compared with, and how often it must exceed it.
WINDOW = 2
RATIO = 3.0


@lru_cache(maxsize=2)
def _matrix(full: bool) -> npt.NDArray[np.float32]:
    matrix = _TO_BGR_FULL if full else _TO_BGR
    offset = -matrix @ np.array([0.0 if full else 16.0, 128.0, 128.0])
    return np.hstack([matrix, offset[:, None]]).astype(np.float32)


class ChangeMeter:
    """Measures decoded frames one after the other.

    The planes of the frame are scaled first and converted then, which costs a tenth of converting the whole
    frame.

    Parameters
    ----------
    width, height : int
        Size of the decoded frames in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._cv: Any = film_library("cv2")
        scale = max(1, width // _WIDTH)
        self._size = (max(2, width // scale), max(2, height // scale))
        self._last: npt.NDArray[np.uint8] | None = None

    def _planes(self, frame: Any) -> npt.NDArray[np.uint8]:
        if frame.format.name not in _PLANAR:
            frame = frame.reformat(
                width=self._size[0], height=self._size[1], format="yuv444p", interpolation="BILINEAR"
            )
        small = [
            self._cv.resize(
                np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width],
                self._size,
                interpolation=self._cv.INTER_LINEAR,
            )
            for plane in frame.planes
        ]
        return self._cv.merge(small)

    def __call__(self, frame: Any) -> tuple[float, npt.NDArray[np.float32]]:
        """Measure the next frame.

        Parameters
        ----------
        frame : av.VideoFrame
            Of any pixel format.

        Returns
        -------
        change : float
            Mean over hue, saturation and value of the mean absolute difference to the frame before, 0..255;
            0 for the first.
        thumb : ndarray of float32, shape (18 · 32 · 3,)
            The frame at 32 × 18 in BGR, 0..255.
        """
        full = frame.format.name.startswith("yuvj") or int(frame.color_range) == 2
        bgr = self._cv.transform(self._planes(frame), _matrix(full))
        hsv = self._cv.cvtColor(bgr, self._cv.COLOR_BGR2HSV)
        change = 0.0
        if self._last is not None:
            change = float(self._cv.norm(hsv, self._last, self._cv.NORM_L1)) / hsv.size
        self._last = hsv
        thumb = self._cv.resize(bgr, (COLUMNS, ROWS), interpolation=self._cv.INTER_AREA)
        return change, thumb.astype(np.float32).ravel()


def surroundings(change: npt.NDArray[np.float64], gap: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Mean change a frame of the two measurements on either side of each."""
    rate = change / np.maximum(gap, 1)
    padded = np.pad(rate, WINDOW, constant_values=np.inf)
    n = len(rate)
    shifts = [k for k in range(2 * WINDOW + 1) if k != WINDOW]
    return sum((padded[k : k + n] for k in shifts), np.zeros(n)) / len(shifts)


def adaptive_cuts(
    change: npt.NDArray[np.float64], gap: npt.NDArray[np.int64], *, floor: float, ratio: float = RATIO
) -> npt.NDArray[np.int64]:
    """Find the changes that stand out from those around them (PySceneDetect's adaptive detector).

    Parameters
    ----------
    change : ndarray of float64, shape (n,)
        From `ChangeMeter`, each to the measurement before.
    gap : ndarray of int64, shape (n,)
        Frames from the measurement before; 1 where every frame was measured. Of a longer gap, what ordinary
        movement explains is taken off.
    floor : float
        Least change of a cut, 0..255.
    ratio : float
        How often the change exceeds the mean of its surroundings.

    Returns
    -------
    ndarray of int64
        Positions; the first and last two never are among them.
    """
    around = surroundings(change, gap)
    inside = np.isfinite(around)
    usual = np.where(inside, around, 0.0)
    extra = change - np.maximum(gap - 1, 0) * usual
    return np.flatnonzero(inside & (extra >= floor) & (extra >= ratio * usual))


def content_cuts(change: npt.NDArray[np.float64], *, threshold: float) -> npt.NDArray[np.int64]:
    """Find the changes from ``threshold`` on (PySceneDetect's content detector)."""
    return np.flatnonzero(change >= threshold)


def spaced(numbers: list[int], least: int) -> list[int]:
    """Leave out the numbers that follow the last one kept by less than ``least``."""
    kept: list[int] = []
    for number in sorted(numbers):
        if not kept or number - kept[-1] >= least:
            kept.append(number)
    return kept
