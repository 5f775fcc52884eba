"""Fitting a picture into the square that a model wants."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.modes import GREY, as_rgb

__all__ = ["letterbox"]


def letterbox(picture: Image.Image, side: int) -> npt.NDArray[np.uint8]:
    """Scale the whole picture into ``side`` × ``side`` pixels, keeping its shape, centred on mid-grey.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB, or RGBA: then the transparent part becomes grey as well.
    side : int
        Pixels.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)
    """
    picture = as_rgb(picture)
    width, height = picture.size
    scale = side / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = Image.new("RGB", (side, side), GREY)
    small = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    canvas.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.array(canvas)  # a copy that may be written to, as torch wants
