"""Why items were rejected, in numbers that a view can sort and pick by."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.widgets.codec import visible_text

__all__ = ["REASON", "Reasons"]

REASON = "reason"
"""Column of the review that says it, from `shoal.gate` and `shoal.segment`; empty where nothing was."""


class Reasons:
    """Texts like ``"small: 30 px, less than 48"`` as numbers of what comes before the colon.

    Parameters
    ----------
    told : ndarray of str, shape (n,)
        The column of the review.

    Attributes
    ----------
    words : list of str
        The kinds of reasons, sorted.
    codes : ndarray of int32, shape (n,)
        Position in ``words``; ``len(words)`` for no reason.
    """

    def __init__(self, told: npt.NDArray[Any]) -> None:
        self.of = told
        texts, at = np.unique(told.astype(np.str_), return_inverse=True)
        kinds = [visible_text(text.partition(":")[0].strip()) for text in texts.tolist()]
        self.words = sorted({kind for kind in kinds if kind})
        place = {kind: number for number, kind in enumerate(self.words)}
        codes = np.array([place.get(kind, len(self.words)) for kind in kinds], dtype=np.int32)
        self.codes: npt.NDArray[np.int32] = codes[at.ravel()] if len(codes) else np.empty(0, dtype=np.int32)
