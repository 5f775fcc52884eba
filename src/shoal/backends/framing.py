"""Fitting a picture into the square that a model wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.modes import GREY, as_rgb

__all__ = ["FRAMING_VERSION", "Framing", "letterbox"]

FRAMING_VERSION = "frame-1"
"""Part of the key of cached vectors: raise it when `Framing.apply` gives other pixels."""

_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


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


@dataclass(frozen=True, slots=True)
class Framing:
    """How a model was trained to see a picture of any shape.

    Parameters
    ----------
    side : int
        Pixels of the square.
    resize : {"shortest", "longest", "squash"}
        Scale the shortest side and crop the middle; fit the longest side on mid-grey; or squeeze.
    scale_to : int
        With ``"shortest"``: length of the shortest side before the crop; 0 means ``side``.
    interpolation : {"bicubic", "bilinear"}
    """

    side: int
    resize: Literal["shortest", "longest", "squash"] = "shortest"
    scale_to: int = 0
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"

    @property
    def version(self) -> str:
        """Short text that differs where the pixels differ."""
        crop = f"-{self.scale_to}" if self.scale_to not in (0, self.side) else ""
        return f"{FRAMING_VERSION}-{self.resize}-{self.side}{crop}-{self.interpolation}"

    @property
    def least(self) -> int:
        """Shortest side that a picture needs, in pixels; JPEG may be decoded at a scale that keeps it."""
        return max(self.side, self.scale_to)

    def apply(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        """Make the model's square of a picture.

        Cut-outs (RGBA) are fitted whole on mid-grey, whatever ``resize`` says: a crop of the middle would
        take head and feet off a standing figure.

        Parameters
        ----------
        picture : PIL.Image.Image
            RGB or RGBA.

        Returns
        -------
        ndarray of uint8, shape (side, side, 3)
        """
        if self.resize == "longest" or "A" in picture.getbands():
            return letterbox(picture, self.side)
        picture, chosen = as_rgb(picture), _FILTERS[self.interpolation]
        width, height = picture.size
        if self.resize == "squash":
            return np.array(picture.resize((self.side, self.side), chosen))
        goal = self.least
        # torchvision's rounding: the long side is cut off, the offsets are rounded
        size = (goal, int(goal * height / width)) if width <= height else (int(goal * width / height), goal)
        left, top = (round((length - self.side) / 2.0) for length in size)
        small = picture.resize(size, chosen)
        return np.array(small.crop((left, top, left + self.side, top + self.side)))
