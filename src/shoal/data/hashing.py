"""Perceptual hashes: 64 bits of what a picture looks like."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.pictures import read_picture
from shoal.errors import BadInputError, MissingError

__all__ = ["hashable", "perceptual_hash"]

_SIDE, _KEPT = 32, 8
_BITS = _KEPT * _KEPT


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float64]:
    """The first 8 rows of the 32-point DCT-II."""
    k, n = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None]
    return np.cos(np.pi * k * (2 * n + 1) / (2 * _SIDE)) * 2.0


def perceptual_hash(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Hash a batch of pictures by the signs of their low frequencies.

    The 8 × 8 lowest coefficients of the 2-D DCT, each compared with their median; the same bits as
    ``imagehash.phash`` (after Zauner, 2010).

    Parameters
    ----------
    pictures : ndarray of uint8, shape (n, 32, 32)
        Grey levels.

    Returns
    -------
    ndarray of uint64, shape (n,)
        The first coefficient is the highest bit.
    """
    basis = _cosines()
    low = np.einsum("kh,nhw,lw->nkl", basis, pictures.astype(np.float64), basis, optimize=True).reshape(
        -1, _BITS
    )
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)


def hashable(path: Path) -> npt.NDArray[np.uint8] | str:
    """Read the small grey picture (uint8, 32 × 32) that is hashed, or return why it cannot be read."""
    try:
        picture = read_picture(path, max_side=256)
    except (BadInputError, MissingError) as error:
        return error.message
    return np.asarray(picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS))
