"""What is drawn of a title: sizes and pictures always, a timeline and stills for a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from shoal.data.tables import Clusters, Items, Projection, Shots
from shoal.night.figures import _thinned, draw_figures

LABELS = np.array([0, 0, 0, 1, -1, -1], np.int32)


def items(root: Path, **columns: object) -> Items:
    for number in range(6):
        Image.new("RGB", (40, 30), (40 * number, 90, 90)).save(root / f"{number}.png")
    return Items(root, [f"{number}.png" for number in range(6)], columns)  # type: ignore[arg-type]


def test_a_pile_has_no_timeline(tmp_path: Path) -> None:
    clusters = Clusters(LABELS, np.ones(6, np.float32), "kmeans")
    told = draw_figures(tmp_path / "f", items(tmp_path), clusters, prefix="group")
    assert told == {"clusters": 3, "stretches": 0}
    assert sorted(p.name for p in (tmp_path / "f").iterdir()) == ["clusters.jpg", "sizes.svg"]
    text = (tmp_path / "f" / "sizes.svg").read_text()
    places = [text.index(f">{name}: ") for name in ("group_0", "group_1", "noise")]
    assert places == sorted(places), "the largest first, noise last though it is larger than one"


def test_a_film_has_all_five_and_the_same_bytes_again(tmp_path: Path) -> None:
    table = items(tmp_path, time_s=np.arange(6.0), shot=np.array([0, 0, 0, 1, 1, 1]))
    shots = Shots(table, np.array([0, 72]), np.array([71, 143]), 24.0)
    clusters = Clusters(LABELS, np.ones(6, np.float32), "kmeans")
    points = Projection(np.arange(12, dtype=np.float32).reshape(6, 2), "pca")
    made = []
    for name in ("a", "b"):
        told = draw_figures(tmp_path / name, table, clusters, shots=shots, points=points)
        assert told == {"clusters": 3, "stretches": 2}
        made.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert made[0] == made[1]
    assert sorted(made[0]) == ["clusters.jpg", "map.png", "shots.jpg", "sizes.svg", "timeline.svg"]


def test_the_stills_of_a_long_film_are_thinned_out(tmp_path: Path) -> None:
    n = 400
    frames = Items(tmp_path, [f"{i}.png" for i in range(n)], {"shot": np.arange(n) // 2})
    thinned = _thinned(Shots(frames, np.arange(200) * 10, np.arange(200) * 10 + 9, 24.0))
    assert len(thinned.frames) == 200 and set(thinned.frames.columns["shot"].tolist()) == set(
        range(0, 200, 2)
    )
