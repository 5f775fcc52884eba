"""A few stills that stand for each shot: sharp, spread over its time and looks, none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.hashing import perceptual_hash
from shoal.data.pictures import read_picture
from shoal.data.tables import Shots
from shoal.errors import BadInputError, MissingError
from shoal.steps.measures import sharpness

__all__ = ["sample_shots", "similarity"]

_HASH_SIDE, _SSIM_SIZE, _LOOK_SIZE = 32, (96, 54), (16, 9)
_WINDOW = 8
# Constants of Wang et al. (2004) for grey levels 0..255.
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# How much a still further away in time adds to how different it is, at a whole shot's length.
_TIME_WEIGHT = 0.15

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of a still: all of it fits in 7 KB."""

    hashed: npt.NDArray[np.uint8]
    grey: npt.NDArray[np.uint8]
    look: npt.NDArray[np.uint8]
    sharpness: float


def _look(path: Path) -> _Seen | str:
    try:
        picture = read_picture(path, max_side=512).convert("RGB")
    except (BadInputError, MissingError) as error:
        return error.message
    grey = picture.convert("L")
    return _Seen(
        np.asarray(grey.resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS)),
        np.asarray(grey.resize(_SSIM_SIZE, Image.Resampling.BOX)),
        np.asarray(picture.resize(_LOOK_SIZE, Image.Resampling.BOX)),
        sharpness(grey),
    )


def _means(values: Floats) -> Floats:
    """Mean of every 8 × 8 window, by running sums."""
    total = np.pad(values.cumsum(axis=0, dtype=np.float64).cumsum(axis=1), ((1, 0), (1, 0)))
    w = _WINDOW
    return ((total[w:, w:] - total[:-w, w:] - total[w:, :-w] + total[:-w, :-w]) / w**2).astype(np.float32)


