"""Sets of rows as sorted arrays, and their short text form in the edit log."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import DamagedError

__all__ = ["Rows", "as_rows", "from_text", "merge_sorted", "runs", "to_text", "without"]

Rows = npt.NDArray[np.int64]
"""Row numbers, ascending and unique."""

LISTED_RUNS = 64
EMPTY: Rows = np.empty(0, np.int64)
EMPTY.setflags(write=False)


def as_rows(values: npt.ArrayLike) -> Rows:
    """Return ``values`` as ascending unique int64 rows; a boolean array counts as a mask."""
    array: npt.NDArray[Any] = np.asarray(values)
    if array.dtype == bool:
        return np.flatnonzero(array)
    array = array.astype(np.int64, copy=False).ravel()
    if len(array) > 1 and not bool((array[1:] > array[:-1]).all()):
        array = np.unique(array)
    return array


def runs(rows: Rows) -> npt.NDArray[np.int64]:
    """Half-open runs [start, stop) of consecutive rows, shape (n_runs, 2)."""
    if not len(rows):
        return np.empty((0, 2), np.int64)
    breaks = np.flatnonzero(np.diff(rows) != 1)
    starts = rows[np.concatenate(([0], breaks + 1))]
    stops = rows[np.concatenate((breaks, [len(rows) - 1]))] + 1
    return np.stack((starts, stops), axis=1)


def to_text(rows: Rows) -> str:
    """Write rows as ``"3-9,12"`` (both ends included).

    More than 64 runs are written as ``~`` and the base64 of the steps from row to row (little-endian uint32):
    a scattered selection of thousands is then written in microseconds.
    """
    if len(rows) == 1:
        return str(int(rows[0]))
    spans = runs(rows)
    if len(spans) > LISTED_RUNS and int(rows[-1]) < 2**32:
        steps = np.diff(rows, prepend=0).astype("<u4")
        return "~" + b64encode(steps.tobytes()).decode("ascii")
    return ",".join(str(a) if b - a == 1 else f"{a}-{b - 1}" for a, b in spans.tolist())


def from_text(text: str) -> Rows:
    """Read what :func:`to_text` wrote.

    Raises
    ------
    DamagedError
        When the text is no such list.
    """
    try:
        if text.isdigit():
            return np.array([int(text)], np.int64)
        if not text:
            return EMPTY
        if text[0] == "~":
            return np.cumsum(np.frombuffer(b64decode(text[1:], validate=True), "<u4"), dtype=np.int64)
        bounds = [[int(x) for x in part.split("-")] for part in text.split(",")]
    except ValueError as error:
        raise DamagedError(f"a list of rows cannot be read: {text[:80]!r}") from error
    starts = np.array([b[0] for b in bounds], np.int64)
    lengths = np.array([b[-1] for b in bounds], np.int64) - starts + 1
    total = int(lengths.sum())
    offsets = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + np.arange(total) - offsets


def merge_sorted(a: Rows, b: Rows) -> Rows:
    """Union of two disjoint ascending sets in linear time."""
    if not len(a):
        return b
    if not len(b):
        return a
    out = np.empty(len(a) + len(b), np.int64)
    places = np.searchsorted(a, b) + np.arange(len(b))
    mask = np.ones(len(out), bool)
    mask[places] = False
    out[places] = b
    out[mask] = a
    return out


def without(a: Rows, b: Rows) -> Rows:
    """Rows of ``a`` that are not in ``b`` (both ascending)."""
    if not len(a) or not len(b):
        return a
    places = np.searchsorted(a, b)
    inside = places < len(a)
    inside[inside] = a[places[inside]] == b[inside]
    keep = np.ones(len(a), bool)
    keep[places[inside]] = False
    return a[keep]
