"""YuNet finds faces and SFace describes them: the offline pair, both from OpenCV's model zoo.

Wu et al., YuNet: A Tiny Millisecond-level Face Detector (2023); Zhong et al., SFace: Sigmoid-Constrained
Hypersphere Loss for Robust Face Recognition (arXiv:2205.12010).
"""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.face_geometry import ALIGNED, Detected, fit_into, keep_best
from shoal.backends.face_models import OFFLINE, SFACE_THRESHOLD, onnx_session
from shoal.backends.weights import WEIGHTS, checked_path
from shoal.errors import MissingError

__all__ = ["YuNetSFace", "load"]

_SIDE = 640
_LEAST_SCORE, _OVERLAP = 0.6, 0.3


class YuNetSFace:
    """The pair; see `shoal.backends.face_models.FaceModel`.

    YuNet runs in OpenCV and SFace in onnxruntime: each refuses the other's file.

    Parameters
    ----------
    detector, describer : Path
        The ``.onnx`` files.

    Raises
    ------
    MissingError
        OpenCV or onnxruntime is not installed.
    """

    name = OFFLINE
    dims = 128
    version = f"{ALIGNED}+{WEIGHTS['sface'].sha256[:16]}"
    threshold: float | None = SFACE_THRESHOLD

    def __init__(self, detector: Path, describer: Path) -> None:
        try:
            self._cv2: Any = importlib.import_module("cv2")
        except ImportError as error:
            raise MissingError(
                "Finding faces needs the package opencv-python-headless",
                hint='pip install "shoal[faces]", then try again.',
            ) from error
        self._file = str(detector)
        # OpenCV's networks keep their last picture: every thread has its own
        self._own = threading.local()
        self._describer = onnx_session(describer)
        # The file lists its old weights as inputs though nothing reads them; onnxruntime wants them fed.
        self._unread = {
            given.name: np.zeros(given.shape, dtype=np.float32)
            for given in self._describer.get_inputs()
            if given.name != "data"
        }

    def _detector(self) -> Any:
        if not hasattr(self._own, "detector"):
            self._own.detector = self._cv2.FaceDetectorYN.create(
                self._file, "", (_SIDE, _SIDE), _LEAST_SCORE, _OVERLAP
            )
        return self._own.detector

    def detect(self, picture: Image.Image, *, share: float = 1.0) -> Detected:
        """Find faces; boxes and points in pixels of the picture."""
        canvas, scale, left, top = fit_into(picture, _SIDE, share=share)
        blue_first = np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])
        _, rows = self._detector().detect(blue_first)
        rows = np.zeros((0, 15), dtype=np.float32) if rows is None else np.asarray(rows, dtype=np.float32)
        shift = np.array([left, top], dtype=np.float32)
        corner = (rows[:, :2] - shift) / scale
        found = Detected(
            np.hstack([corner, corner + rows[:, 2:4] / scale]),
            (rows[:, 4:14].reshape(-1, 5, 2) - shift) / scale,
            rows[:, 14],
        )
        return keep_best(found, least_score=_LEAST_SCORE, overlap=_OVERLAP)

    def embed(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Describe aligned faces; one at a time, as the file is made for."""
        result = np.empty((len(crops), self.dims), dtype=np.float32)
        for row, crop in enumerate(crops):
            tensor = np.ascontiguousarray(crop.astype(np.float32).transpose(2, 0, 1)[None])
            result[row] = self._describer.run(["fc1"], {"data": tensor, **self._unread})[0][0]
        return result


def load() -> YuNetSFace:
    """Load the pair from the weights in the cache.

    Raises
    ------
    MissingError
        The weights or packages are not there; the hint names the command that brings them.
    DamagedError
        A file's checksum is wrong.
    """
    return YuNetSFace(checked_path("yunet"), checked_path("sface"))
