"""A folder of drawn people in too many clusters, with noise and vectors: what the queue has to put right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from shoal.review.table import pack_names

PEOPLE = ("ann", "bob", "cid", "dot")
COATS = ("#c0504d", "#4f81bd", "#9bbb59", "#8064a2")
HAIR = ("#5b3a1e", "#d9a441", "#202020", "#c96f3b")
EACH = 14


def draw(person: int, number: int) -> Image.Image:
    """One picture of somebody, in one of many poses."""
    rng = np.random.default_rng([person, number])
    picture = Image.new("RGB", (160, 160), tuple(int(v) for v in rng.integers(190, 245, 3)))
    pen = ImageDraw.Draw(picture)
    x, y = 80 + int(rng.integers(-18, 18)), 66 + int(rng.integers(-10, 10))
    wide = 26 + 4 * person
    pen.rounded_rectangle((x - 46, y + 34, x + 46, 170), 18, fill=COATS[person])
    pen.ellipse((x - wide, y - 36, x + wide, y + 36), fill="#e8b98f")
    pen.pieslice((x - wide - 3, y - 44, x + wide + 3, y + 22), 180, 360, fill=HAIR[person])
    look = int(rng.integers(-6, 6))
    for side in (-11, 11):
        pen.ellipse((x + side - 4 + look, y - 4, x + side + 4 + look, y + 4), fill="#222222")
    pen.arc((x - 12, y + 6, x + 12, y + 24), 20, 160, fill="#7a2f2f", width=3)
    return picture


def who(item: str) -> int:
    """Whom a picture shows, by its name."""
    return PEOPLE.index(item.rpartition("/")[2].partition("_")[0])


def build(root: Path) -> Path:
    """Each person in two clusters and partly in noise, one picture astray; returns the folder."""
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(len(PEOPLE), 24))
    paths: list[str] = []
    vectors: list[np.ndarray] = []
    for person, name in enumerate(PEOPLE):
        for number in range(EACH):
            cluster = "noise" if number >= EACH - 2 else f"character_{2 * person + number % 2}"
            if (person, number) == (0, 1):
                cluster = "character_7"
            (root / cluster).mkdir(parents=True, exist_ok=True)
            draw(person, number).save(root / cluster / f"{name}_{number:02d}.png")
            paths.append(f"{cluster}/{name}_{number:02d}.png")
            vectors.append(centres[person] + 0.4 * rng.normal(size=24))
    table = np.array(vectors, np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    blob, offsets = pack_names(paths)
    (root / ".shoal").mkdir()
    np.savez(
        root / ".shoal" / "vectors.npz",
        paths_blob=blob,
        paths_offsets=offsets,
        vectors=table.astype(np.float16),
        xy=(table @ rng.normal(size=(24, 2))).astype(np.float32),
    )
    return root


def notebook(path: Path, folder: Path, *, mode: str = "review", browser: bool = False) -> Path:
    """A notebook that opens the queue, or the browser, on the folder."""
    shown = (
        "shoal.browse(review, height=680)" if browser else f"shoal.queue(review, mode={mode!r}, height=600)"
    )
    cells = [
        "import shoal\n" + f"review = shoal.open_review({str(folder)!r})",
        shown,
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    listed = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": cell,
        }
        for i, cell in enumerate(cells)
    ]
    path.write_text(json.dumps({"cells": listed, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path
