"""A picture of the map, drawn with Pillow alone: every item a dot, every cluster its colour and name."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

__all__ = ["cluster_colour", "draw_map"]

_BACKGROUND = (255, 255, 255)
_INK = (38, 42, 48)
_NOISE = (186, 190, 196)
_OVERSAMPLING = 2
# Neighbouring numbers get hues far apart: steps of the golden ratio round the colour circle.
_GOLDEN = 0.61803398875


def cluster_colour(number: int) -> tuple[int, int, int]:
    """Colour of a cluster by its number, as 8-bit RGB; grey for noise."""
    if number < 0:
        return _NOISE
    hue = (0.58 + number * _GOLDEN) % 1.0
    lightness = (0.45, 0.58, 0.36)[number // 8 % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.62)
    return round(red * 255), round(green * 255), round(blue * 255)


def _place(xy: npt.NDArray[np.float32], width: int, height: int, margin: int) -> npt.NDArray[np.float32]:
    """Fit the map into the picture, keeping its shape; y points up."""
    finite = np.isfinite(xy).all(axis=1)
    low, high = xy[finite].min(axis=0), xy[finite].max(axis=0)
    span = np.maximum(high - low, 1e-9)
    scale = float(min((width - 2 * margin) / span[0], (height - 2 * margin) / span[1]))
    middle = (low + high) / 2.0
    placed = (xy - middle) * np.array([scale, -scale], dtype=np.float32)
    return (placed + np.array([width / 2.0, height / 2.0], dtype=np.float32)).astype(np.float32)


def draw_map(
    xy: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int32],
    names: Sequence[str],
    *,
    size: tuple[int, int] = (1200, 900),
) -> Image.Image:
    """Draw the map.

    Parameters
    ----------
    xy : ndarray of float32, shape (n, 2)
        Map coordinates; rows with NaN are not drawn.
    labels : ndarray of int32, shape (n,)
        Cluster numbers, −1 is noise.
    names : sequence of str
        Name of each cluster.
    size : tuple of int
        Width and height in pixels.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    factor = _OVERSAMPLING
    width, height = size[0] * factor, size[1] * factor
    picture = Image.new("RGB", (width, height), _BACKGROUND)
    if not np.isfinite(xy).all(axis=1).any():
        return picture.resize(size)
    draw = ImageDraw.Draw(picture)
    placed = _place(xy, width, height, margin=70 * factor)
    radius = factor * float(np.clip(5.0 - np.log10(max(len(xy), 10)), 1.2, 4.5))
    # noise first, so that clusters lie on top of it
    for row in np.argsort(labels >= 0, kind="stable"):
        x, y = placed[row]
        if np.isfinite(x) and np.isfinite(y):
            draw.ellipse(
                (x - radius, y - radius, x + radius, y + radius), fill=cluster_colour(int(labels[row]))
            )
    picture = picture.resize(size, Image.Resampling.BOX)
    _write_names(picture, (placed / factor).astype(np.float32), labels, names)
    return picture


def _write_names(
    picture: Image.Image, placed: npt.NDArray[np.float32], labels: npt.NDArray[np.int32], names: Sequence[str]
) -> None:
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=15)
    for number, name in enumerate(names):
        rows = np.flatnonzero((labels == number) & np.isfinite(placed).all(axis=1))
        if not len(rows):
            continue
        x, y = np.median(placed[rows], axis=0)
        text = f"{name} ({int((labels == number).sum())})"
        draw.text(
            (float(x), float(y)), text, font=font, fill=_INK, anchor="mm", stroke_width=3, stroke_fill="white"
        )
