"""Labelled sets that measurements use where they are: from packages, and from a folder beside the project."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Embeddings, Items

ROOT = Path(__file__).resolve().parents[2]
FASHION = Path("/usr/share/datasets/fashion-mnist")  # Debian package dataset-fashion-mnist, MIT licence

Labelled = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def data_folder() -> Path | None:
    """``$SHOAL_SHARED_DATA``, or ``shared/data`` beside the project; None where neither is there."""
    folder = Path(os.environ.get("SHOAL_SHARED_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def as_embeddings(vectors: npt.NDArray[np.float32]) -> Embeddings:
    """Vectors as a table, with made-up paths."""
    return Embeddings(Items(Path("x"), [f"{i}.png" for i in range(len(vectors))]), vectors, "made-up")


def codes(labels: Any) -> npt.NDArray[np.int64]:
    """Numbers for names."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].ravel().astype(np.int64)


def digits() -> Labelled:
    """1,797 handwritten digits of 64 pixels (scikit-learn, from UCI, CC BY 4.0)."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    return (found.data / 16).astype(np.float32), codes(found.target)


def fashion() -> Labelled | None:
    """70,000 pictures of clothes of 784 pixels (Fashion-MNIST, MIT licence)."""
    if not FASHION.is_dir():
        return None

    def read(name: str, offset: int) -> npt.NDArray[np.uint8]:
        with gzip.open(FASHION / name) as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    parts = ("train", "t10k")
    pixels = [read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784) for part in parts]
    labels = [read(f"{part}-labels-idx1-ubyte.gz", 8) for part in parts]
    return np.concatenate(pixels).astype(np.float32) / 255, codes(np.concatenate(labels))


def cast_rows(data: Path) -> list[dict[str, str]]:
    """The instances of ``cast_dev`` that have a crop."""
    with (data / "cast_dev" / "truth.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["crop"]]


def cast_items(data: Path) -> tuple[Items, npt.NDArray[np.int64]]:
    """Rendered characters cut out with their true masks, with shots; and who they are."""
    rows = cast_rows(data)
    items = Items(data / "cast_dev", [row["crop"] for row in rows])
    items = items.with_columns(
        shot=np.array([int(row["shot"]) for row in rows], np.int32),
        source=np.array([row["frame"] for row in rows], dtype=np.str_),
    )
    return items, codes([row["identity"] for row in rows])


def orl_items(data: Path) -> tuple[Items, npt.NDArray[np.int64]]:
    """Ten portraits of each of forty people (AT&T Laboratories Cambridge)."""
    paths = sorted(p.relative_to(data / "orl").as_posix() for p in (data / "orl").glob("s*/*.pgm"))
    return Items(data / "orl", paths), codes([path.split("/")[0] for path in paths])


def mixture(n: int, dims: int = 512, groups: int = 200, seed: int = 0) -> Labelled:
    """Unit vectors in groups of uneven size, each on its own eight directions, with noise on all of them."""
    random = np.random.default_rng(seed)
    labels = random.choice(groups, n, p=random.dirichlet(np.ones(groups)))
    middle = random.normal(size=(groups, dims)).astype(np.float32)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    axes = random.normal(size=(groups, 8, dims)).astype(np.float32) * np.float32(0.25 / dims**0.5)
    vectors = np.empty((n, dims), dtype=np.float32)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(groups + 1))
    for number in range(groups):
        rows = order[bounds[number] : bounds[number + 1]]
        along = random.standard_normal((len(rows), 8), dtype=np.float32) @ axes[number]
        noise = random.standard_normal((len(rows), dims), dtype=np.float32) * np.float32(0.6 / dims**0.5)
        part = middle[number] + along + noise
        vectors[rows] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return vectors, labels.astype(np.int64)
