"""One picture of a training set: right way up, scaled down, its matte as alpha, as a mask, or gone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from shoal.data.pictures import read_picture
from shoal.errors import BadInputError

__all__ = ["Job", "Rendered", "colour_of", "render", "run_lengths"]

_SOLID = 128
"""From this alpha on a pixel counts as the subject's, 0..255."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be rendered; plain data, so that it can go to another process.

    Parameters
    ----------
    source, target : str
        Files.
    mask_source, mask_target : str or None
        A matte beside the source; where the mask goes.
    alpha : bool
        Keep transparency in the target.
    size : int or None
        Pictures of more than ``size`` × ``size`` pixels are scaled down to that area.
    square : bool
        Put the picture in the middle of a square of ``size`` × ``size``.
    background : tuple of int
        RGB behind transparency.
    quality : int
        Of JPEG, 1..95.
    lengths : bool
        Whether the run lengths of the mask are wanted.
    """

    source: str
    target: str
    mask_source: str | None
    mask_target: str | None
    alpha: bool
    size: int | None
    square: bool
    background: tuple[int, int, int]
    quality: int = 95
    lengths: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written.

    Parameters
    ----------
    width, height : int
        Pixels.
    matte : bool
        Whether there is transparency or a mask.
    area : int
        Pixels of the subject.
    box : tuple of int
        Left, top, width, height around the subject.
    lengths : tuple of int
        Run lengths of the mask, column by column, beginning with background (COCO's uncompressed form).
    """

    width: int
    height: int
    matte: bool
    area: int
    box: tuple[int, int, int, int]
    lengths: tuple[int, ...] = ()


def colour_of(background: str | tuple[int, int, int]) -> tuple[int, int, int]:
    """RGB of a colour name or triple."""
    if isinstance(background, tuple):
        return background
    from PIL import ImageColor

    try:
        return ImageColor.getcolor(background, "RGB")  # type: ignore[return-value]
    except ValueError as error:
        raise BadInputError(
            f"background={background!r} is no colour", hint='Use a name or "#rrggbb".'
        ) from error


def run_lengths(mask: np.ndarray) -> tuple[int, ...]:
    """Run lengths of a boolean mask, column by column, the first of background (0 when it begins inside)."""
    flat = mask.ravel(order="F")
    if not len(flat):
        return ()
    edges = np.concatenate(([0], np.flatnonzero(np.diff(flat)) + 1, [len(flat)]))
    lengths = np.diff(edges).tolist()
    return tuple([0, *lengths] if flat[0] else lengths)


def render(job: Job) -> Rendered:
    """Read, scale and write one picture; see :class:`Job`.

    Raises
    ------
    BadInputError, MissingError
        As `read_picture`.
    """
    picture = read_picture(job.source, alpha="keep")
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    if job.mask_source is not None:
        alpha = read_picture(job.mask_source).convert("L").resize(picture.size, Image.Resampling.BILINEAR)
    colour = picture.convert("RGB")
    if alpha is not None:
        backed = Image.new("RGB", picture.size, job.background)
        # What hides under transparency never reaches a trainer that ignores it.
        backed.paste(colour, mask=alpha)
        colour = backed
    colour, alpha = _scaled(colour, alpha, job)
    solid = np.ones((colour.height, colour.width), bool) if alpha is None else np.asarray(alpha) >= _SOLID
    if alpha is not None and job.alpha:
        colour.putalpha(alpha)
    _save(colour, Path(job.target), job.quality)
    if alpha is not None and job.mask_target is not None:
        _save(alpha, Path(job.mask_target), job.quality)
    return Rendered(
        width=colour.width,
        height=colour.height,
        matte=alpha is not None,
        area=int(solid.sum()),
        box=_box(solid),
        lengths=run_lengths(solid) if job.lengths else (),
    )


def _scaled(
    colour: Image.Image, alpha: Image.Image | None, job: Job
) -> tuple[Image.Image, Image.Image | None]:
    if job.size is None:
        return colour, alpha
    width, height = colour.size
    scale = min(1.0, job.size / math.sqrt(width * height))
    if job.square:
        scale = job.size / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size != colour.size:
        colour = colour.resize(size, Image.Resampling.LANCZOS)
        alpha = None if alpha is None else alpha.resize(size, Image.Resampling.LANCZOS)
    if not job.square:
        return colour, alpha
    at = ((job.size - size[0]) // 2, (job.size - size[1]) // 2)
    field = Image.new("RGB", (job.size, job.size), job.background)
    field.paste(colour, at)
    if alpha is not None:
        inside, alpha = alpha, Image.new("L", field.size, 0)
        alpha.paste(inside, at)
    return field, alpha


def _box(solid: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    left, top = int(columns[0]), int(rows[0])
    return (left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)


def _save(picture: Image.Image, target: Path, quality: int) -> None:
    if target.suffix == ".jpg":
        picture.save(target, "JPEG", quality=quality, subsampling=0)
    else:
        picture.save(target, "PNG")
