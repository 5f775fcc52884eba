"""The layouts by name."""

from __future__ import annotations

from shoal.errors import BadInputError
from shoal.export.layouts.ai_toolkit import AiToolkit
from shoal.export.layouts.base import Base, Layout
from shoal.export.layouts.coco import Coco
from shoal.export.layouts.fiftyone import FiftyOne
from shoal.export.layouts.imagefolder import ImageFolder
from shoal.export.layouts.kohya import Kohya
from shoal.export.layouts.musubi import Musubi
from shoal.export.layouts.onetrainer import OneTrainer

__all__ = ["LAYOUTS", "layout_named"]

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Base(),
        Kohya(),
        Musubi(),
        AiToolkit(),
        OneTrainer(),
        ImageFolder(),
        FiftyOne(),
        Coco(),
    )
}
"""Name → layout. ``"diffusers"`` and ``"huggingface"`` also mean ``"imagefolder"``."""

_ALSO = {"diffusers": "imagefolder", "huggingface": "imagefolder", "musubi-tuner": "musubi"}


def layout_named(name: str) -> Layout:
    """The layout of a name.

    Raises
    ------
    BadInputError
        When there is none; the hint lists them.
    """
    try:
        return LAYOUTS[_ALSO.get(name, name)]
    except KeyError:
        raise BadInputError(
            f"layout={name!r} is unknown", hint=f"Known: {', '.join([*LAYOUTS, *_ALSO])}."
        ) from None
