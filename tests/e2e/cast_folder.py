"""600 drawn crops of twelve characters, clustered with known mistakes, and the truth about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from shoal.review.table import pack_names

CAST = (
    "ayumi",
    "beret",
    "bunny",
    "dora",
    "fritz",
    "gargoyle",
    "hazel",
    "igor",
    "liz",
    "mole",
    "nanny",
    "tony",
)
EACH = 50
DIMS = 32
HUES = ("#c0504d", "#4f81bd", "#9bbb59", "#8064a2", "#4bacc6", "#f79646")
GROUNDS = ("#26304a", "#e9d8a6", "#94a7ae", "#3a5a40")
# Characters that two clusters share, characters that share one cluster, and how many items are elsewhere.
SPLIT = ("bunny", "igor", "tony")
MIXED = (("dora", "fritz"), ("mole", "nanny"))
STRAYS = 24
IN_NOISE = 30


@dataclass(frozen=True)
class Cast:
    """A clustered folder, and where each file belongs."""

    root: Path
    truth: dict[str, str]
    """File name → character."""
    clusters: dict[str, list[str]]
    """Cluster → file names, as they are at the beginning."""


def _picture(character: int, pose: np.random.Generator) -> Image.Image:
    """A head with ears, a hat or horns; hue, shape and hat together tell who it is."""
    picture = Image.new("RGB", (96, 96), GROUNDS[int(pose.integers(len(GROUNDS)))])
    draw = ImageDraw.Draw(picture)
    dx, dy, size = pose.uniform(-8, 8), pose.uniform(-6, 6), pose.uniform(0.85, 1.1)

    def at(*xy: float) -> list[float]:
        return [48 + (v - 48) * size + (dx if i % 2 == 0 else dy) for i, v in enumerate(xy)]

    hue = HUES[character % len(HUES)]
    if character < len(HUES):
        draw.ellipse(at(28, 6, 40, 40), fill=hue)
        draw.ellipse(at(56, 6, 68, 40), fill=hue)
        draw.ellipse(at(24, 26, 72, 74), fill=hue)
    else:
        draw.polygon(at(24, 34, 48, 4, 72, 34), fill="#222831")
        draw.rectangle(at(26, 32, 70, 74), fill=hue)
    draw.rectangle(at(34, 72, 62, 96), fill=hue)
    for x in (38, 58):
        draw.ellipse(at(x - 6, 44, x + 6, 56), fill="white")
        draw.ellipse(at(x - 2, 47, x + 4, 53), fill="black")
    draw.arc(at(38, 54, 58, 68), 20, 160, fill="black", width=2)
    return picture


def _placed(rng: np.random.Generator) -> dict[str, list[str]]:
    """Cluster → file names, mistakes included."""
    files = {who: [f"{who}_{i:03d}.png" for i in range(EACH)] for who in CAST}
    clusters: dict[str, list[str]] = {}
    joined = {who for pair in MIXED for who in pair}
    for who in CAST:
        if who in SPLIT:
            clusters[who], clusters[f"{who}_side"] = files[who][:30], files[who][30:]
        elif who not in joined:
            clusters[who] = list(files[who])
    for a, b in MIXED:
        clusters[a] = [*files[a], *files[b]]
    names = list(clusters)
    for k in range(STRAYS + IN_NOISE):
        source = names[k % len(names)]
        gone = clusters[source].pop(int(rng.integers(len(clusters[source]))))
        target = "noise" if k >= STRAYS else names[(k * 5 + 3) % len(names)]
        if target == source:
            target = names[(names.index(source) + 1) % len(names)]
        clusters.setdefault(target, []).append(gone)
    return clusters


def build(root: Path) -> Cast:
    """Draw the pictures, put them into their folders, and give them vectors and a map."""
    rng = np.random.default_rng(11)
    centres = rng.normal(size=(len(CAST), DIMS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    angle = np.arange(len(CAST)) * 2 * np.pi / len(CAST)
    clusters = _placed(rng)
    truth = {f"{who}_{i:03d}.png": who for who in CAST for i in range(EACH)}
    paths: list[str] = []
    vectors: list[np.ndarray] = []
    places: list[np.ndarray] = []
    for cluster, names in sorted(clusters.items()):
        (root / cluster).mkdir(parents=True)
        for name in sorted(names):
            who = CAST.index(truth[name])
            pose = np.random.default_rng([who, int(name[-7:-4])])
            _picture(who, pose).save(root / cluster / name)
            paths.append(f"{cluster}/{name}")
            vectors.append(centres[who] + pose.normal(0, 0.07, DIMS))
            places.append(np.array([np.cos(angle[who]), np.sin(angle[who])]) * 8 + pose.normal(0, 0.5, 2))
    blob, offsets = pack_names(paths)
    times = np.array([list(truth).index(path.split("/")[1]) for path in paths], np.float64) * 0.5
    (root / ".shoal").mkdir()
    np.savez(
        root / ".shoal" / "vectors.npz",
        paths_blob=blob,
        paths_offsets=offsets,
        xy=np.array(places, np.float32),
        vectors=np.array(vectors, np.float16),
        probability=np.full(len(paths), 0.9, np.float32),
        time_s=times,
        shot=(times // 5).astype(np.int32),
    )
    report = {"type": "cluster_report", "version": 1, "clusters": [{"name": c} for c in clusters]}
    (root / "cluster_report.json").write_text(json.dumps(report))
    return Cast(root, truth, clusters)
