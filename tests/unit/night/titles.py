"""Sources for runs that need no model: a pile of pictures in three groups, a small film, a broken one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.unit.steps.fixtures import make_film

FAST: dict[str, Any] = {
    "extract_frames": {"mode": "interval", "interval_s": 0.25},
    "segment": False,
    "embed": {"model": "colour"},
    "cluster": {"method": "kmeans", "n_clusters": 3},
    "project": False,
    "export_dataset": {"layout": "kohya", "size": 64, "validation": 0.2},
}
"""Overrides under which every stage takes a fraction of a second."""


def make_pile(folder: Path, n: int = 18) -> Path:
    """``n`` pictures of three colours."""
    folder.mkdir(parents=True)
    for i in range(n):
        colour = np.array([(200, 40, 40), (40, 180, 60), (50, 70, 210)][i % 3])
        noise = np.random.default_rng(i).integers(-30, 30, (40, 40, 3))
        Image.fromarray((colour + noise).clip(0, 255).astype(np.uint8)).save(folder / f"p{i:02d}.png")
    return folder


def make_clip(folder: Path, name: str = "clip.mp4") -> Path:
    """A film of three shots."""
    folder.mkdir(parents=True, exist_ok=True)
    return make_film(folder / name, (24, 24, 24))


def make_broken(folder: Path, name: str = "broken.mp4") -> Path:
    """A film that ends after its first bytes."""
    whole = make_clip(folder, f"whole-{name}")
    (folder / name).write_bytes(whole.read_bytes()[:700])
    whole.unlink()
    return folder / name


def hashes(folder: Path) -> dict[str, str]:
    """Relative path → hash of every file that does not say when it was made."""
    timed = {"run.json", "log.txt", "stages.json", "metrics.csv", "report.md", "report.html"}
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in timed and not p.name.startswith(".shoal_step.json")
    }
