"""From one frame to its cut-outs: what is kept, what is rejected and why, what is left as background."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from shoal.backends.lama import load as load_lama
from shoal.backends.registry import load_matte
from shoal.data.pictures import read_picture
from shoal.errors import BadInputError
from shoal.steps.film import film_library
from shoal.steps.instances import Region, find_regions
from shoal.steps.mattes import follow_edges, tiled_matte
from shoal.steps.measures import sharpness
from shoal.steps.splitting import load_instances, split_region
from shoal.steps.tracks import look_of

__all__ = ["CutOut", "FrameCut", "Rules", "cut_frame"]

# A region smaller than this share of min_size is a speck of the matte, not a rejected subject worth listing.
_SPECK = 0.25
_SOLID = 0.5
_INPAINT_SIDE = 480
_LAMA_ROOM = 0.012
_OVERLAY_SIDE = 960


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters that decide which regions become items; picklable. See `shoal.segment`."""

    model: str
    alpha_threshold: float
    blur_threshold: float
    min_size: int
    min_confidence: float
    margin: float
    tiles: bool = True
    background: str = "none"
    instances: str = "none"
    overlays: bool = False


@dataclass(frozen=True, slots=True)
class CutOut:
    """One region of a frame, encoded as PNG, with the reason when it is rejected.

    Parameters
    ----------
    box : (int, int, int, int)
        Left, top, right, bottom in pixels of the frame; right and bottom exclusive.
    area : int
        Pixels of the frame.
    confidence : float
        Mean matte, 0..1.
    sharpness : float
        Variance of the Laplacian inside the subject.
    edges : str
        Edges of the frame that it touches, of the letters ``ltrb``.
    reason : str
        Why it is rejected; empty when it is kept.
    look : list of float
        From `shoal.steps.tracks.look_of`.
    """

    box: tuple[int, int, int, int]
    area: int
    confidence: float
    sharpness: float
    edges: str
    reason: str
    look: list[float]
    crop: bytes = b""

    def facts(self) -> dict[str, Any]:
        """Everything but the picture."""
        return {key: value for key, value in asdict(self).items() if key != "crop"}


@dataclass(frozen=True, slots=True)
class FrameCut:
    """What one frame gave; ``error`` when it could not be read."""

    width: int = 0
    height: int = 0
    cut_outs: list[CutOut] = field(default_factory=list)
    mask: bytes = b""
    background: bytes = b""
    overlay: bytes = b""
    error: str = ""