def similarity(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    """Structural similarity of two grey pictures of one size (Wang et al., 2004), with 8 × 8 windows.

    Returns
    -------
    float
        −1..1; 1 for equal pictures.
    """
    x, y = a.astype(np.float32), b.astype(np.float32)
    mx, my = _means(x), _means(y)
    vx, vy, vxy = _means(x * x) - mx**2, _means(y * y) - my**2, _means(x * y) - mx * my
    top = (2 * mx * my + _C1) * (2 * vxy + _C2)
    return float((top / ((mx**2 + my**2 + _C1) * (vx + vy + _C2))).mean())


class _Twins:
    """Knows the stills that were taken and finds the one that another is nearly equal to."""

    def __init__(self, hashes: npt.NDArray[np.uint64], greys: Sequence[Any], bits: int, least: float) -> None:
        self.hashes, self.greys, self.bits, self.least = hashes, greys, bits, least
        self.taken: list[int] = []

    def of(self, row: int, among: Sequence[int] | None = None) -> int | None:
        """Row of a taken still that this one repeats: near by perceptual hash, and by SSIM as well."""
        rows = np.asarray(self.taken if among is None else among, dtype=np.int64)
        if not len(rows):
            return None
        distance = np.bitwise_count(self.hashes[rows] ^ self.hashes[row])
        near = rows[distance <= self.bits][np.argsort(distance[distance <= self.bits], kind="stable")]
        for other in near.tolist():
            if similarity(self.greys[row], self.greys[other]) >= self.least:
                return other
        return None


def _choose(
    rows: npt.NDArray[np.int64],
    looks: Floats,
    sharp: Floats,
    time: Floats,
    twins: _Twins,
    per_shot: int,
    across: bool,
) -> tuple[list[int], dict[int, int]]:
    """Choose from one shot; returns the chosen rows and, of those that repeat another, which."""
    weight = np.clip(sharp[rows] / max(float(np.median(sharp[rows])), 1e-6), 0.2, 1.0)
    span = max(float(np.ptp(time[rows])), 1e-6)
    nearest = np.full(len(rows), np.inf)
    chosen: list[int] = []
    repeated: dict[int, int] = {}
    open_at = np.ones(len(rows), dtype=bool)
    while open_at.any() and len(chosen) < per_shot:
        # the sharpest first, then what is most unlike all that were taken
        worth = sharp[rows].astype(np.float64) if not chosen else nearest * weight
        at = int(np.where(open_at, worth, -np.inf).argmax())
        open_at[at] = False
        row = int(rows[at])
        twin = twins.of(row, None if across else chosen)
        if twin is not None:
            repeated[row] = twin
            continue
        chosen.append(row)
        twins.taken.append(row)
        apart = np.abs(looks[rows] - looks[row]).mean(axis=1) / 255.0
        nearest = np.minimum(nearest, apart + _TIME_WEIGHT * np.abs(time[rows] - time[row]) / span)
    return sorted(chosen), repeated


def sample_shots(
    shots: Shots,
    *,
    per_shot: int = 4,
    phash_distance: int = 12,
    ssim: float = 0.92,
    across: bool = True,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Shots:
    """Choose stills that represent each shot.

    The sharpest comes first; each further one is the most unlike those already chosen, in looks and time,
    with blurred ones held back. A still that repeats a chosen one is left out: their perceptual hashes are
    near, and their structural similarity is high.

    Parameters
    ----------
    shots : Shots
        From `shoal.extract_frames`; the more stills, the better the choice.
    per_shot : int
        Most stills of one shot.
    phash_distance : int
        Bits of 64 in which the perceptual hashes of near-duplicates may differ.
    ssim : float
        Structural similarity, −1..1, from which they are near-duplicates.
    across : bool
        Compare with the stills of earlier shots too, so that a camera that cuts back brings nothing twice.
    executor : concurrent.futures.Executor, optional
        Where pictures are read; default a few threads.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Shots
        The same shots with fewer stills; nothing is removed from disk. ``frames.meta["left_out"]`` says of
        each still that repeats another which one, and ``["unreadable"]`` which could not be read.

    Raises
    ------
    BadInputError
        An argument is out of range.
    """
    if per_shot < 1:
        raise BadInputError(f"per_shot={per_shot} is below 1", hint="Pass 1 or more.")
    if not 0 <= phash_distance < 64 or not -1.0 <= ssim <= 1.0:
        raise BadInputError(
            f"phash_distance={phash_distance}, ssim={ssim} is out of range", hint="12 and 0.92 are usual."
        )
    frames = shots.frames
    read: list[_Seen | str] = []
    with (
        reading_threads(executor) as pool,
        show("Comparing stills", len(frames), progress, unit="stills") as bar,
    ):
        for value in map_ordered(_look, map(frames.file, range(len(frames))), executor=pool, window=64):
            read.append(value)
            bar.update()
    seen = {row: value for row, value in enumerate(read) if isinstance(value, _Seen)}
    chosen, repeated = _choose_all(shots, seen, per_shot, phash_distance, ssim, across) if seen else ([], {})
    unreadable = {frames.paths[row]: value for row, value in enumerate(read) if isinstance(value, str)}
    params = {"per_shot": per_shot, "phash_distance": phash_distance, "ssim": ssim, "across": across}
    meta = {
        **frames.meta, "sampled": params, "unreadable": unreadable,
        "left_out": {frames.paths[a]: frames.paths[b] for a, b in sorted(repeated.items())},
    }  # fmt: skip
    return replace(shots, frames=replace(frames.take(np.asarray(chosen, dtype=np.int64)), meta=meta))


def _choose_all(
    shots: Shots, seen: dict[int, _Seen], per_shot: int, bits: int, least: float, across: bool
) -> tuple[list[int], dict[int, int]]:
    frames = shots.frames
    n = len(frames)
    some = next(iter(seen.values()))
    hashes = np.zeros(n, dtype=np.uint64)
    looks = np.zeros((n, some.look.size), dtype=np.float32)
    sharp = np.zeros(n, dtype=np.float32)
    rows = np.array(sorted(seen), dtype=np.int64)
    hashes[rows] = perceptual_hash(np.stack([seen[row].hashed for row in rows.tolist()]))
    for row in rows.tolist():
        looks[row], sharp[row] = seen[row].look.ravel(), seen[row].sharpness
    greys = [seen[row].grey if row in seen else None for row in range(n)]
    twins = _Twins(hashes, greys, bits, least)
    time = frames.columns["time_s"].astype(np.float32)
    chosen: list[int] = []
    repeated: dict[int, int] = {}
    shot_of = frames.columns["shot"]
    for shot in np.unique(shot_of[rows]):
        mine, twice = _choose(rows[shot_of[rows] == shot], looks, sharp, time, twins, per_shot, across)
        chosen += mine
        repeated.update(twice)
    return sorted(chosen), repeated
