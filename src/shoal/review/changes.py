"""A change of the review, as data: what was added, updated (from, to) and removed.

Pure: nothing here touches a state. Three kinds of things change: *cells* of the dense columns (the cluster
code of an item, and ``home``, the code it had before it went to the trash), *clusters*, and *notes* (sparse
columns: tags, captions, pins and links of items).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, DamagedError
from shoal.review import rows as rowsets
from shoal.review.records import ClusterRecord
from shoal.review.rows import Rows

__all__ = ["DENSE", "SPARSE", "CellChange", "Change", "reverse", "squash"]

DENSE = ("code", "home")
SPARSE = ("tags", "caption", "pin", "links")

Codes = npt.NDArray[np.int32]
_Pair = tuple[ClusterRecord | None, ClusterRecord | None]
_Cells = Mapping[int, tuple[Any, Any]]
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, eq=False)
class CellChange:
    """Cells of one dense column: ``before[i]`` → ``after[i]`` in ``rows[i]``."""

    rows: Rows
    before: Codes
    after: Codes

    def __post_init__(self) -> None:
        if not len(self.rows) == len(self.before) == len(self.after):
            raise BadInputError("a change of cells needs as many old and new values as rows")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CellChange) and all(
            np.array_equal(a, b)
            for a, b in ((self.rows, other.rows), (self.before, other.before), (self.after, other.after))
        )

    __hash__ = None  # type: ignore[assignment]

    def reversed(self) -> CellChange:
        """The same cells the other way round."""
        return CellChange(self.rows, self.after, self.before)

    def then(self, later: CellChange) -> CellChange:
        """One change that does what ``self`` and then ``later`` do; cells that end as they began drop out."""
        rows = rowsets.merge_sorted(self.rows, rowsets.without(later.rows, self.rows))
        before, after = np.empty(len(rows), np.int32), np.empty(len(rows), np.int32)
        mine, theirs = np.searchsorted(rows, self.rows), np.searchsorted(rows, later.rows)
        before[theirs], after[mine] = later.before, self.after
        before[mine], after[theirs] = self.before, later.after
        kept = before != after
        return CellChange(rows[kept], before[kept], after[kept])

    def groups(self) -> list[tuple[int, int, Rows]]:
        """Rows by (before, after), in ascending order of the pair."""
        if not len(self.rows):
            return []
        if (self.before == self.before[0]).all() and (self.after == self.after[0]).all():
            return [(int(self.before[0]), int(self.after[0]), self.rows)]
        key = (self.before.astype(np.int64) << 32) | (self.after.astype(np.int64) & 0xFFFFFFFF)
        order = np.argsort(key, kind="stable")
        cuts = np.flatnonzero(np.diff(key[order])) + 1
        return [(int(self.before[g[0]]), int(self.after[g[0]]), self.rows[g]) for g in np.split(order, cuts)]

    def to_json(self) -> list[list[Any]]:
        """``[[before, after, "3-9,12"], …]``."""
        return [[b, a, rowsets.to_text(rows)] for b, a, rows in self.groups()]

    @classmethod
    def from_json(cls, data: list[list[Any]]) -> CellChange:
        """Read what :meth:`to_json` wrote."""
        if len(data) == 1:
            before, after, text = data[0]
            rows = rowsets.from_text(text)
            n = len(rows)
            return cls(rows, np.full(n, before, np.int32), np.full(n, after, np.int32))
        parts = [rowsets.from_text(text) for _, _, text in data]
        lengths = [len(p) for p in parts]
        rows = np.concatenate(parts) if parts else rowsets.EMPTY
        before = np.repeat(np.array([g[0] for g in data], np.int32), lengths)
        after = np.repeat(np.array([g[1] for g in data], np.int32), lengths)
        order = np.argsort(rows, kind="stable")
        return cls(rows[order], before[order], after[order])


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit did.

    Parameters
    ----------
    cells : mapping of str to CellChange
        By dense column, see :data:`DENSE`.
    clusters : mapping of str to (ClusterRecord or None, ClusterRecord or None)
        Cluster id → (from, to); None for "not there": (None, x) adds, (x, None) removes.
    notes : mapping of str to mapping of int to (value or None, value or None)
        Sparse column, see :data:`SPARSE` → row → (from, to).
    """

    cells: Mapping[str, CellChange] = field(default_factory=dict[str, CellChange])
    clusters: Mapping[str, _Pair] = field(default_factory=dict[str, _Pair])
    notes: Mapping[str, _Cells] = field(default_factory=dict[str, _Cells])

    def __bool__(self) -> bool:
        return bool(
            any(len(c.rows) for c in self.cells.values()) or self.clusters or any(self.notes.values())
        )

    @property
    def touched(self) -> Rows:
        """Rows of the items that changed."""
        found = [c.rows for c in self.cells.values()] + [
            rowsets.as_rows(sorted(n)) for n in self.notes.values() if n
        ]
        return found[0] if len(found) == 1 else rowsets.as_rows(np.concatenate([rowsets.EMPTY, *found]))

    def to_json(self) -> dict[str, Any]:
        """Return the form that the edit log keeps: ``{added, updated: [from, to], removed}`` for clusters."""
        out: dict[str, Any] = {}
        cells = {name: c.to_json() for name, c in self.cells.items() if len(c.rows)}
        if cells:
            out["cells"] = cells
        if self.clusters:
            parts: dict[str, Any] = {"added": [], "updated": [], "removed": []}
            for _, (old, new) in sorted(self.clusters.items()):
                if old is None and new is not None:
                    parts["added"].append(new.to_json())
                elif old is not None and new is None:
                    parts["removed"].append(old.to_json())
                elif old is not None and new is not None:
                    parts["updated"].append([old.to_json(), new.to_json()])
            out["clusters"] = {k: v for k, v in parts.items() if v}
        notes = {
            k: [[row, old, new] for row, (old, new) in sorted(v.items())] for k, v in self.notes.items() if v
        }
        if notes:
            out["notes"] = notes
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        DamagedError
            When a part cannot be read.
        """
        try:
            clusters: dict[str, tuple[ClusterRecord | None, ClusterRecord | None]] = {}
            parts = data.get("clusters")
            if parts:
                read = ClusterRecord.from_json
                clusters.update({r["id"]: (None, read(r)) for r in parts.get("added", ())})
                clusters.update({a["id"]: (read(a), read(b)) for a, b in parts.get("updated", ())})
                clusters.update({r["id"]: (read(r), None) for r in parts.get("removed", ())})
            cells = {k: CellChange.from_json(v) for k, v in data.get("cells", {}).items()}
            notes = {
                k: {int(r): (_value(a), _value(b)) for r, a, b in v} for k, v in data.get("notes", {}).items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedError(f"a change in the edit log cannot be read: {error!r}") from error
        return cls(cells, clusters, notes)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def reverse(change: Change) -> Change:
    """The change that takes ``change`` back: ``apply(reverse(c), apply(c, s)) == s``."""
    return Change(
        cells={k: c.reversed() for k, c in change.cells.items()},
        clusters={k: (new, old) for k, (old, new) in change.clusters.items()},
        notes={k: {row: (new, old) for row, (old, new) in v.items()} for k, v in change.notes.items()},
    )


def squash(first: Change, second: Change) -> Change:
    """One change that does what ``first`` and then ``second`` do; what ends as it began drops out."""
    cells = dict(first.cells)
    for name, later in second.cells.items():
        joined = cells[name].then(later) if name in cells else later
        if len(joined.rows):
            cells[name] = joined
        else:
            cells.pop(name, None)
    clusters = _squash_pairs(first.clusters, second.clusters)
    notes: dict[str, Mapping[int, tuple[Any, Any]]] = {}
    for name in {**first.notes, **second.notes}:
        joined_notes = _squash_pairs(first.notes.get(name, {}), second.notes.get(name, {}))
        if joined_notes:
            notes[name] = joined_notes
    return Change(cells, clusters, notes)


def _squash_pairs(
    first: Mapping[_K, tuple[_V | None, _V | None]], second: Mapping[_K, tuple[_V | None, _V | None]]
) -> dict[_K, tuple[_V | None, _V | None]]:
    out = dict(first)
    for key, (old, new) in second.items():
        start = out[key][0] if key in out else old
        if start == new:
            out.pop(key, None)
        else:
            out[key] = (start, new)
    return out
