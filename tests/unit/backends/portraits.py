"""Portraits of people for tests that need real faces; they are not part of the project."""

from __future__ import annotations

import pytest
from PIL import Image

from shoal.data.tables import Items
from tests.benchmarks.vector_sets import data_folder, orl_items


def portraits(people: int = 3, each: int = 3) -> tuple[Items, list[int]]:
    """Some portraits of some people, and who they are; skips the test where the set is not."""
    data = data_folder()
    if data is None or not (data / "orl").is_dir():
        pytest.skip("the ORL faces are not beside the project (SHOAL_SHARED_DATA)")
    items, people_of = orl_items(data)
    rows = [row for who in range(people) for row in (people_of == who).nonzero()[0][:each].tolist()]
    return items.take(rows), [int(people_of[row]) for row in rows]


def portrait() -> Image.Image:
    """One portrait with room around it."""
    items, _ = portraits(1, 1)
    canvas = Image.new("RGB", (400, 400), (127, 127, 127))
    canvas.paste(Image.open(items.file(0)).convert("RGB").resize((184, 224)), (100, 80))
    return canvas
