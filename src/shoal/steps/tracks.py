"""Instances of one shot that are the same character: linked from frame to frame by place and looks.

A link becomes a must-link when identities are clustered, so a wrong one costs more than a missing one: what
is in doubt stays unlinked.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError

__all__ = ["link_instances", "link_tracks", "look_of"]

_ZONES, _HUES, _LEVELS = 3, 8, 3
_SIDE = 96
# A shot seen again after this many stills without the character is a new track.
_LONGEST_GAP = 2
_LEAST_LOOK = 0.55
_LEAST_SCORE = 0.6
_CLEARLY = 0.08  # by how much a link beats the next best one of either side
_LEAST_SIMILARITY = 0.5  # cosine of embeddings


def look_of(crop: Image.Image) -> list[float]:
    """Describe the colours of a cut-out from top to bottom: a histogram in three zones.

    Parameters
    ----------
    crop : PIL.Image.Image
        RGBA; only pixels that are mostly solid count.

    Returns
    -------
    list of float
        3 zones × (8 hues × 3 levels of saturated colour + 6 greys), each zone summing to 1; zeros where there
        is nothing.
    """
    small = crop.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    rgba = small.convert("RGBA")
    alpha = np.asarray(rgba)[..., 3] > 127
    hsv = np.asarray(rgba.convert("RGB").convert("HSV")).astype(np.int64)
    hue, saturation, value = hsv[..., 0] * _HUES // 256, hsv[..., 1], hsv[..., 2]
    coloured = (saturation > 60) & (value > 40)
    bins = _HUES * _LEVELS + 6
    code = np.where(coloured, hue * _LEVELS + value * _LEVELS // 256, _HUES * _LEVELS + value * 6 // 256)
    rows = np.flatnonzero(alpha.any(axis=1))
    result = np.zeros((_ZONES, bins))
    if len(rows):
        top, height = int(rows[0]), int(rows[-1] - rows[0] + 1)
        zone = np.clip((np.arange(len(alpha)) - top) * _ZONES // height, 0, _ZONES - 1)
        for z in range(_ZONES):
            inside = alpha & (zone == z)[:, None]
            counts = np.bincount(code[inside], minlength=bins).astype(np.float64)
            result[z] = counts / max(1.0, counts.sum())
    return [round(float(v), 4) for v in result.ravel()]


def _place(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How well boxes (n, 4) and (m, 4) fit in place and size, 0..1: overlap, or nearness in own sizes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0.0), axis=2)
    area = np.prod(a[:, 2:] - a[:, :2], axis=1)[:, None], np.prod(b[:, 2:] - b[:, :2], axis=1)[None]
    union = np.maximum(area[0] + area[1] - shared, 1e-9)
    centre = (a[:, None, :2] + a[:, None, 2:]) / 2 - (b[None, :, :2] + b[None, :, 2:]) / 2
    side = np.sqrt(np.maximum(area[0], area[1]))
    near = np.exp(-np.linalg.norm(centre, axis=2) / np.maximum(0.6 * side, 1e-9))
    size = np.sqrt(np.minimum(area[0], area[1]) / np.maximum(np.maximum(area[0], area[1]), 1e-9))
    return np.maximum(shared / union, near * size)


def _alike(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], vectors: bool) -> npt.NDArray[np.float64]:
    """Similarity of looks, 0..1: intersection of histograms, or cosine of embeddings."""
    if vectors:
        return np.clip(a @ b.T, 0.0, 1.0)
    return np.minimum(a[:, None], b[None]).sum(axis=2) / _ZONES


def _clear(score: npt.NDArray[np.float64], row: int, column: int) -> bool:
    """Whether no other partner of either side comes close."""
    others = np.concatenate([np.delete(score[row], column), np.delete(score[:, column], row)])
    return not len(others) or score[row, column] - others.max() >= _CLEARLY


def link_instances(
    shot: npt.NDArray[np.integer],
    frame: npt.NDArray[np.integer],
    boxes: npt.NDArray[np.floating],
    looks: npt.NDArray[np.floating],
    *,
    vectors: bool = False,
) -> npt.NDArray[np.int32]:
    """Link instances into tracks.

    Parameters
    ----------
    shot : ndarray of int, shape (n,)
        Links never cross shots.
    frame : ndarray of int, shape (n,)
        Frame numbers; instances of one frame are never linked.
    boxes : ndarray of float, shape (n, 4)
        Left, top, right, bottom.
    looks : ndarray of float, shape (n, d)
        From `look_of`, or unit embeddings.
    vectors : bool
        Whether ``looks`` are embeddings.

    Returns
    -------
    ndarray of int32, shape (n,)
        Track numbers from 0 in order of appearance; an instance that is linked to none has one of its own.
    """
    optimize: Any = importlib.import_module("scipy.optimize")
    track = np.full(len(shot), -1, dtype=np.int32)
    count = 0
    least = _LEAST_SIMILARITY if vectors else _LEAST_LOOK
    place, look = np.asarray(boxes, dtype=np.float64), np.asarray(looks, dtype=np.float64)
    for number in np.unique(shot):
        open_rows: dict[int, tuple[int, int]] = {}  # track → its last row, and that row's still
        mine = np.flatnonzero(shot == number)
        for still, at in enumerate(np.unique(frame[mine])):
            rows = mine[frame[mine] == at]
            tracks = [t for t, (_, seen) in open_rows.items() if still - seen <= _LONGEST_GAP]
            if tracks:
                last = np.array([open_rows[t][0] for t in tracks])
                alike = _alike(look[rows], look[last], vectors)
                score = 0.5 * alike + 0.5 * _place(place[rows], place[last])
                score[alike < least] = 0.0
                for row, column in zip(*optimize.linear_sum_assignment(-score), strict=True):
                    if score[row, column] >= _LEAST_SCORE and _clear(score, row, column):
                        track[rows[row]] = tracks[column]
            for row in rows:
                if track[row] < 0:
                    track[row], count = count, count + 1
                open_rows[int(track[row])] = (int(row), still)
    return track


def link_tracks(items: Items, embeddings: Embeddings | None = None) -> Items:
    """Link the instances of each shot across frames, by place and looks.

    `shoal.segment` does this by colours. With embeddings, which know more than colours, it is worth doing
    again.

    Parameters
    ----------
    items : Items
        With the columns ``shot``, ``frame`` and ``box``.
    embeddings : Embeddings, optional
        Of these items; default colours, read from the cut-outs.

    Returns
    -------
    Items
        With the column ``track`` (int32, from 0), for `shoal.film_constraints`.

    Raises
    ------
    BadInputError
        A column is missing, or the embeddings are of other items.
    """
    missing = [name for name in ("shot", "frame", "box") if name not in items.columns]
    if missing:
        raise BadInputError(
            f"link_tracks: the items have no column {missing[0]!r}", hint="Pass the result of shoal.segment."
        )
    if embeddings is not None and len(embeddings) != len(items):
        raise BadInputError(
            f"link_tracks: {len(items)} items, but {len(embeddings)} embeddings",
            hint="Pass the embeddings of these items.",
        )
    if embeddings is not None:
        looks = np.nan_to_num(embeddings.vectors).astype(np.float64)
        looks /= np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-12)
    else:
        looks = np.array([_look_of_file(items, row) for row in range(len(items))]).reshape(len(items), -1)
    columns = items.columns
    track = link_instances(
        columns["shot"], columns["frame"], columns["box"], looks, vectors=embeddings is not None
    )
    return items.with_columns(track=track)


def _look_of_file(items: Items, row: int) -> list[float]:
    with Image.open(items.file(row)) as picture:
        return look_of(picture.convert("RGBA"))
