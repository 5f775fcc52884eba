"""A review of any size without a folder: generated pictures, a map of clumps, and a real edit log on disk."""

from __future__ import annotations

import io
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from shoal.review.history import History
from shoal.review.log import EditLog
from shoal.review.records import ClusterRecord
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.state import State
from shoal.review.table import ItemTable
from shoal.widgets.browser import Browser
from shoal.widgets.pictures import Picture

NOISE_SHARE = 0.05


class Painted:
    """Pictures drawn when asked for, each with its number, so that none is served twice from a cache."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="painter")

    def thumbnail(self, path: str, side: int) -> Future[Picture]:
        """Draw one in another thread, as thumbnails of real files are made."""
        return self._pool.submit(self._draw, path, side)

    def preview(self, path: str, max_side: int) -> tuple[Picture, tuple[int, int]]:
        """Draw one at once."""
        return self._draw(path, max_side), (1280, 720)

    def _draw(self, path: str, side: int) -> Picture:
        number = int("".join(c for c in path if c.isdigit()) or 0)
        picture = Image.new("RGB", (side, side * 3 // 4), ((number * 37) % 256, (number * 91) % 256, 128))
        draw = ImageDraw.Draw(picture)
        draw.ellipse((side * 0.3, side * 0.1, side * 0.7, side * 0.6), fill=((number * 53) % 256, 200, 90))
        draw.text((4, 4), str(number), fill="white")
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80)
        return Picture(out.getvalue())


def _codes(n: int, clusters: int, twins: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Clusters of uneven size; the first two have ``twins`` items each and, when given, are the largest."""
    share = rng.dirichlet(np.full(clusters, 0.8))
    if not twins:
        return rng.choice(clusters, n, p=share).astype(np.int32)
    share[:2] = 0
    for _ in range(8):
        share = np.minimum(share / share.sum(), 0.9 * twins / (n - 2 * twins))
    codes = rng.choice(clusters, n, p=share / share.sum()).astype(np.int32)
    codes[rng.choice(n, 2 * twins, replace=False)] = np.repeat(np.array([0, 1], np.int32), twins)
    return codes


def review(
    n: int, *, clusters: int, log: Path, twins: int = 0, ordered: bool = False, seed: int = 0
) -> Review:
    """A review of ``n`` items in so many clusters of uneven size, with positions and times.

    ``ordered`` lists them cluster by cluster, as a folder is read; else in any order, which is harder.
    """
    rng = np.random.default_rng(seed)
    codes = _codes(n, clusters, twins, rng)
    codes = np.sort(codes) if ordered else codes
    centres = rng.uniform(-10, 10, (clusters, 2))
    xy = (centres[codes] + rng.normal(0, 0.45, (n, 2))).astype(np.float32)
    lost = (rng.random(n) < NOISE_SHARE) & ((codes > 1) | (twins == 0))
    codes[lost] = -1
    xy[lost] = rng.uniform(-12, 12, (int(lost.sum()), 2))
    if ordered:
        order = np.argsort(codes, kind="stable")
        codes, xy = codes[order], xy[order]
    records = {
        f"c{k}": ClusterRecord(id=f"c{k}", code=k, name=f"character_{k}", color=k) for k in range(clusters)
    }
    columns = {
        "xy": xy,
        "time_s": np.arange(n, dtype=np.float64) / 24,
        "shot": (np.arange(n) // 200).astype(np.int32),
    }
    table = ItemTable([f"character/{i:07d}.jpg" for i in range(n)], columns=columns)
    return Review(Session(table, State(codes, records), History(), EditLog(log), actor="bench"), None)


def browser(n: int, *, clusters: int, log: Path, twins: int = 0, height: int = 720) -> Browser:
    """A cluster browser on :func:`review`."""
    return Browser(review(n, clusters=clusters, log=log, twins=twins), pictures=Painted(), height=height)
