"""Subjects that touch, told apart by an instance model: which of its masks are whole subjects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.errors import BadInputError
from shoal.steps.instances import Region

__all__ = ["InstanceModel", "choose_masks", "load_instances", "split_region"]

Masks = npt.NDArray[np.bool_]

_GRID = 4
_INSIDE = 0.7  # share of a mask that lies on the region
_LEAST_SHARE = 0.12  # of the region's pixels
_LEAST_SCORE = 0.6
_OVERLAP = 0.3  # share of a mask that may lie on one already taken
_SURE = 0.5


class InstanceModel(Protocol):
    """A model that says what belongs to the thing at a point."""

    def masks(
        self, picture: Image.Image, points: Sequence[tuple[float, float]]
    ) -> tuple[Masks, npt.NDArray[np.float32]]:
        """Masks (n, height, width) and how sure each is, 0..1."""
        ...


@lru_cache(maxsize=2)
def load_instances(name: str) -> Any:
    """Load an instance model by name: ``"sam2"``, or ``"sam2:folder or owner/name"``.

    Raises
    ------
    BadInputError
        There is no such family.
    MissingError
        Its packages or weights are not there.
    """
    family, _, argument = name.partition(":")
    if family != "sam2":
        raise BadInputError(f"instances={name!r} is unknown", hint='Pass "none", "sam2" or "sam2:folder".')
    from shoal.backends import sam2

    return sam2.load(argument)


def choose_masks(region: Masks, masks: Masks, scores: npt.NDArray[np.float32]) -> list[int]:
    """Choose the masks that part a region into whole subjects.

    A mask must lie on the region, cover a fair share of it and be sure. The one that covers most comes first,
    so that a whole goes before its parts; but a mask of all of the region says nothing about its parts and is
    taken only when it is all there is.

    Parameters
    ----------
    region : ndarray of bool, shape (height, width)
        What is to be parted.
    masks : ndarray of bool, shape (n, height, width)
        Candidates.
    scores : ndarray of float32, shape (n,)
        How sure each is.

    Returns
    -------
    list of int
        Positions in ``masks``; fewer than two when the region is one subject.
    """
    area = max(1, int(region.sum()))
    fits: list[tuple[float, int]] = []
    for at, mask in enumerate(masks):
        size, shared = int(mask.sum()), int((mask & region).sum())
        share = shared / area
        if size and shared / size >= _INSIDE and _LEAST_SHARE <= share <= 0.9 and scores[at] >= _LEAST_SCORE:
            fits.append((share * float(scores[at]), at))
    taken: list[int] = []
    covered = np.zeros_like(region)
    for _, at in sorted(fits, reverse=True):
        mask = masks[at] & region
        if (mask & covered).sum() <= _OVERLAP * mask.sum():
            taken.append(at)
            covered |= mask
    # two parts of one subject leave much of it to neither; whole subjects cover nearly all
    return taken if len(taken) >= 2 and covered.sum() >= 0.75 * area else []


def split_region(region: Region, picture: Image.Image, model: InstanceModel) -> list[Region]:
    """Part a region of a frame into subjects; a list of itself where it is one."""
    solid = region.alpha >= _SURE
    points = _points(solid)
    left, top, right, bottom = region.box
    masks, scores = model.masks(picture.crop((left, top, right, bottom)), points)
    chosen = choose_masks(solid, masks, scores)
    if len(chosen) < 2:
        return [region]
    from scipy import ndimage

    seeds = np.zeros(solid.shape, dtype=np.int32)
    for number, at in reversed(list(enumerate(chosen, start=1))):
        seeds[masks[at] & solid] = number
    nearest: Any = ndimage.distance_transform_edt(seeds == 0, return_distances=False, return_indices=True)
    labels = seeds[tuple(nearest)]
    parts: list[Region] = []
    for number in range(1, len(chosen) + 1):
        alpha = np.where(labels == number, region.alpha, 0.0).astype(np.float32)
        mine = alpha > 0
        if not mine.any():
            continue
        rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
        t, b, a, z = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        box = (left + a, top + t, left + z, top + b)
        parts.append(Region(box, alpha[t:b, a:z], int(mine.sum()), float(alpha[mine].mean())))
    return sorted(parts, key=lambda part: (part.box[0], part.box[1]))


def _points(solid: Masks) -> list[tuple[float, float]]:
    """Points on the region: of a grid over it, the middle of what is solid in each cell."""
    rows, columns = np.nonzero(solid)
    if not len(rows):
        return []
    cell = (rows - rows.min()) * _GRID // (np.ptp(rows) + 1) * _GRID + (columns - columns.min()) * _GRID // (
        np.ptp(columns) + 1
    )
    points: list[tuple[float, float]] = []
    for number in np.unique(cell):
        mine = np.flatnonzero(cell == number)
        if len(mine) * 40 < len(rows):
            continue
        middle = np.array([rows[mine].mean(), columns[mine].mean()])
        at = mine[np.argmin((rows[mine] - middle[0]) ** 2 + (columns[mine] - middle[1]) ** 2)]
        points.append((float(columns[at]), float(rows[at])))
    return points
