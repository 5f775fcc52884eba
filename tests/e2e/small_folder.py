"""A small clustered folder with a map whose places are known: a test knows what a lasso must catch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from shoal.review.table import pack_names

# Cluster → middle of its clumps on the map, which spans −10 … 10 both ways.
CLUMPS: dict[str, list[tuple[float, float]]] = {
    "alpha": [(-8, 8), (-8, -8)],
    "beta": [(8, 8)],
    "gamma": [(8, -8)],
    "delta": [(2, 0)],
    "noise": [(-1, 1)],
}
PER_CLUMP = 8
COLOURS = {"alpha": "#c0504d", "beta": "#4f81bd", "gamma": "#9bbb59", "delta": "#8064a2", "noise": "#888888"}


def names(cluster: str, clump: int) -> list[str]:
    """File names of one clump."""
    return [f"{cluster}_{clump}_{i}.png" for i in range(PER_CLUMP)]


def build(root: Path) -> Path:
    """Make the folder with pictures, sidecars and the map; returns it."""
    paths, places = [], []
    rng = np.random.default_rng(7)
    for cluster, clumps in CLUMPS.items():
        (root / cluster).mkdir(parents=True)
        for clump, middle in enumerate(clumps):
            for name in names(cluster, clump):
                picture = Image.new("RGB", (96, 72), COLOURS[cluster])
                ImageDraw.Draw(picture).text((8, 8), Path(name).stem, fill="white")
                picture.save(root / cluster / name)
                paths.append(f"{cluster}/{name}")
                places.append(np.array(middle) + rng.uniform(-0.8, 0.8, 2))
    (root / "alpha" / "alpha_0_0.txt").write_text("a caption")
    (root / "alpha" / "alpha_1_0.txt").write_text("another caption")
    blob, offsets = pack_names(paths)
    (root / ".shoal").mkdir()
    xy = np.array(places, np.float32)
    # Vectors like the map: cohesion and similarity then mean something.
    vectors = np.concatenate([xy, np.ones((len(xy), 2), np.float32)], 1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.savez(
        root / ".shoal" / "vectors.npz",
        paths_blob=blob,
        paths_offsets=offsets,
        xy=xy,
        probability=np.full(len(xy), 0.9, np.float32),
        vectors=vectors.astype(np.float16),
    )
    report = {
        "type": "cluster_report",
        "version": 1,
        "clusters": [{"name": c} for c in CLUMPS if c != "noise"],
    }
    (root / "cluster_report.json").write_text(json.dumps(report))
    return root
