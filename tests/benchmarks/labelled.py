"""Labelled sets of pictures, embedded by the offline model and clustered as a notebook would."""

from __future__ import annotations

import csv
import gzip
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

import shoal
from shoal.data.tables import Items

DATA = Path(os.environ.get("SHOAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
OBJECTS = 1_500
Labelled = tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.int64]]
"""Vectors, automatic clusters, truth."""


def _cast_dev() -> tuple[Items, list[str]] | None:
    root = DATA / "cast_dev"
    if not (root / "truth.csv").exists():
        return None
    with (root / "truth.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["crop"]]
    return Items(root, [row["crop"] for row in rows]), [row["identity"] for row in rows]


def _orl() -> tuple[Items, list[str]] | None:
    root = DATA / "orl"
    paths = sorted(path.relative_to(root).as_posix() for path in root.glob("s*/*.pgm"))
    if not paths:
        return None
    # in the order of the folders, neighbours in a grid would give the answer away
    order = np.random.default_rng(1).permutation(len(paths)).tolist()
    paths = [paths[i] for i in order]
    return Items(root, paths), [path.partition("/")[0] for path in paths]


def _drawn(name: str, pictures: npt.NDArray[np.uint8], labels: list[str]) -> tuple[Items, list[str]]:
    from PIL import Image

    folder = Path(tempfile.gettempdir()) / f"shoal-labelled-{name}"
    folder.mkdir(exist_ok=True)
    paths = [f"{i:05d}.png" for i in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        if not (folder / path).exists():
            Image.fromarray(picture).resize((112, 112), Image.Resampling.LANCZOS).save(folder / path)
    return Items(folder, paths), labels


def _digits() -> tuple[Items, list[str]]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return _drawn("digits", (digits.images * 15).astype(np.uint8), [str(t) for t in digits.target])


def _fashion() -> tuple[Items, list[str]] | None:
    found = sorted(Path("/usr/share/datasets/fashion-mnist").glob("t10k-*-ubyte*"))
    files = {("images" if "images" in path.name else "labels"): path for path in found}
    if len(files) < 2:
        return None

    def read(path: Path) -> bytes:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()

    pictures = np.frombuffer(read(files["images"])[16:], np.uint8).reshape(-1, 28, 28)[:OBJECTS]
    return _drawn("fashion", pictures, [str(t) for t in read(files["labels"])[8 : 8 + OBJECTS]])


SOURCES: dict[str, Callable[[], tuple[Items, list[str]] | None]] = {
    "cast_dev": _cast_dev,
    "orl": _orl,
    "digits": _digits,
    "fashion": _fashion,
}


@cache
def load(name: str) -> Labelled | None:
    """One set; None when it is not on this machine."""
    source = SOURCES[name]()
    if source is None:
        return None
    items, names = source
    vectors = shoal.embed(items, model="efficientnet-lite2", progress=False)
    clusters = shoal.cluster(vectors, progress=False)
    return vectors.vectors.astype(np.float32), clusters.labels, np.unique(names, return_inverse=True)[1]


@cache
def looks(name: str) -> npt.NDArray[np.float32] | None:
    """How the pictures of a set look in small, as the queue reads them beside the answers."""
    from shoal.review.assist.looks import looks_of

    source = SOURCES[name]()
    return None if source is None else looks_of([source[0].root / path for path in source[0].paths])


def sets() -> dict[str, Labelled]:
    """All sets that are on this machine."""
    found = {name: load(name) for name in SOURCES}
    return {name: of for name, of in found.items() if of is not None}
