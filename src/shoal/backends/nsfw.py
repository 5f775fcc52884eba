"""Open NSFW: how likely a picture is unsafe for work. A hint with a number, never a verdict.

Mahadeokar & Pesavento, Open sourcing a deep learning solution for detecting NSFW images (Yahoo, 2016).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.u2net import open_session
from shoal.backends.weights import checked_path

__all__ = ["OpenNsfw", "load"]

NAME = "open-nsfw"
_SIDE, _SCALED = 224, 256
_MEAN = np.array([104.0, 117.0, 123.0], dtype=np.float32)  # BGR, of ImageNet


class OpenNsfw:
    """The scorer. Safe to call from several threads.

    Parameters
    ----------
    weights : Path
        The ``.onnx`` file.
    """

    name = NAME

    def __init__(self, weights: Path) -> None:
        self._session = open_session(weights)
        self._input = str(self._session.get_inputs()[0].name)

    def prepare(self, picture: Image.Image) -> npt.NDArray[np.float32]:
        """Bring a picture into the model's input; (224, 224, 3) float32. Cut-outs are laid on grey."""
        if picture.mode == "RGBA":
            ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
            picture = Image.alpha_composite(ground, picture)
        square = picture.convert("RGB").resize((_SCALED, _SCALED), Image.Resampling.BILINEAR)
        cut = (_SCALED - _SIDE) // 2
        pixels = np.asarray(square, dtype=np.float32)[cut : cut + _SIDE, cut : cut + _SIDE, ::-1]
        return np.ascontiguousarray(pixels - _MEAN)

    def score(self, picture: Image.Image) -> float:
        """Probability, 0..1, that the picture is unsafe for work, in the model's opinion."""
        return float(self._session.run(None, {self._input: self.prepare(picture)[None]})[0][0, 1])


def load() -> OpenNsfw:
    """Load the model from the weights in the cache.

    Raises
    ------
    MissingError
        The weights or onnxruntime are not there; the hint names the command that brings them.
    DamagedError
        The file's checksum is wrong.
    """
    return OpenNsfw(checked_path(NAME))
