"""Characters cut out of labelled frames, and identities with and without what the film tells."""

from __future__ import annotations

import csv
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import shoal
from tests.benchmarks.film_data import shared

IDS = ("cast.", "identity.")
MATCH = 0.5  # least IoU of an instance that is found


def frames_of(folder: Path) -> shoal.Items:
    """The labelled frames as a film's stills: number, shot and time."""
    paths = sorted(p.relative_to(folder).as_posix() for p in (folder / "frames").iterdir())
    with (folder / "shots.csv").open() as file:
        lengths = [(int(row["shot"]), int(row["frames"])) for row in csv.DictReader(file)]
    shot = np.concatenate([np.full(n, number, dtype=np.int32) for number, n in lengths])
    number = np.arange(len(paths))
    return shoal.Items(folder, paths, {"frame": number, "shot": shot, "time_s": number / 24.0})


def truth_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Frame → its labelled instances."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "truth.csv").open() as file:
        for row in csv.DictReader(file):
            found[row["frame"]].append(row)
    return dict(found)


def score_masks(folder: Path, out: Path, items: shoal.Items) -> tuple[dict[str, float], dict[str, str]]:
    """Recall, mean IoU of what is found, share of frames with two that are both found; item → identity."""
    listed: dict[str, list[str]] = defaultdict(list)
    for path, source in zip(items.paths, items.columns["source"].tolist(), strict=True):
        listed[source].append(path)
    total = two = both = 0
    overlaps: list[float] = []
    identity: dict[str, str] = {}
    for frame, instances in truth_of(folder).items():
        real = np.asarray(Image.open(folder / "masks" / f"{Path(frame).stem}.png"))
        mask = out / "masks" / f"{Path(frame).stem}.png"
        made = np.asarray(Image.open(mask)) if mask.exists() else np.zeros_like(real)
        free = dict(enumerate(listed[frame], start=1))
        hits = 0
        for row in instances:
            mine = real == int(row["mask_value"])
            if not mine.any():
                continue
            total += 1
            fits = {k: ((made == k) & mine).sum() / ((made == k) | mine).sum() for k in free}
            best = max(fits, key=fits.__getitem__, default=None)
            if best is not None and fits[best] >= MATCH:
                identity[free.pop(best)] = row["identity"]
                overlaps.append(float(fits[best]))
                hits += 1
        if len(instances) >= 2:
            two, both = two + 1, both + (hits >= 2)
    scores = {"recall": len(overlaps) / total, "iou": float(np.mean(overlaps)), "two": both / two}
    return scores, identity


def rows(only: str = "") -> list[dict[str, Any]]:
    """Instances beside one squeezed look at the frame, identities beside those without constraints."""
    from sklearn.metrics import adjusted_rand_score

    folder = shared() / "cast_dev"
    frames = frames_of(folder)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        items = shoal.segment(frames, out=Path(place) / "cast", progress=False)
        seconds = time.perf_counter() - start
        scores, identity = score_masks(folder, Path(place) / "cast", items)
        plain = shoal.segment(frames, out=Path(place) / "plain", tiles=False, progress=False)
        squeezed, _ = score_masks(folder, Path(place) / "plain", plain)
        vectors = shoal.embed(items, model="efficientnet-lite2", progress=False, cache=False)
        known = shoal.film_constraints(items)
        clusters = shoal.cluster(vectors, progress=False)
        joined = {
            "with": shoal.join_identities(vectors, clusters, constraints=known, progress=False),
            "without": shoal.join_identities(vectors, clusters, progress=False),
            "clusters": clusters,
        }
    matched = [row for row, path in enumerate(items.paths) if path in identity]
    real = [identity[items.paths[row]] for row in matched]
    ari = {n: float(adjusted_rand_score(real, c.labels[matched])) for n, c in joined.items()}
    counts = {name: table.n_clusters for name, table in joined.items()}
    names = {items.paths[row]: name for row, name in zip(matched, real, strict=True)}
    pairs = [(a, b) for a, b, k in zip(known.a, known.b, known.kind, strict=True) if k == "must"]
    checked = [names[a] == names[b] for a, b in pairs if a in names and b in names]
    links = f"{sum(checked)} of {len(checked)} links of tracks between labelled instances are right"
    speed = f"{len(frames)} frames in {seconds:.0f} s"
    peer = "the same matte, whole frame squeezed to 320 × 320"
    what = {
        "cast.instance_recall": ("recall", "share", f"IoU ≥ {MATCH} with a labelled instance; {speed}"),
        "cast.mask_iou": ("iou", "IoU", "mean over the instances that are found"),
        "cast.two_found_share": ("two", "share", "frames with two or more of which two are found"),
    }
    made = [
        {
            "id": name, "value": round(scores[key], 4), "unit": unit, "peer": peer, "note": note,
            "peer_value": round(squeezed[key], 4), "ratio": round(scores[key] / squeezed[key], 3),
        }
        for name, (key, unit, note) in what.items()
    ]  # fmt: skip
    for name, key, note in (
        ("identity.ari", "with", f"{counts['with']} identities of 6, {len(known)} constraints; {links}"),
        (
            "identity.ari_unconstrained",
            "without",
            f"{counts['without']} of 6, joined by looks alone",
        ),
    ):
        made.append(
            {
                "id": name, "value": round(ari[key], 4), "unit": "ARI", "peer": "shoal.cluster alone",
                "peer_value": round(ari["clusters"], 4), "ratio": round(ari[key] / ari["clusters"], 3),
                "note": f"{note}; cluster alone makes {counts['clusters']}",
            }
        )  # fmt: skip
    return made
