"""How right the automatic groups are on labelled pictures, by model and method; the defaults are marked."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.data.tables import Clusters, Embeddings, Items
from shoal.steps.cluster import cluster
from shoal.steps.cluster_identities import cluster_identities
from shoal.steps.detect_faces import detect_faces
from shoal.steps.embed import embed
from shoal.steps.embed_faces import embed_faces
from tests.benchmarks import vector_sets

IDS = ("accuracy.",)
DEFAULT_MODEL = "efficientnet-lite2"
SEEDS = 3
ORL_SIZE = 5  # there are ten of each person; the default of 12 could find nobody
METHODS: dict[str, dict[str, Any]] = {
    "hdbscan": {},
    "hdbscan-eom": {"selection": "eom"},
    "leiden": {"method": "leiden"},
    "kmeans": {"method": "kmeans"},
    "agglomerative": {"method": "agglomerative"},
}

Codes = npt.NDArray[np.int64]


def scores(found: npt.NDArray[np.int32], truth: Codes) -> dict[str, float]:
    """ARI and pairwise F1 with every noise item as a cluster of its own, and coverage."""
    from sklearn.metrics import adjusted_rand_score
    from sklearn.metrics.cluster import pair_confusion_matrix

    alone = found.astype(np.int64).copy()
    noise = alone < 0
    alone[noise] = len(alone) + np.arange(int(noise.sum()))
    (_, false), (missed, true) = pair_confusion_matrix(truth, alone)
    return {
        "ari": float(adjusted_rand_score(truth, alone)),
        "f1": float(2 * true / max(1, 2 * true + false + missed)),
        "coverage": float(1 - noise.mean()),
    }


def nearest_is_right(vectors: npt.NDArray[np.float32], truth: Codes, shots: Codes | None) -> float:
    """1-NN: share of items whose most similar item (of another shot) is the same; no vector is wrong."""
    have = np.isfinite(vectors).all(axis=1)
    near = np.nan_to_num(vectors) @ np.nan_to_num(vectors).T
    near[:, ~have] = -np.inf
    own = np.arange(len(vectors)) if shots is None else shots
    near[own[:, None] == own[None]] = -np.inf
    return float(((truth[near.argmax(axis=1)] == truth) & have).mean())


def pairs(vectors: npt.NDArray[np.float32], truth: Codes, shots: Codes | None) -> dict[str, float]:
    """How well a similarity tells the same from others, over all pairs (of different shots).

    ``auc``: chance that a pair of one character is more alike than one of two. ``even``: the similarity from
    which as large a share of the former as possible lies above and of the latter below, with ``right`` the
    mean of both shares; ``one_in_100``: what only one pair of different ones in a hundred exceeds.
    """
    from sklearn.metrics import roc_curve

    have = np.isfinite(vectors).all(axis=1)
    near, who = vectors[have] @ vectors[have].T, truth[have]
    first, second = np.triu_indices(len(who), 1)
    if shots is not None:
        apart = shots[have][first] != shots[have][second]
        first, second = first[apart], second[apart]
    like, same = near[first, second], who[first] == who[second]
    false, true, above = roc_curve(same, like)
    best = int(np.argmax(true - false))
    return {
        "auc": float(np.trapezoid(true, false)),
        "even": float(above[best]),
        "right": float((1 + true[best] - false[best]) / 2),
        "one_in_100": float(np.quantile(like[~same], 0.99)),
    }


class Report:
    """Rows of one run, those whose ids begin with ``only``."""

    def __init__(self, only: str) -> None:
        self.rows: list[dict[str, Any]] = []
        self._only = only.removeprefix("accuracy").removeprefix(".")

    def wants(self, name: str) -> bool:
        """Whether rows below this name are asked for."""
        return name.startswith(self._only) or self._only.startswith(name)

    def add(self, name: str, values: dict[str, float], note: str = "") -> None:
        """One row for each measure."""
        for measure, value in values.items():
            row = {"id": f"accuracy.{name}.{measure}", "value": value, "unit": "score", "note": note or None}
            self.rows.append(row)

    def all_methods(
        self, name: str, vectors: Embeddings, truth: Codes, *, size: int, shots: Codes | None = None,
        default: bool = False,
    ) -> None:  # fmt: skip
        """Rows of every method on one kind of vectors."""
        if self.wants(f"{name}.neighbour"):
            self.add(f"{name}.neighbour", {"nn1": nearest_is_right(vectors.vectors, truth, shots)})
        if self.wants(f"{name}.pairs"):
            self.add(f"{name}.pairs", pairs(vectors.vectors, truth, shots))
        for method, how in METHODS.items():
            if not self.wants(f"{name}.{method}"):
                continue
            found = cluster(vectors, min_cluster_size=size, progress=False, **how)
            self.add(f"{name}.{method}", scores(found.labels, truth), self._note(found, default, method))

    @staticmethod
    def _note(found: Clusters, default: bool, method: str) -> str:
        chosen = "the default; " if default and method == "hdbscan" else ""
        return f"{chosen}{found.n_clusters} clusters"


def _boxes(data: Path, folder: Path) -> Items:
    """Each instance of ``cast_dev`` cut out as a rectangle, background included."""
    rows = vector_sets.cast_rows(data)
    for number, row in enumerate(rows):
        x, y, w, h = (int(float(row[key])) for key in ("x", "y", "w", "h"))
        with Image.open(data / "cast_dev" / row["frame"]) as frame:
            frame.convert("RGB").crop((x, y, x + w, y + h)).save(
                folder / f"{number:06d}.png", compress_level=1
            )
    return Items(folder, [f"{number:06d}.png" for number in range(len(rows))])


def _crops(data: Path) -> Embeddings:
    """Vectors of the rectangles."""
    with tempfile.TemporaryDirectory() as folder:
        return embed(_boxes(data, Path(folder)), model=DEFAULT_MODEL, progress=False)


def _whole_frames(data: Path) -> Embeddings:
    """The vector of the whole frame for each of its instances."""
    rows = vector_sets.cast_rows(data)
    names = sorted({row["frame"] for row in rows})
    vectors = embed(Items(data / "cast_dev", names), model=DEFAULT_MODEL, progress=False).vectors
    at = {name: number for number, name in enumerate(names)}
    return vector_sets.as_embeddings(vectors[[at[row["frame"]] for row in rows]])


def _cast(report: Report, data: Path) -> None:
    """Frames against crops against mattes, and faces with appearance."""
    mattes, truth = vector_sets.cast_items(data)
    shots = mattes.columns["shot"].astype(np.int64)
    looks = embed(mattes, model=DEFAULT_MODEL, progress=False)
    kinds: dict[str, Callable[[], Embeddings]] = {
        f"cast-mattes.{DEFAULT_MODEL}": lambda: looks,
        f"cast-crops.{DEFAULT_MODEL}": lambda: _crops(data),
        f"cast-frames.{DEFAULT_MODEL}": lambda: _whole_frames(data),
        "cast-mattes.colour": lambda: embed(mattes, model="colour", progress=False),
    }
    for name, vectors in kinds.items():
        if not report.wants(name):
            continue
        default = name == f"cast-mattes.{DEFAULT_MODEL}"
        report.all_methods(name, vectors(), truth, size=12, shots=shots, default=default)
    blended = f"cast-mattes.yunet-sface+{DEFAULT_MODEL}"
    if report.wants(blended):
        faces = embed_faces(detect_faces(mattes, model="yunet-sface", progress=False), progress=False)
        _identities(report, blended, faces, looks, truth, 12)


def _orl(report: Report, data: Path) -> None:
    """Faces against appearance, and both."""
    portraits, truth = vector_sets.orl_items(data)
    looks = embed(portraits, model=DEFAULT_MODEL, progress=False)
    faces = embed_faces(detect_faces(portraits, model="yunet-sface", progress=False), progress=False)
    report.all_methods(f"orl.{DEFAULT_MODEL}", looks, truth, size=ORL_SIZE)
    report.all_methods("orl.yunet-sface", faces, truth, size=ORL_SIZE, default=True)
    if report.wants(f"orl.yunet-sface+{DEFAULT_MODEL}"):
        _identities(report, f"orl.yunet-sface+{DEFAULT_MODEL}", faces, looks, truth, ORL_SIZE)


def _identities(
    report: Report, name: str, faces: Embeddings, looks: Embeddings, truth: Codes, size: int
) -> None:
    share = float(np.isfinite(faces.vectors).all(axis=1).mean())
    found = [
        cluster_identities(faces, looks, min_cluster_size=size, seed=seed, progress=False)
        for seed in range(SEEDS)
    ]
    each = [scores(one.labels, truth) for one in found]
    weak = len(faces.meta["weak"]) / len(faces)
    note = (
        f"face weight {found[0].meta['face_weight']}, a face in {share:.0%}, a weak one in {weak:.0%}; "
        f"medians of {SEEDS} seeds, with {', '.join(str(one.n_clusters) for one in found)} clusters"
    )
    report.add(
        f"{name}.identities", {key: statistics.median(one[key] for one in each) for key in each[0]}, note
    )


def rows(only: str = "") -> list[dict[str, Any]]:
    """The rows of the sets that are here; none without them."""
    data = vector_sets.data_folder()
    report = Report(only)
    if data is not None and any(report.wants(f"cast-{kind}") for kind in ("mattes", "crops", "frames")):
        _cast(report, data)
    if data is not None and report.wants("orl"):
        _orl(report, data)
    return [{"passed": None, **row} for row in report.rows]
