"""U²-Net-p, the small matte: what in a picture is a subject, and what is background.

Qin et al., U²-Net: Going Deeper with Nested U-Structure for Salient Object Detection (arXiv:2005.09007).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.weights import checked_path
from shoal.errors import MissingError

__all__ = ["U2Net", "load", "open_session"]

NAME = "u2netp"
SIDE = 320
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def open_session(weights: Path) -> Any:
    """Open an ONNX file on one thread.

    Raises
    ------
    MissingError
        onnxruntime is not installed.
    """
    try:
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingError(
            "The matte needs the package onnxruntime", hint='pip install "shoal[embed]", then try again.'
        ) from error
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # the file lists unused initialisers; that is known and harmless
    # One thread a call: several frames at once keep all cores as busy as one frame on all of them, without
    # waiting for each other, and the result cannot depend on the number of cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


class U2Net:
    """The matte; see `shoal.backends.protocols.Matte`. Safe to call from several threads.

    Parameters
    ----------
    weights : Path
        The ``.onnx`` file.
    """

    name = NAME

    def __init__(self, weights: Path) -> None:
        self._session = open_session(weights)
        self._input = str(self._session.get_inputs()[0].name)
        self._output = str(self._session.get_outputs()[0].name)

    def alpha(self, picture: Image.Image) -> npt.NDArray[np.float32]:
        """Compute the matte; (height, width) float32, 0..1.

        The network's own sigmoid output is used as it is. (The reference code stretches every result to 0..1,
        which turns the noise of a frame without any subject into one.)
        """
        small = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
        pixels = np.asarray(small, dtype=np.float32)
        # divided by the brightest value, as in training: dark frames are lifted
        pixels /= max(float(pixels.max()), 1.0)
        tensor = ((pixels - _MEAN) / _STD).transpose(2, 0, 1)[None]
        matte = self._session.run([self._output], {self._input: np.ascontiguousarray(tensor)})[0][0, 0]
        full = Image.fromarray(np.asarray(matte, dtype=np.float32)).resize(
            picture.size, Image.Resampling.BILINEAR
        )
        return np.asarray(full, dtype=np.float32).clip(0.0, 1.0)


def load() -> U2Net:
    """Load the model from the weights in the cache.

    Raises
    ------
    MissingError
        The weights or onnxruntime are not there; the hint names the command that brings them.
    DamagedError
        The file's checksum is wrong.
    """
    return U2Net(checked_path(NAME))
