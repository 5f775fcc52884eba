"""RTMPose by rtmlib: 17 keypoints of a body.

Jiang et al., RTMPose: Real-Time Multi-Person Pose Estimation based on MMPose (arXiv:2303.07399); Apache-2.0.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.hub import is_offline
from shoal.backends.weights import models_folder
from shoal.errors import MissingError

__all__ = ["RtmPose", "load"]

INSTALL = "pip install --no-deps rtmlib"
"""Without its dependencies: it asks for OpenCV packages that overwrite the one without display libraries."""

FILE = "rtmpose.onnx"


class RtmPose:
    """Finds the keypoints of the one body of a picture.

    Parameters
    ----------
    model : str
        An ``.onnx`` file of RTMPose with 17 keypoints, or a URL that rtmlib downloads and keeps.
    size : (int, int)
        Width and height of the model's input.
    """

    name = "rtmpose"

    def __init__(self, model: str, size: tuple[int, int] = (192, 256)) -> None:
        try:
            rtmlib: Any = importlib.import_module("rtmlib")
        except ImportError as error:
            raise MissingError("Poses need the package rtmlib", hint=f"Run: {INSTALL}") from error
        self._pose = rtmlib.RTMPose(
            model, model_input_size=size, to_openpose=False, backend="onnxruntime", device="cpu"
        )

    def keypoints(self, picture: Image.Image) -> npt.NDArray[np.float32]:
        """Find the keypoints; (17, 3) float32: x, y in pixels of the picture and score, in COCO's order.

        Cut-outs are laid on grey.
        """
        if picture.mode == "RGBA":
            ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
            picture = Image.alpha_composite(ground, picture)
        bgr = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[..., ::-1])
        points, scores = self._pose(bgr)
        found = np.concatenate([points[0], scores[0][:, None]], axis=1)
        return np.asarray(found, dtype=np.float32)


def load(model: str = "auto") -> RtmPose:
    """Load RTMPose.

    Parameters
    ----------
    model : str
        A file; or ``"auto"``: ``rtmpose.onnx`` in the folder of the models, else what rtmlib downloads for
        its balanced mode.

    Raises
    ------
    MissingError
        rtmlib is not installed, the file does not exist, or a download would be needed and is forbidden.
    """
    if model != "auto":
        if not Path(model).is_file():
            raise MissingError(f"{model!r} does not exist", hint="Name an .onnx file of RTMPose.")
        return RtmPose(model)
    local = models_folder() / FILE
    if local.is_file():
        return RtmPose(os.fspath(local))
    if is_offline():
        raise MissingError(
            f"There is no {FILE} in {str(models_folder())!r}, and HF_HUB_OFFLINE forbids downloads",
            hint="Put an RTMPose file with 17 keypoints there, or unset HF_HUB_OFFLINE.",
        )
    try:
        body: Any = importlib.import_module("rtmlib").Body
    except ImportError as error:
        raise MissingError("Poses need the package rtmlib", hint=f"Run: {INSTALL}") from error
    mode = body.MODE["balanced"]
    return RtmPose(mode["pose"], tuple(mode["pose_input_size"]))
