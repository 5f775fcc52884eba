"""Small measures of a picture that several steps share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["sharpness"]

# The measure depends on the scale, so every picture is brought to at most this size first.
_SIDE = 512


def sharpness(picture: Image.Image, mask: npt.NDArray[np.bool_] | None = None) -> float:
    """Variance of the Laplacian of the luma: the usual measure of blur (Pech-Pacheco et al., 2000).

    Parameters
    ----------
    picture : PIL.Image.Image
        Any mode that converts to ``L``; scaled down so that its longest side is at most 512 pixels.
    mask : ndarray of bool, shape (height, width), optional
        Only pixels that are true, and whose four neighbours are, count; so the edge of a cut-out does not.

    Returns
    -------
    float
        In squared grey levels (0..255); below about 50 a picture looks soft. 0 when nothing is left to
        measure.
    """
    grey = picture.convert("L")
    if max(grey.size) > _SIDE:
        grey.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.float32)
    if min(values.shape) < 3:
        return 0.0
    inner = values[1:-1, 1:-1]
    laplacian = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:] - 4.0 * inner
    if mask is None:
        return float(laplacian.var())
    small = np.asarray(Image.fromarray(mask).resize(grey.size, Image.Resampling.NEAREST), dtype=bool)
    whole = small[1:-1, 1:-1] & small[:-2, 1:-1] & small[2:, 1:-1] & small[1:-1, :-2] & small[1:-1, 2:]
    return float(laplacian[whole].var()) if whole.any() else 0.0
