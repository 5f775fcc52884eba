"""What several step tests need: the bundled clip, small films, pictures and embeddings made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import shoal
from shoal.data.tables import Embeddings, Items

CLIP = Path(shoal.__file__).parent / "demo_data" / "bbb_demo.mp4"

# First frames of the clip's shots after the first, checked by eye.
CLIP_CUTS = (
    35, 59, 129, 172, 209, 367, 406, 472, 603, 684, 752, 812, 837, 866, 936, 1040, 1082, 1119, 1153, 1219,
    1271, 1432, 1447, 1511, 1570,
)  # fmt: skip


def make_film(path: Path, lengths: tuple[int, ...] = (30, 20, 40), *, fps: int = 24, side: int = 64) -> Path:
    """Write a film of plain shots, each of another colour, with a square that moves."""
    import av

    colours = np.random.default_rng(5).permutation(
        [(220, 40, 40), (40, 200, 60), (50, 60, 220), (230, 220, 60), (40, 210, 210), (210, 60, 200)]
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = side * 2, side, "yuv420p"
        number = 0
        for shot, length in enumerate(lengths):
            for _ in range(length):
                picture = Image.new(
                    "RGB", (side * 2, side), tuple(int(c) for c in colours[shot % len(colours)])
                )
                x = number % (side * 2 - 12)
                ImageDraw.Draw(picture).rectangle((x, 20, x + 10, 30), fill=(255, 255, 255))
                for packet in stream.encode(av.VideoFrame.from_image(picture)):
                    container.mux(packet)
                number += 1
        for packet in stream.encode():
            container.mux(packet)
    return path


def save_pictures(folder: Path, pictures: dict[str, Image.Image]) -> Items:
    """Save pictures and list them as items, in the given order."""
    for name, picture in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(folder / name)
    return Items(root=folder, paths=list(pictures))


def noise_picture(seed: int, side: int = 48) -> Image.Image:
    """A smooth random picture; another seed gives another one."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def blobs(
    sizes: tuple[int, ...] = (30, 20, 25), dims: int = 32, seed: int = 0, spread: float = 0.12
) -> Embeddings:
    """Embeddings around as many random directions as there are sizes, in the order of the groups."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), dims))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    groups = [c + spread * random.normal(size=(n, dims)) for c, n in zip(centres, sizes, strict=True)]
    rows = np.concatenate(groups)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    items = Items(root=Path("x"), paths=[f"{i}.png" for i in range(len(rows))])
    return Embeddings(items=items, vectors=rows.astype(np.float32), model="made-up")
