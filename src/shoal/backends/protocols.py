"""What shoal asks of a model; a backend is any object that fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["ImageEmbedder", "Matte", "TextEmbedder"]


@runtime_checkable
class ImageEmbedder(Protocol):
    """A model that turns one picture into one vector."""

    @property
    def name(self) -> str:
        """Registry name."""
        ...

    @property
    def dims(self) -> int:
        """Length of a vector."""
        ...

    @property
    def least_side(self) -> int:
        """Shortest side, in pixels, that `preprocess` can use; larger JPEG are decoded at a smaller scale."""
        ...

    def preprocess(self, picture: Image.Image, /) -> npt.NDArray[np.uint8]:
        """Turn a picture (RGB, or RGBA for a cut-out) of any size into the model's input; called in threads.

        Returns
        -------
        ndarray of uint8
            The same shape for every picture, so that inputs can be stacked.
        """
        ...

    def embed(self, batch: npt.NDArray[np.uint8], /) -> npt.NDArray[np.float32]:
        """Embed stacked inputs.

        Parameters
        ----------
        batch : ndarray of uint8, shape (n, …)
            What `preprocess` returned, stacked on a new first axis.

        Returns
        -------
        ndarray of float32, shape (n, dims)
            Not normalised. A row does not depend on the other rows.
        """
        ...


@runtime_checkable
class TextEmbedder(Protocol):
    """A model with a text tower: words and pictures in one space."""

    def embed_text(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Embed texts.

        Returns
        -------
        ndarray of float32, shape (n, dims)
            Not normalised; comparable with `ImageEmbedder.embed` by cosine.
        """
        ...


@runtime_checkable
class Matte(Protocol):
    """A model that says how much each pixel belongs to a subject."""

    @property
    def name(self) -> str:
        """Registry name."""
        ...

    def alpha(self, picture: Image.Image, /) -> npt.NDArray[np.float32]:
        """Compute the matte of an RGB picture.

        Returns
        -------
        ndarray of float32, shape (height, width)
            0 (background) .. 1 (subject), as large as the picture.
        """
        ...
