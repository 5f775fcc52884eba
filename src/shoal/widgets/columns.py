"""Per-item columns that a view can fetch, and how they are named to people."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import MissingError
from shoal.review.quality import Quality
from shoal.review.review import Review
from shoal.review.session import Event
from shoal.review.vectors import read_vectors
from shoal.widgets.protocol.base import ColumnInfo

__all__ = ["Columns"]

STATE_FOLDER = ".shoal"
_TITLES = {
    "time_s": ("Time in the film", True),
    "shot": ("Shot", True),
    "frame": ("Frame", True),
    "sharpness": ("Sharpness", False),
    "probability": ("Membership probability", True),
    "similarity": ("Similarity to centroid", True),
}


class Columns:
    """The columns of one review, with those that follow from the clusters kept up to date.

    Parameters
    ----------
    review : Review
        Whose items.
    vectors : ndarray of float32, optional
        Vectors by row; read from beside the folder when left out.
    """

    def __init__(self, review: Review, vectors: npt.NDArray[np.float32] | None = None) -> None:
        self._review = review
        self._table = review.session.table
        if vectors is None and review.root is not None and "vector_row" in self._table.columns:
            rows: npt.NDArray[Any] = self._table.columns["vector_row"]
            vectors = read_vectors(review.root / STATE_FOLDER, rows.astype(np.int32))
        self.quality = None if vectors is None else Quality(vectors, review.session.state)
        self._similarity: npt.NDArray[np.float32] | None = None

    def follow(self, event: Event) -> list[str]:
        """Take over a change; returns the names of the columns that are stale now."""
        if self.quality is None or not event.change.cells:
            return []
        self.quality.follow(event.change)
        self._similarity = None
        return ["similarity"]

    def listed(self) -> list[ColumnInfo]:
        """What ``get_array`` knows."""
        out = [
            ColumnInfo(name="codes", title="Cluster", dtype="int32", per_item=1, role="codes", ascending=True)
        ]
        if "xy" in self._table.columns:
            out.append(
                ColumnInfo(
                    name="xy", title="Map", dtype="float32", per_item=2, role="position", ascending=True
                )
            )
        names = [n for n in _TITLES if n in self._table.columns]
        if self.quality is not None:
            names.append("similarity")
        for name in names:
            title, ascending = _TITLES[name]
            whole = name in ("shot", "frame")
            out.append(
                ColumnInfo(
                    name=name,
                    title=title,
                    dtype="int32" if whole else "float32",
                    per_item=1,
                    role="sort",
                    ascending=ascending,
                )
            )
        return out

    def values(self, name: str, start: int, stop: int) -> npt.NDArray[Any]:
        """Rows ``start`` … ``stop`` of a column, in its wire dtype.

        Raises
        ------
        MissingError
            When there is no such column.
        """
        if name == "codes":
            return self._review.session.state.codes[start:stop]
        info = next((c for c in self.listed() if c.name == name), None)
        if info is None:
            raise MissingError(f"there is no column {name!r}", hint="hello lists the columns.")
        if name == "similarity" and self.quality is not None:
            if self._similarity is None:
                self._similarity = self.quality.similarity(self._review.session.state)
            return self._similarity[start:stop]
        return self._table.columns[name][start:stop].astype(info.dtype)

    def facts(self, row: int) -> dict[str, str]:
        """Title → value of the facts about one item."""
        columns, out = self._table.columns, dict[str, str]()
        if "time_s" in columns and np.isfinite(columns["time_s"][row]):
            seconds = float(columns["time_s"][row])
            out["Time"] = f"{int(seconds // 60)}:{seconds % 60:05.2f}"
        for name in ("shot", "frame"):
            if name in columns and columns[name][row] >= 0:
                out[_TITLES[name][0]] = str(int(columns[name][row]))
        if "probability" in columns and np.isfinite(columns["probability"][row]):
            out["Probability"] = f"{float(columns['probability'][row]):.2f}"
        if "sharpness" in columns and np.isfinite(columns["sharpness"][row]):
            out["Sharpness"] = f"{float(columns['sharpness'][row]):,.0f}"
        return out
