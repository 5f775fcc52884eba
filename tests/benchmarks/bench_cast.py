"""Characters cut out of labelled frames, identities with and without what the film tells, and views."""

from __future__ import annotations

import csv
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import shoal
from shoal.steps.pose_geometry import VIEWS
from tests.benchmarks.film_data import shared

IDS = ("cast.", "identity.", "views.")
MATCH = 0.5  # least IoU of an instance that is found
CLEAR = 0.4  # least visible share of a labelled crop whose view is judged


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


def view_rows(folder: Path) -> list[dict[str, Any]]:
    """Views without keypoints, of the labelled crops: by the face, and how buckets of looks follow them."""
    with (folder / "truth.csv").open() as file:
        listed = [r for r in csv.DictReader(file) if r["crop"] and float(r["visible_fraction"]) >= CLEAR]
    real, who = [r["view"] for r in listed], [r["identity"] for r in listed]
    crops = shoal.Items(folder, [r["crop"] for r in listed])
    named = shoal.views_of_faces(shoal.detect_faces(crops, progress=False))
    seen = [(VIEWS.index(v), VIEWS.index(r)) for v, r in zip(named.columns["view"], real, strict=True) if v]
    right = sum(v == r for v, r in seen) / len(seen)
    near = sum(abs(v - r) <= 1 for v, r in seen)
    usual = Counter(r for _, r in seen).most_common(1)[0]
    vectors = shoal.embed(crops, model="efficientnet-lite2", progress=False, cache=False)
    parted = shoal.subcluster_poses(crops, identities=who, embeddings=vectors, progress=False)
    buckets = list(zip(who, parted.columns["pose"].tolist(), strict=True))
    ours, none = _purity(buckets, real), _purity(who, real)
    return [
        {
            "id": "views.face_accuracy", "value": round(right, 4), "unit": "share",
            "peer": f"{VIEWS[usual[0]]} for all", "peer_value": round(usual[1] / len(seen), 4),
            "ratio": round(right * len(seen) / usual[1], 2),
            "note": f"of four views; a face in {len(seen)} of {len(real)} crops, {near} right or next to it",
        },
        {
            "id": "views.look_purity", "value": round(ours, 4), "unit": "share",
            "peer": "each identity in one bucket", "peer_value": round(none, 4),
            "ratio": round(ours / none, 2),
            "note": f"{len(set(buckets))} buckets of {len(set(who))} identities, from vectors alone",
        },
    ]  # fmt: skip


def _purity(buckets: list[Any], real: list[str]) -> float:
    """Share of items whose label is the most frequent one of their bucket."""
    counted: dict[Any, Counter[str]] = defaultdict(Counter)
    for bucket, label in zip(buckets, real, strict=True):
        counted[bucket][label] += 1
    return sum(max(labels.values()) for labels in counted.values()) / len(real)


def rows(only: str = "") -> list[dict[str, Any]]:
    """Instances beside one squeezed look at the frame, identities beside those without constraints."""
    from sklearn.metrics import adjusted_rand_score

    folder = shared() / "cast_dev"
    if only.startswith("views"):
        return view_rows(folder)
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
    known_of = {n: len({c.labels[row] for row in matched} - {-1}) for n, c in joined.items()}
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
    told = {
        n: f"{known_of[n]} identities for 6 labelled characters of 2 outfits each, "
        f"{counts[n] - known_of[n]} more of what is not labelled"
        for n in counts
    }
    for name, key, note in (
        ("identity.ari", "with", f"{told['with']}, {len(known)} constraints; {links}"),
        (
            "identity.ari_unconstrained",
            "without",
            f"{told['without']}, joined by looks alone",
        ),
    ):
        made.append(
            {
                "id": name, "value": round(ari[key], 4), "unit": "ARI", "peer": "shoal.cluster alone",
                "peer_value": round(ari["clusters"], 4), "ratio": round(ari[key] / ari["clusters"], 3),
                "note": f"{note}; cluster alone makes {counts['clusters']}",
            }
        )  # fmt: skip
    return [*made, *view_rows(folder)]
