"""Grouping by colour without any weights: soft histograms in CIE L*a*b*, by zones of the picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.devices import How

__all__ = ["ColourHistogram", "load"]

_SIDE = 64
_BLACK = 216.0 / 24389.0  # CIE's linear part of the lightness curve ends here


@lru_cache(maxsize=1)
def _srgb_curve() -> npt.NDArray[np.float32]:
    """Light of each 8-bit sRGB value, 0..1 (IEC 61966-2-1)."""
    v = np.arange(256) / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def srgb_to_lab(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Convert (…, 3) uint8 sRGB to CIE L*a*b* (D65): L 0..100, a and b about −110..110, float32."""
    light = _srgb_curve()[pixels]
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ],
        dtype=np.float32,
    )
    white = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
    t = light @ to_xyz.T / white
    f = np.where(t > _BLACK, np.cbrt(t), (24389.0 / 27.0 * t + 16.0) / 116.0)
    lightness = 116.0 * f[..., 1] - 16.0
    lab = [lightness, 500.0 * (f[..., 0] - f[..., 1]), 200.0 * (f[..., 1] - f[..., 2])]
    return np.stack(lab, axis=-1).astype(np.float32)


def _soft_bins(values: npt.NDArray[np.float32], low: float, high: float, n: int) -> npt.NDArray[np.float32]:
    """Share each value between its two nearest bins; (…, n), rows sum to 1."""
    centre = np.clip((values - low) / (high - low) * n - 0.5, 0, n - 1)
    return np.maximum(0.0, 1.0 - np.abs(centre[..., None] - np.arange(n))).astype(np.float32)


class ColourHistogram:
    """The embedder; see `shoal.backends.protocols.ImageEmbedder`.

    Transparent pixels do not count, so a cut-out is judged by its subject alone. For each of three zones
    (left, middle, right third) a joint soft histogram of a and b (6 × 6) and one of L (28): 64 numbers a
    zone, each zone of length 1 after the square root (Hellinger kernel: Euclidean distance then compares
    distributions).
    """

    name = "colour"
    dims = 192
    least_side = 2 * _SIDE

    def preprocess(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        """Scale to 64 × 64; (64, 64, 4) uint8, the last band is the alpha."""
        rgba = picture.convert("RGBA")
        return np.asarray(rgba.resize((_SIDE, _SIDE), Image.Resampling.BOX))

    def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embed (n, 64, 64, 4) inputs; (n, 192) float32."""
        rows = [self._one(srgb_to_lab(picture[..., :3]), picture[..., 3]) for picture in batch]
        return np.stack(rows) if rows else np.empty((0, self.dims), dtype=np.float32)

    def _one(self, lab: npt.NDArray[np.float32], alpha: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        parts: list[npt.NDArray[np.float32]] = []
        for zone, seen in zip(np.array_split(lab, 3, axis=1), np.array_split(alpha, 3, axis=1), strict=True):
            flat = zone[seen >= 128]
            a = _soft_bins(flat[:, 1], -80.0, 80.0, 6)
            b = _soft_bins(flat[:, 2], -80.0, 80.0, 6)
            joint = (a.T @ b).ravel()
            light = _soft_bins(flat[:, 0], 0.0, 100.0, 28).sum(axis=0)
            parts.append(np.sqrt(np.concatenate([joint, light]) / max(1.0, 2.0 * len(flat))))
        return np.concatenate(parts).astype(np.float32)


def load(_argument: str = "", _how: How | None = None) -> ColourHistogram:
    """Make the embedder; there is nothing to load."""
    return ColourHistogram()
