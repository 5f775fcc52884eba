"""The embedding cache: appending beside two peers, and a second call over 100,000 unchanged files."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends import registry
from shoal.data.listing import scan_pictures
from shoal.steps.embed import embed
from shoal.store.embedding_cache import EmbeddingCache
from shoal.store.vectors import VectorStore

IDS = ("cache.", "rerun.")
ROWS, DIMS, BATCH, ROUNDS = 100_000, 512, 1_000, 3

Rows = tuple[list[bytes], npt.NDArray[np.float16]]


def made_rows() -> Rows:
    """Random keys and vectors."""
    random = np.random.default_rng(0)
    keys = [hashlib.sha256(str(i).encode()).digest() for i in range(ROWS)]
    return keys, random.normal(size=(ROWS, DIMS)).astype(np.float16)


def parts(rows: Rows) -> list[Rows]:
    """Rows in appends of BATCH."""
    keys, vectors = rows
    return [(keys[i : i + BATCH], vectors[i : i + BATCH]) for i in range(0, ROWS, BATCH)]


def ours(rows: Rows, folder: Path) -> float:
    """Seconds for all appends, each durable, and for closing, which brings the index up to date."""
    store = VectorStore(folder / "ours", DIMS)
    began = perf_counter()
    for keys, vectors in parts(rows):
        store.add(keys, vectors)
    store.close()
    return perf_counter() - began


def sqlite_blob(rows: Rows, folder: Path) -> float:
    """Seconds of a table of blobs, one durable transaction an append."""
    database = sqlite3.connect(folder / "blobs.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
    began = perf_counter()
    for keys, vectors in parts(rows):
        pairs = [(key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        database.execute("BEGIN")
        database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", pairs)
        database.execute("COMMIT")
    database.close()
    return perf_counter() - began


def lance(rows: Rows, folder: Path) -> float:
    """Seconds of a Lance dataset, one fragment an append; Lance does not sync at all."""
    import lance as library
    import pyarrow as pa

    schema = pa.schema([("key", pa.binary(32)), ("vector", pa.list_(pa.float16(), DIMS))])
    began = perf_counter()
    for number, (keys, vectors) in enumerate(parts(rows)):
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMS)
        table = pa.Table.from_arrays([pa.array(keys, type=pa.binary(32)), column], schema=schema)
        library.write_dataset(table, str(folder / "set.lance"), mode="append" if number else "create")
    return perf_counter() - began


def append_rows() -> list[dict[str, Any]]:
    """``cache.append.vs_sqlite_blob`` and ``cache.append.vs_lance``."""
    rows = made_rows()
    ways: dict[str, Callable[[Rows, Path], float]] = {"ours": ours, "blob": sqlite_blob, "lance": lance}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
                seconds = way(rows, Path(folder))
            if turn:  # the first round warms up
                times[name].append(seconds)
    found: list[dict[str, Any]] = []
    for peer, text, bar in (
        ("blob", "SQLite, one blob a row, WAL, synchronous=FULL", 7.0),
        ("lance", "Lance, which does not sync", 0.6),
    ):
        ratio = statistics.median(
            theirs / mine for theirs, mine in zip(times[peer], times["ours"], strict=True)
        )
        found.append(
            {
                "id": f"cache.append.vs_{'sqlite_blob' if peer == 'blob' else peer}",
                "value": round(ROWS / statistics.median(times["ours"])),
                "unit": "rows/s",
                "peer": text,
                "peer_value": round(ROWS / statistics.median(times[peer])),
                "ratio": round(ratio, 2),
                "bar": f"ratio ≥ {bar:g}",
                "passed": ratio >= bar,
                "note": f"{ROWS:,} vectors of {DIMS} float16, appends of {BATCH:,}, each durable, with index",
            }
        )
    return found


def make_files(root: Path, count: int) -> None:
    """Small files named as pictures, 1,000 a folder, as old as last year's."""
    for number in range(count):
        folder = root / f"d{number // 1000:03d}"
        if number % 1000 == 0:
            folder.mkdir(parents=True)
        path = folder / f"{number % 1000:04d}.jpg"
        path.write_bytes(str(number).encode())
        os.utime(path, (1.7e9, 1.7e9))


def list_and_stat(root: Path) -> int:
    """The peer: every file below a folder, and its stat."""
    return sum(
        os.stat(f"{folder}/{name}").st_size  # noqa: PTH116 - the quick way, as it is the peer
        for folder, _, names in os.walk(root)
        for name in names
    )


def rerun_row(count: int = 100_000) -> dict[str, Any]:
    """``rerun.100k.vs_stat``: `embed` of a folder whose vectors are all cached.

    The files hold no pixels: their vectors are put into the cache under their hashes beforehand, as a first
    call would have; the call that is timed reads neither files nor model.
    """
    entry = registry.ModelEntry(
        "bench",
        "embedding",
        "shoal.backends.colour:load",
        DIMS,
        "MIT",
        "1",
        about="vectors of a ViT-B-32's length",
    )
    registry.register(entry)
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as where:
        root, cache = Path(where) / "files", Path(where) / "cache"
        make_files(root, count)
        items, _ = scan_pictures(root)
        with EmbeddingCache(cache) as kept:
            keys = [kept.hashes.get(items.file(row)) for row in range(count)]
            vectors = np.random.default_rng(0).normal(size=(count, DIMS)).astype(np.float16)
            kept.vectors("bench", "1", DIMS).add(keys, vectors)
        first = embed(root, model="bench", cache=cache, progress=False)
        mine: list[float] = []
        peer: list[float] = []
        for _ in range(9):
            began = perf_counter()
            list_and_stat(root)
            peer.append(perf_counter() - began)
            began = perf_counter()
            again = embed(root, model="bench", cache=cache, progress=False)
            mine.append(perf_counter() - began)
            assert again.vectors.tobytes() == first.vectors.tobytes() and again.meta["from_cache"] == count
            del again
    ratio = statistics.median(a / b for a, b in zip(mine, peer, strict=True))
    return {
        "id": "rerun.100k.vs_stat",
        "value": round(statistics.median(mine), 3),
        "unit": "s",
        "peer": "os.walk and os.stat of the same files",
        "peer_value": round(statistics.median(peer), 3),
        "ratio": round(ratio, 2),
        "bar": "ratio ≤ 1.5",
        "passed": ratio <= 1.5,
        "note": f"embed(folder) of {count:,} unchanged files, {DIMS} numbers each, listing included",
    }


def rows(only: str = "") -> list[dict[str, Any]]:
    """Rows ``cache.append.*`` and ``rerun.100k.vs_stat``."""
    found: list[dict[str, Any]] = []
    if "cache.append".startswith(only) or only.startswith("cache."):
        found += append_rows()
    if "rerun.100k.vs_stat".startswith(only) or only.startswith("rerun."):
        found.append(rerun_row())
    return found
