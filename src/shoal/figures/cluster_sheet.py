"""Who is in each cluster, on one page: a row for each, with pictures from all over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shoal.data.pictures import read_picture
from shoal.data.tables import Clusters, Items
from shoal.errors import BadInputError, MissingError

__all__ = ["cluster_names", "cluster_sheet"]

_GAP, _LABEL = 6, 150
_PAPER, _GROUND, _INK, _FAINT = (250, 250, 248), (232, 232, 228), (30, 30, 34), (120, 120, 128)
_NOISE = "noise"
Colour = tuple[int, int, int]


def cluster_names(
    identities: Clusters | Sequence[str], n_items: int, *, prefix: str = "character"
) -> list[str]:
    """Name the cluster of every item: ``<prefix>_<number>`` and ``noise`` for machine clusters.

    Parameters
    ----------
    identities : Clusters or sequence of str
        Whose each item is; names are passed on as they are.
    n_items : int
        How many items there are.
    prefix : str
        As of `shoal.write_clusters`.

    Raises
    ------
    BadInputError
        The lengths differ.
    """
    if len(identities) != n_items:
        raise BadInputError(
            f"{n_items} items, but {len(identities)} identities",
            hint="Pass the clusters of these items, or one name for each.",
        )
    if isinstance(identities, Clusters):
        return [f"{prefix}_{label}" if label >= 0 else _NOISE for label in map(int, identities.labels)]
    return list(identities)


def cluster_sheet(
    items: Items,
    identities: Clusters | Sequence[str],
    *,
    per_cluster: int = 10,
    height: int = 84,
    most: int = 40,
    prefix: str = "character",
    colours: Mapping[str, Colour] | None = None,
) -> Image.Image:
    """Draw pictures of every cluster, the largest first and noise last.

    Parameters
    ----------
    items : Items
        The pictures.
    identities : Clusters or sequence of str
        Whose each is: machine clusters, or one name for each item.
    per_cluster : int
        Pictures of each cluster, taken evenly from its first item to its last.
    height : int
        Pixels of a row, 16 or more.
    most : int
        Rows at most; how many clusters are left out is said below them.
    prefix : str
        Names of machine clusters are ``<prefix>_<number>``.
    colours : mapping of str to tuple of int, optional
        Name → RGB of the mark before it, as on the map.

    Returns
    -------
    PIL.Image.Image
        RGB. Pictures that cannot be read are empty frames.

    Raises
    ------
    BadInputError
        The lengths differ, or an argument is out of range.
    """
    if per_cluster < 1 or height < 16 or most < 1:
        raise BadInputError(
            f"per_cluster={per_cluster}, height={height}, most={most} is out of range",
            hint="Pass 1 or more, 16 or more pixels, and 1 or more rows.",
        )
    members: dict[str, list[int]] = {}
    for row, name in enumerate(cluster_names(identities, len(items), prefix=prefix)):
        members.setdefault(name, []).append(row)
    order = sorted(members, key=lambda name: (name == _NOISE, -len(members[name]), name))
    shown, left = order[:most], order[most:]
    cell = round(height * 1.2)
    width = _GAP + _LABEL + per_cluster * (cell + _GAP)
    sheet = Image.new("RGB", (width, len(shown) * (height + _GAP) + _GAP + (24 if left else 0)), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for line, name in enumerate(shown):
        top = _GAP + line * (height + _GAP)
        _label(pen, name, len(members[name]), top, height, (colours or {}).get(name, _FAINT))
        for column, row in enumerate(_spread(members[name], per_cluster)):
            left_edge = _GAP + _LABEL + column * (cell + _GAP)
            _put(sheet, items.file(row), (left_edge, top, cell, height))
    if left:
        pictures = sum(len(members[name]) for name in left)
        text = f"and {len(left)} smaller clusters with {pictures:,} pictures"
        pen.text((_GAP, sheet.height - 20), text, fill=_FAINT, font=ImageFont.load_default(size=12))
    return sheet


def _spread(rows: list[int], n: int) -> list[int]:
    """``n`` of the rows at equal distances, both ends among them."""
    if len(rows) <= n:
        return rows
    return [rows[at] for at in np.linspace(0, len(rows) - 1, n).round().astype(int).tolist()]


def _label(pen: ImageDraw.ImageDraw, name: str, n: int, top: int, height: int, colour: Colour) -> None:
    pen.rounded_rectangle((_GAP, top, _GAP + 5, top + height - 1), 2, fill=colour)
    font = ImageFont.load_default(size=13)
    text = name
    while text and pen.textlength(text, font=font) > _LABEL - 24:
        text = text[:-2] + "…" if text.endswith("…") else text[:-1] + "…"
    pen.text((_GAP + 14, top + height // 2 - 16), text, fill=_INK, font=font)
    pen.text((_GAP + 14, top + height // 2 + 2), f"{n:,}", fill=_FAINT, font=ImageFont.load_default(size=12))


def _put(sheet: Image.Image, path: Path, box: tuple[int, int, int, int]) -> None:
    left, top, width, height = box
    try:
        picture = read_picture(path, max_side=2 * max(width, height), alpha="keep").convert("RGBA")
    except (BadInputError, MissingError):
        ImageDraw.Draw(sheet).rectangle((left, top, left + width - 1, top + height - 1), outline=_FAINT)
        return
    picture.thumbnail((width, height), Image.Resampling.BICUBIC)
    sheet.paste(_GROUND, (left, top, left + width, top + height))
    at = (left + (width - picture.width) // 2, top + (height - picture.height) // 2)
    sheet.paste(picture, at, picture)  # what hides under transparency is not shown
