"""LaMa by an ONNX file that people bring themselves: what may lie behind a subject.

Suvorov et al., Resolution-robust Large Mask Inpainting with Fourier Convolutions (arXiv:2109.07161);
Apache-2.0. The file is ``lama_fp32.onnx`` of the repository Carve/LaMa-ONNX: a picture (1, 3, 512, 512) and a
hole (1, 1, 512, 512), both 0..1, give a picture of 0..255. Exports that give 0..1 do as well.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.rembg_files import file_of, folders
from shoal.backends.u2net import open_session
from shoal.errors import BadInputError, MissingError

__all__ = ["NAMES", "Lama", "load"]

NAMES = ("lama_fp32", "lama")
"""Files that are looked for, the first of them first."""

_SIDE = 512


class Lama:
    """Fills holes; safe to call from several threads.

    Parameters
    ----------
    weights : Path
        The ``.onnx`` file.

    Raises
    ------
    BadInputError
        The file has not one input of three channels and one of one.
    """

    name = "lama"

    def __init__(self, weights: Path) -> None:
        self._session = open_session(weights)
        by_channels = {tuple(i.shape)[1]: i for i in self._session.get_inputs() if len(i.shape) == 4}
        if set(by_channels) != {1, 3}:
            raise BadInputError(
                f"{str(weights)!r} is no LaMa: it does not take a picture and a hole",
                hint="Use lama_fp32.onnx of Carve/LaMa-ONNX.",
            )
        self._image, self._hole = str(by_channels[3].name), str(by_channels[1].name)
        told = by_channels[3].shape[2]
        self._side = told if isinstance(told, int) else _SIDE

    def fill(self, picture: Image.Image, hole: npt.NDArray[np.bool_]) -> Image.Image:
        """Fill the hole of an RGB picture from what is around it.

        Solved on the picture scaled into the model's square, whose rest mirrors the picture; pixels outside
        the hole stay as they are.

        Parameters
        ----------
        picture : PIL.Image.Image
            RGB.
        hole : ndarray of bool, shape (height, width)
            What is to be filled.

        Returns
        -------
        PIL.Image.Image
            RGB, as large as the picture.
        """
        if not hole.any():
            return picture
        scale = self._side / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        small = np.asarray(picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
        open_ = np.asarray(Image.fromarray(hole).convert("L").resize(size, Image.Resampling.BILINEAR)) > 0
        image, mask = self._square(small.astype(np.float32) / 255.0), self._square(open_.astype(np.float32))
        given: dict[str, Any] = {
            self._image: np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32),
            self._hole: mask[None, None],
        }
        made = np.asarray(self._session.run(None, given)[0], dtype=np.float32)[0].transpose(1, 2, 0)
        made = made[: size[1], : size[0]]
        filled = Image.fromarray(np.rint(made * _range(made, small, open_)).clip(0, 255).astype(np.uint8))
        whole = filled.resize(picture.size, Image.Resampling.BICUBIC)
        where = Image.fromarray(hole).convert("L")
        return Image.composite(whole, picture.convert("RGB"), where)

    def _square(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Values mirrored to the right and below until they fill the model's square."""
        more = [(0, self._side - values.shape[0]), (0, self._side - values.shape[1])]
        return np.pad(values, more + [(0, 0)] * (values.ndim - 2), mode="symmetric")


def _range(made: npt.NDArray[np.float32], given: npt.NDArray[np.uint8], hole: npt.NDArray[np.bool_]) -> float:
    """255 for a model that gives 0..1, 1 for one that gives 0..255; told by the part that it repeats."""
    known = ~hole
    if not known.any():
        return 255.0 if made.max(initial=0.0) <= 1.5 else 1.0
    real = given[known].astype(np.float32)
    off = {factor: float(np.abs(made[known] * factor - real).mean()) for factor in (1.0, 255.0)}
    return min(off, key=off.__getitem__)


@lru_cache(maxsize=1)
def _open(path: Path) -> Lama:
    return Lama(path)


def load() -> Lama:
    """Load LaMa from the folder of the models, or from where rembg keeps its files; once a process.

    Raises
    ------
    MissingError
        There is no such file, or onnxruntime is not installed.
    BadInputError
        The file is of another model.
    """
    path = next((found for name in NAMES if (found := file_of(name)) is not None), None)
    if path is None:
        raise MissingError(
            f"There is no {NAMES[0]}.onnx in {', '.join(str(f) for f in folders())}",
            hint='Put the file of Carve/LaMa-ONNX there (208 MB), or pass background="telea".',
        )
    return _open(path)
