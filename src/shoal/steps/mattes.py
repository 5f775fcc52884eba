"""A better matte out of a small model: undistorted parts of the frame, and edges that follow the picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.protocols import Matte
from shoal.steps.film import film_library

__all__ = ["follow_edges", "parts", "tiled_matte"]

Alpha = npt.NDArray[np.float32]

# Up to this ratio of the sides a frame is one part.
_LEAST_RATIO = 1.5
_OVERLAP = 1.125
_MOST_PARTS = 6
# He et al., Guided Image Filtering (2013), in pixels of the scaled frame and squared shares of white.
_GUIDE_SIDE, _RADIUS, _EPSILON = 640, 4, np.float32(1e-3)
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
_SQUARES = (0, 3, 5)


def parts(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Cover a frame with parts that are about square and overlap a little.

    Small matte models see 320 × 320 pixels. A wide frame squeezed into that loses its small subjects, and
    those at its edges, beside a large one; 16:9 is exactly two squares that overlap.

    Returns
    -------
    list of (left, top, right, bottom)
        In pixels of the frame.
    """
    long, short = max(width, height), min(width, height)
    if long < _LEAST_RATIO * short:
        return [(0, 0, width, height)]
    n = min(_MOST_PARTS, max(2, round(long / short)))
    side = min(long, max(short, math.ceil(_OVERLAP * long / n)))
    starts = [round(i * (long - side) / (n - 1)) for i in range(n)]
    if width >= height:
        return [(start, 0, start + side, height) for start in starts]
    return [(0, start, width, start + side) for start in starts]


def tiled_matte(model: Matte, picture: Image.Image) -> Alpha:
    """Compute the matte of a picture part by part; where parts overlap the surer one counts.

    Returns
    -------
    ndarray of float32, shape (height, width)
        0..1.
    """
    boxes = parts(*picture.size)
    if len(boxes) == 1:
        return model.alpha(picture)
    whole = np.zeros((picture.height, picture.width), dtype=np.float32)
    for left, top, right, bottom in boxes:
        window = whole[top:bottom, left:right]
        np.maximum(window, model.alpha(picture.crop((left, top, right, bottom))), out=window)
    return whole


def _scaled(values: npt.NDArray[Any], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


def follow_edges(alpha: Alpha, picture: Image.Image) -> Alpha:
    """Fit a soft matte to the edges of its picture by a guided filter with a colour guide.

    Inside each small window the matte becomes a linear function of the colours, so it turns from 0 to 1 where
    the colours do. Solved on a frame scaled to at most 640 pixels and applied at full size.

    Parameters
    ----------
    alpha : ndarray of float32, shape (height, width)
        0..1.
    picture : PIL.Image.Image
        As large as the matte.

    Returns
    -------
    ndarray of float32, shape (height, width)
        0..1.
    """
    cv: Any = film_library("cv2")
    rgb = picture.convert("RGB")
    scale = min(1.0, _GUIDE_SIDE / max(rgb.size))
    size = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    guide = np.asarray(rgb.resize(size, Image.Resampling.BOX), dtype=np.float32) / np.float32(255.0)
    small = _scaled(alpha, size)
    # the means of everything at once: colours, matte, their products
    pairs = [guide[..., i] * guide[..., j] for i, j in _PAIRS]
    joint = [guide[..., i] * small for i in range(3)]
    mean = _means(cv, np.stack([*(guide[..., i] for i in range(3)), small, *pairs, *joint], axis=-1))
    colour, level = mean[..., :3], mean[..., 3]
    spread = [mean[..., 4 + k] - colour[..., i] * colour[..., j] for k, (i, j) in enumerate(_PAIRS)]
    for k in _SQUARES:
        spread[k] = spread[k] + _EPSILON
    slope = _solved(spread, [mean[..., 10 + i] - colour[..., i] * level for i in range(3)])
    offset = level - sum(slope[i] * colour[..., i] for i in range(3))
    lines = cv.resize(
        _means(cv, np.stack([*slope, offset], axis=-1)), rgb.size, interpolation=cv.INTER_LINEAR
    )
    full = np.asarray(rgb, dtype=np.float32)
    result = np.einsum("yxc,yxc->yx", lines[..., :3], full) / np.float32(255.0) + lines[..., 3]
    return result.clip(0.0, 1.0)


def _means(cv: Any, values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Mean of the window around each pixel, channel by channel."""
    side = 2 * _RADIUS + 1
    return np.asarray(cv.boxFilter(values, -1, (side, side), borderType=cv.BORDER_REPLICATE))


def _solved(spread: list[npt.NDArray[Any]], v: list[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """Solve symmetric 3 × 3 systems, one a pixel, by Cramer's rule; the entries in the order of the pairs."""
    a, b, c, d, e, f = spread
    i00, i01, i02 = d * f - e * e, c * e - b * f, b * e - c * d
    i11, i12, i22 = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = np.maximum(a * i00 + b * i01 + c * i02, 1e-12)
    inverse = ((i00, i01, i02), (i01, i11, i12), (i02, i12, i22))
    return [(row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) / determinant for row in inverse]