def _encoded(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    if kind == "PNG":
        picture.save(target, "PNG", compress_level=3)
    else:
        picture.save(target, "JPEG", quality=90)
    return target.getvalue()


def _reject(region: Region, sharp: float, rules: Rules) -> str:
    """Why a region is no item, in words, or nothing."""
    side = max(region.box[2] - region.box[0], region.box[3] - region.box[1])
    if side < rules.min_size:
        return f"small: {side} px, less than {rules.min_size}"
    if region.confidence < rules.min_confidence:
        return f"unsure: mean matte {region.confidence:.2f}, less than {rules.min_confidence:g}"
    if sharp < rules.blur_threshold:
        return f"blurred: sharpness {sharp:.1f}, less than {rules.blur_threshold:g}"
    return ""


def opacity(region: Region) -> npt.NDArray[np.float32]:
    """How solid each pixel of a region is, 0..1.

    A matte that is 0.7 sure of a whole subject would make it see-through: its own solid part becomes solid.
    """
    solid = max(_SOLID, float(np.quantile(region.alpha[region.alpha > 0], 0.75)))
    # what is all but solid is solid, what is all but nothing is nothing
    return np.clip((region.alpha / solid - 0.03) / 0.92, 0.0, 1.0).astype(np.float32)


def clean_colours(pixels: npt.NDArray[np.uint8], alpha: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Take the background's colour out of the soft edge: such pixels get that of the nearest solid one.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        The crop.
    alpha : ndarray of float32, shape (height, width)
        0..1; pixels from 0.9 on are solid and keep their colour.
    """
    from scipy import ndimage

    soft = (alpha > 0.02) & (alpha < 0.9)
    solid = alpha >= 0.9
    if not soft.any() or not solid.any():
        return pixels
    transformed: Any = ndimage.distance_transform_edt(~solid, return_indices=True)
    distance, nearest = transformed
    near = soft & (distance <= 4)  # further off it is hair or fur of its own colour
    cleaned = pixels.copy()
    cleaned[near] = pixels[nearest[0][near], nearest[1][near]]
    return cleaned


def _crop(picture: Image.Image, region: Region, alpha: npt.NDArray[np.float32]) -> Image.Image:
    pixels = clean_colours(np.asarray(picture.crop(region.box)), alpha)
    crop = Image.fromarray(pixels)
    crop.putalpha(Image.fromarray(np.rint(alpha * 255.0).astype(np.uint8)))
    return crop


def _edges(box: tuple[int, int, int, int], alpha: npt.NDArray[np.float32], size: tuple[int, int]) -> str:
    solid = alpha > _SOLID
    touching = {
        "l": box[0] == 0 and solid[:, 0].any(),
        "t": box[1] == 0 and solid[0].any(),
        "r": box[2] == size[0] and solid[:, -1].any(),
        "b": box[3] == size[1] and solid[-1].any(),
    }
    return "".join(letter for letter, touches in touching.items() if touches)


def _labels(size: tuple[int, int], regions: list[Region]) -> npt.NDArray[np.uint8]:
    """Number of the region each pixel belongs to, from 1; 0 is background."""
    labels = np.zeros((size[1], size[0]), dtype=np.uint8)
    for number, region in enumerate(regions[:255], start=1):
        left, top, right, bottom = region.box
        labels[top:bottom, left:right][opacity(region) >= _SOLID] = number
    return labels


def _palette() -> npt.NDArray[np.uint8]:
    hues = np.random.default_rng(7).integers(60, 256, (256, 3))
    hues[0] = 0
    return hues.astype(np.uint8)


def _mask(labels: npt.NDArray[np.uint8]) -> bytes:
    mask = Image.fromarray(labels, mode="P")
    mask.putpalette(_palette().tobytes())
    return _encoded(mask, "PNG")


def fill_background(picture: Image.Image, covered: npt.NDArray[np.bool_], how: str = "telea") -> Image.Image:
    """Paint over what is covered from what is around it, by Telea (2004) or by LaMa.

    Telea is solved on a frame of at most 480 pixels, since what it fills is smooth anyway; the rest keeps its
    pixels.
    """
    cv: Any = film_library("cv2")
    if how == "lama":
        room = max(5, round(_LAMA_ROOM * max(picture.size)))  # the soft edge of the subject goes too
        return load_lama().fill(picture, cv.dilate(covered.astype(np.uint8), np.ones((room, room))) > 0)
    scale = min(1.0, _INPAINT_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    hole = np.asarray(Image.fromarray(covered).convert("L").resize(size, Image.Resampling.BILINEAR)) > 0
    hole = cv.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8))
    small = np.ascontiguousarray(np.asarray(picture.resize(size, Image.Resampling.BOX)))
    filled = Image.fromarray(cv.inpaint(small, hole, 4, cv.INPAINT_TELEA))
    whole = filled.resize(picture.size, Image.Resampling.BICUBIC)
    return Image.composite(whole, picture, Image.fromarray(hole * 255).resize(picture.size))


def _overlay(picture: Image.Image, cut_outs: list[CutOut], labels: npt.NDArray[np.uint8]) -> Image.Image:
    """The frame with each instance in its colour, boxes of kept ones solid, of rejected ones thin and red."""
    pixels = np.asarray(picture, dtype=np.float32)
    tint = _palette()[labels].astype(np.float32)
    mixed = np.where(labels[..., None] > 0, 0.55 * pixels + 0.45 * tint, pixels).astype(np.uint8)
    drawn = Image.fromarray(mixed)
    scale = min(1.0, _OVERLAY_SIDE / max(drawn.size))
    drawn = drawn.resize((max(1, round(drawn.width * scale)), max(1, round(drawn.height * scale))))
    pen = ImageDraw.Draw(drawn)
    number = 0
    for cut in cut_outs:
        box = [round(v * scale) for v in cut.box]
        box[2], box[3] = max(box[2] - 1, box[0]), max(box[3] - 1, box[1])
        if cut.reason:
            pen.rectangle(box, outline=(255, 60, 60), width=1)
            pen.text((box[0] + 3, box[1] + 2), cut.reason, fill=(255, 60, 60))
        else:
            pen.rectangle(box, outline=(255, 255, 255), width=2)
            pen.text((box[0] + 4, box[1] + 3), f"{number}  {cut.confidence:.2f}", fill=(255, 255, 255))
            number += 1
    return drawn


def cut_frame(task: tuple[Path, Rules]) -> FrameCut:
    """Cut one frame; runs in any executor and hands back bytes, so that one place writes files."""
    path, rules = task
    try:
        picture = read_picture(path).convert("RGB")
    except BadInputError as error:
        return FrameCut(error=error.message)
    model = load_matte(rules.model)
    matte = tiled_matte(model, picture) if rules.tiles else model.alpha(picture)
    regions = find_regions(
        follow_edges(matte, picture),
        alpha_threshold=rules.alpha_threshold,
        margin=rules.margin,
        min_side=max(1, round(rules.min_size * _SPECK)),
    )
    if rules.instances != "none":
        apart = load_instances(rules.instances)
        regions = [part for region in regions for part in split_region(region, picture, apart)]
    kept: list[Region] = []
    cut_outs: list[CutOut] = []
    for region in regions:
        alpha = opacity(region)
        crop = _crop(picture, region, alpha)
        sharp = sharpness(crop, alpha > _SOLID)
        reason = _reject(region, sharp, rules)
        edges = _edges(region.box, alpha, picture.size)
        look = look_of(crop)
        cut_outs.append(
            CutOut(
                region.box, region.area, region.confidence, sharp, edges, reason, look, _encoded(crop, "PNG")
            )
        )
        if not reason:
            kept.append(region)
    labels = _labels(picture.size, kept)
    background = overlay = b""
    if rules.background != "none":
        background = _encoded(fill_background(picture, labels > 0, rules.background), "JPEG")
    if rules.overlays:
        overlay = _encoded(_overlay(picture, cut_outs, labels), "JPEG")
    return FrameCut(*picture.size, cut_outs, _mask(labels) if kept else b"", background, overlay)
