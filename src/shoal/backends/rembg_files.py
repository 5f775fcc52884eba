"""The mattes whose files rembg keeps: ISNet (general use, anime) and the large U²-Net, from a local folder.

shoal does not download them: they are used when they are there, where rembg puts them or in
``$SHOAL_MODELS``. Qin et al., Highly Accurate Dichotomous Image Segmentation (arXiv:2203.03041).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.u2net import U2Net, open_session
from shoal.backends.weights import models_folder
from shoal.errors import MissingError

__all__ = ["Isnet", "file_of", "load_isnet", "load_isnet_anime", "load_u2net"]

_SIDE = 1024


def folders() -> list[Path]:
    """Where files are looked for: ``$SHOAL_MODELS`` or shoal's cache, ``$U2NET_HOME``, ``~/.u2net``."""
    given = os.environ.get("U2NET_HOME")
    return [models_folder(), *([Path(given)] if given else []), Path.home() / ".u2net"]


def file_of(name: str) -> Path | None:
    """The file ``<name>.onnx`` in the first folder that has it."""
    return next((f for folder in folders() if (f := folder / f"{name}.onnx").is_file()), None)


def _present(name: str) -> Path:
    path = file_of(name)
    if path is None:
        raise MissingError(
            f"There is no {name}.onnx in {', '.join(str(f) for f in folders())}",
            hint=f"Bring it with rembg (pip install rembg[cli], rembg d {name}), or put the file there.",
        )
    return path


class Isnet:
    """The matte; see `shoal.backends.protocols.Matte`. Safe to call from several threads.

    Parameters
    ----------
    name : str
        Registry name.
    weights : Path
        The ``.onnx`` file; input 1024 × 1024.
    mean : tuple of float
        Subtracted from colours 0..1, after they were divided by the brightest value.
    """

    def __init__(self, name: str, weights: Path, mean: tuple[float, float, float]) -> None:
        self.name, self._mean = name, np.asarray(mean, dtype=np.float32)
        self._session = open_session(weights)
        self._input = str(self._session.get_inputs()[0].name)

    def alpha(self, picture: Image.Image) -> npt.NDArray[np.float32]:
        """Compute the matte; (height, width) float32, 0..1."""
        small = picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        pixels = np.asarray(small, dtype=np.float32)
        pixels = pixels / max(float(pixels.max()), 1e-6) - self._mean
        tensor = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        matte = np.asarray(self._session.run(None, {self._input: tensor})[0])[0, 0].astype(np.float32)
        full = Image.fromarray(matte).resize(picture.size, Image.Resampling.BILINEAR)
        return np.asarray(full, dtype=np.float32).clip(0.0, 1.0)


def load_isnet() -> Isnet:
    """ISNet for general use."""
    return Isnet("isnet-general-use", _present("isnet-general-use"), (0.5, 0.5, 0.5))


def load_isnet_anime() -> Isnet:
    """ISNet trained on drawn characters (SkyTNT)."""
    return Isnet("isnet-anime", _present("isnet-anime"), (0.485, 0.456, 0.406))


def load_u2net() -> U2Net:
    """The large U²-Net."""
    return U2Net(_present("u2net"))
