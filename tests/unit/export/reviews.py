"""A small review with all that an export has to deal with: shots, twins, mattes, captions, odd names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from shoal.data.tables import Clusters, Items
from shoal.review.review import Review
from shoal.steps.write_clusters import write_clusters
from tests.unit.steps.fixtures import noise_picture

CLUSTERS = (18, 12, 6)
PER_SHOT = 3


def cut_out(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture whose subject is an ellipse; around it everything is transparent."""
    picture = noise_picture(seed, max(size)).resize(size)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).ellipse((size[0] // 4, 2, 3 * size[0] // 4, size[1] - 3), fill=255)
    picture.putalpha(mask)
    return picture


def make_review(root: Path) -> Review:
    """36 pictures in 3 clusters (12 shots), 2 of noise; half of them cut out, two alike in two shots."""
    (root / "pile").mkdir(parents=True)
    paths, labels, shots = [], [], []
    for label, n in enumerate(CLUSTERS):
        for i in range(n):
            number = len(paths)
            size = [(96, 64), (64, 96), (80, 80)][number % 3]
            picture = cut_out(number, size) if number % 2 else noise_picture(number, 96).resize(size)
            if number == 4:  # like number 0, two shots on
                picture = noise_picture(0, 96).resize((96, 64))
            name = f"f{number:02d}.png" if number != 3 else "Ünï <b>.png"
            picture.save(root / "pile" / name)
            paths.append(name)
            labels.append(label)
            shots.append(label * 100 + i // PER_SHOT)
    for number in (90, 91):
        noise_picture(number).save(root / "pile" / f"n{number}.png")
        paths.append(f"n{number}.png")
        labels.append(-1)
        shots.append(900)
    items = Items(
        root / "pile", paths, {"shot": np.array(shots, np.int32), "time_s": np.arange(len(paths)) / 2}
    )
    clusters = Clusters(np.array(labels, np.int32), np.ones(len(paths), np.float32), "kmeans")
    review = write_clusters(items, clusters, out=root / "clustered", progress=False)
    review.rename("character_0", "Bunny, the big")
    review.tag(["character_0/f00.png", "character_0/f01.png"], add=["view:front", "smiling"])
    review.tag_clusters(["character_1"], add=["red"])
    review.caption(["character_0/f01.png"], "a rabbit\nin the grass")
    (root / "clustered" / "character_1" / "f20.txt").write_text("a squirrel \n looks up")
    return review


def files(folder: Path) -> dict[str, bytes]:
    """Relative path → bytes of every file that is not the step's own record."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.name.startswith(".shoal_step")
    }
