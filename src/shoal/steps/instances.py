"""From a matte to separate subjects: every character of a frame, not only the largest."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["Region", "find_regions"]

# A subject has a sure core; what is only half certain joins the core it is nearest to.
_CORE = 0.5
# Labelling on a matte of this size is exact enough: the model's own output is smaller.
_LABEL_SIDE = 480


@dataclass(frozen=True, slots=True)
class Region:
    """One subject of a frame.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom in pixels of the frame; right and bottom exclusive.
    alpha : ndarray of float32, shape (bottom − top, right − left)
        The matte inside the box, 0 where another subject is.
    area : int
        Pixels of the frame with a matte above the threshold.
    confidence : float
        Mean matte over that area, 0..1.
    """

    box: tuple[int, int, int, int]
    alpha: npt.NDArray[np.float32]
    area: int
    confidence: float


def _label(matte: npt.NDArray[np.float32], threshold: float) -> npt.NDArray[np.int32]:
    """Number the subjects 1, 2, … on the matte; 0 is background.

    Cores (matte ≥ 0.5) are connected components; every other pixel above the threshold goes to the nearest
    core of its own connected component. So two subjects that touch only by a faint halo stay apart. A faint
    component without any core is a subject of its own.
    """
    ndimage: Any = importlib.import_module("scipy.ndimage")

    soft, n_soft = ndimage.label(matte >= threshold, structure=np.ones((3, 3)))
    # opening cuts bridges one or two pixels wide between cores
    core = ndimage.binary_opening(matte >= max(_CORE, threshold), iterations=2)
    cores, n_cores = ndimage.label(core, structure=np.ones((3, 3)))
    labels = np.zeros(matte.shape, dtype=np.int32)
    if n_cores:
        nearest = ndimage.distance_transform_edt(cores == 0, return_distances=False, return_indices=True)
        labels = np.where(soft > 0, cores[tuple(nearest)], 0).astype(np.int32)
    with_core = set(np.unique(soft[cores > 0]).tolist())
    for component in range(1, n_soft + 1):
        if component not in with_core:
            n_cores += 1
            labels[soft == component] = n_cores
    return labels


def find_regions(
    matte: npt.NDArray[np.float32], *, alpha_threshold: float, margin: float, min_side: int
) -> list[Region]:
    """Separate the subjects of a matte.

    Parameters
    ----------
    matte : ndarray of float32, shape (height, width)
        0..1.
    alpha_threshold : float
        Matte above which a pixel counts.
    margin : float
        Room left around a subject, as a share of its longer side.
    min_side : int
        Regions whose longer side is below this many pixels are specks and left out unmentioned.

    Returns
    -------
    list of Region
        From left to right, then from top to bottom; so that numbers are stable.
    """
    height, width = matte.shape
    scale = min(1.0, _LABEL_SIDE / max(height, width))
    small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(Image.fromarray(matte).resize(small_size, Image.Resampling.BILINEAR))
    labels_small = _label(small, alpha_threshold)
    labels = np.asarray(Image.fromarray(labels_small).resize((width, height), Image.Resampling.NEAREST))
    solid = matte >= alpha_threshold
    regions: list[Region] = []
    for label in range(1, int(labels.max()) + 1):
        mine = (labels == label) & solid
        area = int(mine.sum())
        if not area:
            continue
        rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        side = max(bottom - top, right - left)
        if side < min_side:
            continue
        room = round(margin * side)
        box = (max(0, left - room), max(0, top - room), min(width, right + room), min(height, bottom + room))
        window = (slice(box[1], box[3]), slice(box[0], box[2]))
        alpha = np.where(mine[window], matte[window], 0.0).astype(np.float32)
        regions.append(Region(box=box, alpha=alpha, area=area, confidence=float(matte[mine].mean())))
    return sorted(regions, key=lambda region: (region.box[0], region.box[1]))
