"""Per-item columns that a view can fetch, and how they are named to people."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import MissingError
from shoal.review.quality import Quality
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.session import Event
from shoal.widgets.codec import visible_text
from shoal.widgets.protocol.base import ColumnInfo
from shoal.widgets.reasons import REASON, Reasons

__all__ = ["Columns"]

_TITLES = {
    "time_s": ("Time in the film", True),
    "shot": ("Shot", True),
    "frame": ("Frame", True),
    "sharpness": ("Sharpness", False),
    "probability": ("Membership probability", True),
    "similarity": ("Similarity to centroid", True),
    "outlier": ("Outlier score", False),
    "disagreement": ("Disagreement of models", False),
    "nsfw": ("NSFW score", False),
}
EXACT_BELOW = 50_000
"""From so many items on, places are sent in 65,535 steps of the map's extent, half the bytes of float32: one
step is a pixel when the map is magnified some hundred times."""
_NO_PLACE = 65_535
_FOLLOWING = ("similarity", "outlier")
DISPUTE = "disagreement"


class _Steps:
    """Places as whole steps from an origin, uint16; places that are not finite are the greatest number."""

    def __init__(self, xy: npt.NDArray[Any]) -> None:
        self.of = xy
        whole = bool(np.isfinite(xy).all())
        finite: Any = slice(None) if whole else np.isfinite(xy).all(axis=1)
        known = xy[finite]
        if len(known) == 0:
            known = np.zeros((1, 2), xy.dtype)
        # column by column: a reduction along two values a row takes ten times as long
        low, high = (np.array([f(known[:, k]) for k in (0, 1)], np.float64) for f in (np.min, np.max))
        step = np.where(high > low, (high - low) / (_NO_PLACE - 1), 1.0)
        self.origin: list[float] = low.tolist()
        self.step: list[float] = step.tolist()
        self.values = np.full(xy.shape, _NO_PLACE, np.uint16)
        for k in (0, 1) if whole or finite.any() else ():
            steps = (known[:, k] - known.dtype.type(low[k])) * known.dtype.type(1 / step[k])
            self.values[finite, k] = np.minimum(np.rint(steps, out=steps), _NO_PLACE - 1).astype(np.uint16)


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
        if vectors is not None:
            review.use_vectors(vectors)
        # made now, so that it follows an edit before the views are told of it
        self._quality = review.quality
        self._steps: _Steps | None = None
        self._reasons: Reasons | None = None

    @property
    def quality(self) -> Quality | None:
        """Of the review: one for all its views."""
        return self._review.quality

    def follow(self, event: Event) -> list[str]:
        """Take over a change; returns the names of the columns that are stale now."""
        return self._following() if event.change.cells else []

    def _following(self) -> list[str]:
        """Columns that follow from the clusters, as far as there are vectors for them."""
        if self.quality is None:
            return []
        return [*_FOLLOWING, DISPUTE] if self._review.opinions else list(_FOLLOWING)

    def listed(self) -> list[ColumnInfo]:
        """What ``get_array`` knows."""
        out = [
            ColumnInfo(name="codes", title="Cluster", dtype="int32", per_item=1, role="codes", ascending=True)
        ]
        if "xy" in self._table.columns:
            steps = self._in_steps()
            out.append(
                ColumnInfo(
                    name="xy",
                    title="Map",
                    dtype="float32" if steps is None else "uint16",
                    per_item=2,
                    role="position",
                    ascending=True,
                    origin=None if steps is None else steps.origin,
                    step=None if steps is None else steps.step,
                )
            )
        names = [n for n in _TITLES if n in self._table.columns]
        names += self._following()
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
        reasons = self._rejections()
        if reasons is not None:
            out.append(
                ColumnInfo(
                    name=REASON,
                    title="Why rejected",
                    dtype="int32",
                    per_item=1,
                    role="sort",
                    ascending=True,
                    words=reasons.words,
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
        steps = self._in_steps() if name == "xy" else None
        whole = self._whole(name) if steps is None else steps.values
        return whole[start:stop].astype(info.dtype, copy=False)

    def _rejections(self) -> Reasons | None:
        """What was rejected and why; None where nothing was."""
        told = self._table.columns.get(REASON)
        if told is None:
            return None
        if self._reasons is None or self._reasons.of is not told:
            self._reasons = Reasons(told)
        return self._reasons if self._reasons.words else None

    def _in_steps(self) -> _Steps | None:
        """Places as they are sent when there are many; made once, and anew when pictures came."""
        xy: npt.NDArray[Any] = self._table.columns["xy"]
        if len(xy) < EXACT_BELOW:
            return None
        if self._steps is None or self._steps.of is not xy:
            self._steps = _Steps(xy)
        return self._steps

    def values_of(self, name: str, rows: Rows) -> npt.NDArray[Any]:
        """Values of a column for some rows, in its wire dtype.

        Raises
        ------
        MissingError
            When there is no such column, or it holds more than one value an item.
        """
        info = next((c for c in self.listed() if c.name == name and c.per_item == 1), None)
        if info is None:
            raise MissingError(f"there is no column {name!r}", hint="hello lists the columns.")
        return self._whole(name)[rows].astype(info.dtype)

    def _whole(self, name: str) -> npt.NDArray[Any]:
        state, quality = self._review.session.state, self.quality
        if name == "codes":
            return state.codes
        reasons = self._rejections() if name == REASON else None
        if reasons is not None:
            return reasons.codes
        if quality is None or name not in (*_FOLLOWING, DISPUTE):
            return self._table.columns[name]
        disputed = self._review.opinions.disagreement() if name == DISPUTE else None
        if disputed is not None:
            return disputed.score
        values = quality.similarity(state) if name == "similarity" else quality.outlier(state)
        late = len(self._review) - len(values)  # pictures that came after the vectors were read
        return np.pad(values, (0, late), constant_values=np.nan) if late > 0 else values

    def facts(self, row: int) -> dict[str, str]:
        """Title → value of the facts about one item."""
        columns, out = self._table.columns, dict[str, str]()
        disputed = self._review.opinions.words(row)
        if disputed:
            out["Models disagree"] = visible_text(disputed)
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
        if "nsfw" in columns and np.isfinite(columns["nsfw"][row]):
            out["NSFW score"] = f"{float(columns['nsfw'][row]):.2f}"
        for name, title in (("view", "View"), ("pose", "Pose"), (REASON, "Rejected")):
            if name in columns and str(columns[name][row]):
                out[title] = visible_text(str(columns[name][row]))
        return out
