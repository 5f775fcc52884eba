"""An image tower of any library as shoal's embedder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.framing import Framing

__all__ = ["Tower", "TwoTowers"]


@dataclass(frozen=True, eq=False)
class Tower:
    """An image tower; see `shoal.backends.protocols.ImageEmbedder`.

    Parameters
    ----------
    name : str
        Registry name.
    dims : int
        Length of a vector.
    framing : Framing
        How a picture becomes the model's square.
    run : callable
        (n, side, side, 3) uint8 → (n, dims) float32.
    """

    name: str
    dims: int
    framing: Framing
    run: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]

    @property
    def least_side(self) -> int:
        """Shortest side, in pixels, that is of use."""
        return self.framing.least

    def preprocess(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        """Make the model's square of a picture; (side, side, 3) uint8."""
        return self.framing.apply(picture)

    def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embed (n, side, side, 3) uint8 pictures; (n, dims) float32, not normalised."""
        return self.run(batch)


@dataclass(frozen=True, eq=False)
class TwoTowers(Tower):
    """An image tower with its text tower.

    Parameters
    ----------
    read : callable
        Texts → (n, dims) float32.
    """

    read: Callable[[Sequence[str]], npt.NDArray[np.float32]]

    def embed_text(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed texts; (n, dims) float32, not normalised."""
        return self.read(texts)
