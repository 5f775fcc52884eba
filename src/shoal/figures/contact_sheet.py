"""All stills of a film on one page: a row for each shot."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from shoal.data.pictures import read_picture
from shoal.data.tables import Shots
from shoal.errors import BadInputError, MissingError

__all__ = ["contact_sheet"]

_GAP, _LABEL = 6, 92
_PAPER, _INK, _FAINT = (250, 250, 248), (30, 30, 34), (120, 120, 128)
_MOST_PIXELS = 120_000_000


def contact_sheet(
    shots: Shots, *, shot: int | None = None, columns: int = 6, height: int = 90
) -> Image.Image:
    """Draw the stills of every shot, or of one, with shot numbers and times.

    Parameters
    ----------
    shots : Shots
        From `shoal.extract_frames` or `shoal.sample_shots`.
    shot : int, optional
        One shot only, from 0.
    columns : int
        Most stills in a row; a shot with more takes several.
    height : int
        Pixels of a still.

    Returns
    -------
    PIL.Image.Image
        RGB. Shots without a still are left out.

    Raises
    ------
    BadInputError
        An argument is out of range, or the sheet would be too large.
    """
    if columns < 1 or height < 8:
        raise BadInputError(
            f"columns={columns}, height={height} is out of range",
            hint="Pass 1 or more, and 8 or more pixels.",
        )
    if shot is not None and not 0 <= shot < len(shots):
        raise BadInputError(f"shot={shot} is outside 0..{len(shots) - 1}", hint="Shots count from 0.")
    frames = shots.frames
    rows_of: dict[int, list[int]] = {}
    for row, number in enumerate(frames.columns["shot"].tolist()):
        if shot is None or number == shot:
            rows_of.setdefault(number, []).append(row)
    lines = [
        (number, rows[at : at + columns], at == 0)
        for number, rows in sorted(rows_of.items())
        for at in range(0, len(rows), columns)
    ]
    ratio = _ratio(frames.file(lines[0][1][0])) if lines else 16 / 9
    width = max(1, round(height * ratio))
    size = (_LABEL + columns * (width + _GAP) + _GAP, len(lines) * (height + _GAP) + _GAP)
    if size[0] * size[1] > _MOST_PIXELS:
        raise BadInputError(
            f"The sheet would have {size[0]} × {size[1]} pixels", hint="Pass shot=, or a smaller height=."
        )
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=12)
    for line, (number, rows, begins) in enumerate(lines):
        top = _GAP + line * (height + _GAP)
        if begins:
            pen.text((_GAP, top), f"shot {number}", fill=_INK, font=font)
            pen.text(
                (_GAP, top + 16), _clock(float(shots.first_frame[number]) / shots.fps), fill=_FAINT, font=font
            )
            length = int(shots.last_frame[number] - shots.first_frame[number] + 1)
            pen.text((_GAP, top + 32), f"{length / shots.fps:.1f} s", fill=_FAINT, font=font)
        for column, row in enumerate(rows):
            left = _LABEL + column * (width + _GAP)
            still = _still(frames.file(row), (width, height))
            if still is None:
                pen.rectangle((left, top, left + width - 1, top + height - 1), outline=_FAINT)
                pen.text((left + 4, top + 4), "unreadable", fill=_FAINT, font=font)
            else:
                sheet.paste(still, (left + (width - still.width) // 2, top + (height - still.height) // 2))
    return sheet


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:d}:{seconds % 60:04.1f}"


def _ratio(path: Path) -> float:
    try:
        with Image.open(path) as picture:
            return picture.width / picture.height
    except (OSError, ValueError):
        return 16 / 9


def _still(path: Path, size: tuple[int, int]) -> Image.Image | None:
    try:
        picture = read_picture(path, max_side=max(size)).convert("RGB")
    except (BadInputError, MissingError):
        return None
    picture.thumbnail(size, Image.Resampling.BICUBIC)
    return picture
