"""insightface's packs (SCRFD + ArcFace), read as their files lie; the package itself is not needed.

A pack is a folder of ``.onnx`` files, ``<root>/models/<pack>/``, as ``insightface.app.FaceAnalysis`` keeps
them in ``~/.insightface``. Guo et al., SCRFD (arXiv:2105.04714); Deng et al., ArcFace (arXiv:1801.07698).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.face_geometry import ALIGNED, SIDE, Detected, anchor_centres, fit_into, keep_best
from shoal.backends.face_models import PACK_PREFIX, onnx_session
from shoal.backends.hub import checkpoint_version
from shoal.errors import BadInputError, MissingError

__all__ = ["InsightFacePack", "load", "pack_folder"]

_SIDE = 640
_LEAST_SCORE, _OVERLAP = 0.5, 0.4
# The first nodes of a file: files made by MXNet bring their own scaling there.
_HEAD_BYTES = 4096


def pack_folder(name: str) -> Path | None:
    """Folder of a pack given by name or path; None when it is not here.

    A name is looked for in ``$INSIGHTFACE_HOME/models`` and in ``~/.insightface/models``.
    """
    homes = [os.environ.get("INSIGHTFACE_HOME"), "~/.insightface"]
    places = [Path(name).expanduser(), *(Path(h).expanduser() / "models" / name for h in homes if h)]
    return next((place for place in places if place.is_dir() and any(place.glob("*.onnx"))), None)


class InsightFacePack:
    """Detector and describer of a pack; see `shoal.backends.face_models.FaceModel`.

    Parameters
    ----------
    folder : Path
        With ``.onnx`` files; they are told apart by their shapes, as insightface does: five outputs or more
        detect, square inputs of 112 pixels or more describe.
    name : str
        What it is called.

    Raises
    ------
    MissingError
        The folder has no detector, or nothing that describes faces.
    """

    # depends on the pack, and none of them has been measured here
    threshold: float | None = None

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        detector: Any = None
        describer: Any = None
        for path in sorted(folder.glob("*.onnx")):
            session = onnx_session(path)
            shape = session.get_inputs()[0].shape
            square = isinstance(shape[2], int) and shape[2] == shape[3]
            if len(session.get_outputs()) >= 5:
                detector = detector or session
            elif describer is None and square and shape[2] >= SIDE and shape[2] % 16 == 0 and shape[2] != 192:
                describer, self._scaled = session, _scales_itself(path)
                self.version = f"{ALIGNED}+{checkpoint_version(path)}"
        if detector is None or describer is None:
            lacks = "detector (SCRFD)" if detector is None else "face embedding (ArcFace)"
            raise MissingError(f"{str(folder)!r} holds no {lacks}", hint="Name the folder of a whole pack.")
        self._detector, self._describer = detector, describer
        count = len(detector.get_outputs())
        if count not in (9, 15):
            raise BadInputError(
                f"The detector in {str(folder)!r} gives no points of a face ({count} outputs)",
                hint="Use a pack whose detector has key points (det_*.onnx of the usual packs do).",
            )
        self._strides = (8, 16, 32) if count == 9 else (8, 16, 32, 64, 128)
        self._anchors = 2 if count == 9 else 1
        self.dims = int(describer.get_outputs()[0].shape[-1])

    def detect(self, picture: Image.Image, *, share: float = 1.0) -> Detected:
        """Find faces; boxes and points in pixels of the picture."""
        canvas, scale, left, top = fit_into(picture, _SIDE, share=share)
        tensor = (np.asarray(canvas, dtype=np.float32).transpose(2, 0, 1)[None] - 127.5) / 128.0
        tensor = np.ascontiguousarray(tensor, dtype=np.float32)
        outputs = self._detector.run(None, {self._detector.get_inputs()[0].name: tensor})
        levels = len(self._strides)
        boxes: list[npt.NDArray[np.float32]] = []
        points: list[npt.NDArray[np.float32]] = []
        scores: list[npt.NDArray[np.float32]] = []
        for at, stride in enumerate(self._strides):
            score, box, point = (
                np.asarray(outputs[at + levels * kind]).reshape(-1, width)
                for kind, width in enumerate((1, 4, 10))
            )
            cell = anchor_centres(_SIDE, stride, self._anchors)
            scores.append(score[:, 0])
            boxes.append(np.hstack([cell - box[:, :2] * stride, cell + box[:, 2:] * stride]))
            points.append(cell[:, None] + point.reshape(-1, 5, 2) * stride)
        shift = np.array([left, top], dtype=np.float32)
        found = Detected(
            ((np.concatenate(boxes) - np.tile(shift, 2)) / scale).astype(np.float32),
            ((np.concatenate(points) - shift) / scale).astype(np.float32),
            np.concatenate(scores).astype(np.float32),
        )
        return keep_best(found, least_score=_LEAST_SCORE, overlap=_OVERLAP)

    def embed(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Describe aligned faces; one at a time, since some files take no more."""
        result = np.empty((len(crops), self.dims), dtype=np.float32)
        given = self._describer.get_inputs()[0].name
        for row, crop in enumerate(crops):
            tensor = crop.astype(np.float32).transpose(2, 0, 1)[None]
            if not self._scaled:
                tensor = (tensor - 127.5) / 127.5
            result[row] = self._describer.run(None, {given: np.ascontiguousarray(tensor)})[0][0]
        return result


def _scales_itself(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return (b"_minusscalar" in head or b"Sub_" in head) and (b"_mulscalar" in head or b"Mul_" in head)


def load(name: str) -> InsightFacePack:
    """Load a pack by ``insightface:<name>`` or by its folder.

    Raises
    ------
    MissingError
        It is not here.
    """
    folder = pack_folder(name.removeprefix(PACK_PREFIX))
    if folder is None:
        raise MissingError(f"There is no pack {name!r}", hint="Put it into ~/.insightface/models.")
    return InsightFacePack(folder, name)
