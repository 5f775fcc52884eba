"""How pictures look in small: colours of their parts and directions of their edges, beside the embedding.

An embedding says what a picture shows and overlooks shape and place where it was not trained to see them. Two
plain descriptions fill that in: a tiny picture, and histograms of the directions of its edges in cells (as in
Dalal and Triggs 2005, with the square root of Arandjelović and Zisserman 2012). ``head.py`` uses them only
where held-out answers say that they help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.pictures import read_picture
from shoal.errors import ShoalError

__all__ = ["LOOK_DIMS", "look", "looks_of", "views_of"]

Floats = npt.NDArray[np.float32]

SIDE = 32
TINY = 16
CELLS = 7
DIRECTIONS = 8
THREADS = 2
GREY = 127
COLOURS = TINY * TINY * 3
LOOK_DIMS = COLOURS + CELLS * CELLS * DIRECTIONS
"""Length of a look: the tiny picture, then the edges."""


def look(picture: Image.Image) -> Floats:
    """Describe one picture.

    Parameters
    ----------
    picture : PIL.Image.Image
        Mode RGB, of any size; it is put on a grey square.

    Returns
    -------
    ndarray of float32, shape (LOOK_DIMS,)
        16 × 16 colours, 0..1, then 7 × 7 cells of 8 directions, of length one in all.
    """
    picture = picture.copy()
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    if max(picture.size) < SIDE:
        factor = SIDE / max(picture.size)
        size = [max(1, round(side * factor)) for side in picture.size]
        picture = picture.resize((size[0], size[1]), Image.Resampling.BILINEAR)
    square = Image.new("RGB", (SIDE, SIDE), (GREY, GREY, GREY))
    square.paste(picture, ((SIDE - picture.size[0]) // 2, (SIDE - picture.size[1]) // 2))
    pixels = np.asarray(square, np.float32) / 255
    step = SIDE // TINY
    tiny = pixels.reshape(TINY, step, TINY, step, 3).mean(axis=(1, 3))
    return np.concatenate([tiny.ravel(), _edges(pixels.mean(axis=2)).ravel()])


def _edges(grey: Floats) -> Floats:
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1] = grey[2:] - grey[:-2]
    strength = np.hypot(across, down)
    turn = (np.arctan2(down, across) % np.pi) / np.pi * DIRECTIONS
    first = np.floor(turn)
    share = (turn - first) * strength
    first = first.astype(np.int64) % DIRECTIONS
    row = np.arange(SIDE) * CELLS // SIDE
    cell = row[:, None] * CELLS + row[None, :]
    length = CELLS * CELLS * DIRECTIONS
    found = np.bincount((cell * DIRECTIONS + first).ravel(), (strength - share).ravel(), length)
    found += np.bincount((cell * DIRECTIONS + (first + 1) % DIRECTIONS).ravel(), share.ravel(), length)
    return np.sqrt(found / max(1e-9, float(found.sum()))).astype(np.float32)


def looks_of(files: Sequence[Path], *, stopped: Callable[[], bool] = lambda: False) -> Floats:
    """Describe many pictures, in two threads.

    Parameters
    ----------
    files : sequence of Path
        One an item.
    stopped : callable
        Asked before each picture; the rest stays unknown once it says True.

    Returns
    -------
    ndarray of float32, shape (len(files), LOOK_DIMS)
        NaN where a picture cannot be read.
    """
    out = np.full((len(files), LOOK_DIMS), np.nan, np.float32)

    def one(place: int) -> None:
        if not stopped():
            try:
                out[place] = look(read_picture(files[place], max_side=4 * SIDE))
            except ShoalError:
                return

    with ThreadPoolExecutor(THREADS, thread_name_prefix="shoal-look") as pool:
        for _ in pool.map(one, range(len(files))):
            pass
    return out


def views_of(looks: Floats) -> list[Floats]:
    """Colours and edges apart, as :func:`principal` takes them: shapes (n, 768) and (n, 392)."""
    return [looks[:, :COLOURS], looks[:, COLOURS:]]
