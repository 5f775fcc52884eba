"""Face models by name: the offline pair YuNet + SFace, and insightface's packs."""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.face_geometry import Detected
from shoal.backends.weights import BRING_COMMAND, is_present
from shoal.errors import MissingError

__all__ = ["FaceModel", "choose_faces", "load_faces", "onnx_session"]

PACK_PREFIX = "insightface:"
OFFLINE = "yunet-sface"
# Measured with this 8-bit file on 400 portraits of 40 people: average linkage is best there, and one pair of
# different people in a hundred is above (accuracy.orl.yunet-sface). OpenCV says 0.363 of the whole file.
SFACE_THRESHOLD = 0.35


class FaceModel(Protocol):
    """A detector and the embedding that goes with it; safe to call from several threads."""

    @property
    def name(self) -> str:
        """What ``model=`` takes."""
        ...

    @property
    def dims(self) -> int:
        """Length of a vector."""
        ...

    @property
    def version(self) -> str:
        """Text that differs for every preprocessing and every weights: part of the key of cached vectors."""
        ...

    @property
    def threshold(self) -> float | None:
        """Cosine similarity from which two faces are more likely one person's than not, where measured."""
        ...

    def detect(self, picture: Image.Image, /, *, share: float = 1.0) -> Detected:
        """Find faces in an RGB picture; ``share`` as in `shoal.backends.face_geometry.fit_into`."""
        ...

    def embed(self, crops: npt.NDArray[np.uint8], /) -> npt.NDArray[np.float32]:
        """Describe aligned faces, (n, 112, 112, 3) RGB, by vectors, (n, dims), not normalised."""
        ...


def onnx_session(path: Path) -> Any:
    """Open an ONNX file for one thread a call, so that results do not depend on the number of cores."""
    try:
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingError(
            "Face models need the package onnxruntime", hint='pip install "shoal[embed]", then try again.'
        ) from error
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def choose_faces(model: str = "auto") -> tuple[str, str]:
    """Resolve ``model=`` for faces.

    Parameters
    ----------
    model : str
        ``"yunet-sface"``; ``"insightface:<pack>"``, for a pack in ``~/.insightface/models``; a path to a
        folder with a pack's ``.onnx`` files; or ``"auto"``: insightface's ``buffalo_l`` where it is, else the
        offline pair.

    Returns
    -------
    tuple of (str, str)
        What to load, and why, in words.

    Raises
    ------
    MissingError
        It is not here; the hint says how to get it.
    """
    from shoal.backends.insightface import pack_folder

    if model == "auto":
        if pack_folder("buffalo_l") is not None:
            return f"{PACK_PREFIX}buffalo_l", "insightface:buffalo_l: the best pack that is here"
        chosen, _ = choose_faces(OFFLINE)
        return chosen, f"{OFFLINE}: no insightface pack is here"
    if model == OFFLINE:
        if is_present("yunet") and is_present("sface"):
            return model, f"{model}, as asked"
        raise MissingError("The weights of YuNet and SFace are not here", hint=f"Run: {BRING_COMMAND}")
    if pack_folder(model.removeprefix(PACK_PREFIX)) is None:
        raise MissingError(
            f"There is no face model {model!r}",
            hint=f'Pass "{OFFLINE}", or the folder of an insightface pack, or put the pack into '
            '~/.insightface/models and pass "insightface:<its name>". insightface\'s packs are for '
            "non-commercial research.",
        )
    return model, f"{model}, as asked"


@lru_cache(maxsize=2)
def load_faces(name: str) -> FaceModel:
    """Load a face model that `choose_faces` has named, once a process."""
    if name == OFFLINE:
        return importlib.import_module("shoal.backends.yunet_sface").load()
    return importlib.import_module("shoal.backends.insightface").load(name)
