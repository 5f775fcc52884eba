"""The state that edits act on.

One code per item, a table of clusters, sparse notes. Costs O(items touched).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import ConflictError, MissingError
from shoal.review import rows as rowsets
from shoal.review.changes import SPARSE, Change
from shoal.review.records import NOISE_CODE, RESERVED, TRASH_CODE, ClusterRecord
from shoal.review.rows import Rows

__all__ = ["State"]


class State:
    """Which item is in which cluster.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_items,)
        Cluster code per item; −1 noise, −2 trash. Owned by the state from here on.
    clusters : mapping of str to ClusterRecord
        By id; noise and trash are not among them.
    home : ndarray of int32, optional
        The code a trashed item came from; meaningless for others.
    notes : mapping, optional
        Sparse columns: name → row → value.
    """

    def __init__(
        self,
        codes: npt.NDArray[np.int32],
        clusters: Mapping[str, ClusterRecord],
        home: npt.NDArray[np.int32] | None = None,
        notes: Mapping[str, Mapping[int, Any]] | None = None,
    ) -> None:
        self.codes = codes
        self.home = np.full(len(codes), NOISE_CODE, np.int32) if home is None else home
        self.clusters = dict(clusters)
        self.notes: dict[str, dict[int, Any]] = {k: dict((notes or {}).get(k, {})) for k in SPARSE}
        self._id_of = {record.code: record.id for record in self.clusters.values()}
        self._members: dict[int, Rows] | None = None
        self._next_code = 1 + max((r.code for r in self.clusters.values()), default=-1)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def next_code(self) -> int:
        """First code that no cluster has ever had."""
        return self._next_code

    def reserve_codes(self, next_code: int) -> None:
        """Never give out codes below ``next_code`` again."""
        self._next_code = max(self._next_code, next_code)

    def code_of(self, cluster_id: str) -> int:
        """Code of a cluster, ``"noise"`` or ``"trash"``, by id."""
        if cluster_id in RESERVED:
            return RESERVED[cluster_id]
        try:
            return self.clusters[cluster_id].code
        except KeyError:
            raise MissingError(
                f"there is no cluster with the id {cluster_id!r}",
                hint="It may have been merged or deleted meanwhile.",
            ) from None

    def has_code(self, code: int) -> bool:
        """Whether a cluster has this code now."""
        return code in self._id_of

    def id_of(self, code: int) -> str:
        """Id of the cluster with this code."""
        for name, reserved in RESERVED.items():
            if code == reserved:
                return name
        return self._id_of[code]

    def members(self, code: int) -> Rows:
        """Rows of a cluster, ascending. Do not write to it."""
        if self._members is None:
            order = np.argsort(self.codes, kind="stable")
            values = self.codes[order]
            cuts = np.flatnonzero(np.diff(values)) + 1
            parts = np.split(order.astype(np.int64), cuts) if len(order) else []
            self._members = {int(self.codes[p[0]]): p for p in parts}
        return self._members.get(code, rowsets.EMPTY)

    def size(self, code: int) -> int:
        """Number of items of a cluster."""
        return len(self.members(code))

    def column(self, name: str) -> npt.NDArray[np.int32]:
        """A dense column by the name it has in changes."""
        return self.codes if name == "code" else self.home

    def apply(self, change: Change) -> None:
        """Carry out a change; nothing is changed when it does not fit.

        Raises
        ------
        ConflictError
            When the state is not what the change was made for.
        """
        self.check(change)
        for name, cells in change.cells.items():
            self.column(name)[cells.rows] = cells.after
            if name == "code":
                self._move_members(cells.groups())
        for cluster_id, (old, new) in change.clusters.items():
            if old is not None:
                self._id_of.pop(old.code, None)
            if new is None:
                self.clusters.pop(cluster_id, None)
        for cluster_id, (_, new) in change.clusters.items():
            if new is not None:
                self.clusters[cluster_id] = new
                self._id_of[new.code] = cluster_id
                self._next_code = max(self._next_code, new.code + 1)
        for name, cells in change.notes.items():
            column = self.notes[name]
            for row, (_, new) in cells.items():
                if new is None:
                    column.pop(row, None)
                else:
                    column[row] = new

    def replay(self, data: Mapping[str, Any]) -> bool:
        """Apply the JSON form of a change that moves one item and nothing else, as most edits do.

        Returns
        -------
        bool
            False when it is another change, or does not fit: hand it to :meth:`apply`, which says why.
        """
        cells = data.get("cells")
        if self._members is not None or len(data) != 1 or not cells or len(cells) != 1 or "code" not in cells:
            return False
        groups = cells["code"]
        if len(groups) != 1 or not groups[0][2].isdigit():
            return False
        before, after, row = groups[0][0], groups[0][1], int(groups[0][2])
        if row >= len(self) or self.codes[row] != before:
            return False
        self.codes[row] = after
        return True

    def check(self, change: Change) -> None:
        """Raise what :meth:`apply` would raise, and change nothing."""
        for name, cells in change.cells.items():
            if not len(cells.rows):
                continue
            fits = int(cells.rows[0]) >= 0 and int(cells.rows[-1]) < len(self)
            if not fits or not np.array_equal(self.column(name)[cells.rows], cells.before):
                raise ConflictError("items are not where this change expects them", hint="Reload the review.")
        for cluster_id, (old, _) in change.clusters.items():
            if self.clusters.get(cluster_id) != old:
                raise ConflictError(
                    f"cluster {cluster_id!r} has changed meanwhile", hint="Reload the review."
                )
        for name, cells in change.notes.items():
            if any(self.notes[name].get(row) != old for row, (old, _) in cells.items()):
                raise ConflictError(f"{name} have changed meanwhile", hint="Reload the review.")

    def _move_members(self, groups: list[tuple[int, int, Rows]]) -> None:
        if self._members is None:
            return  # not wanted yet, as in a replay: it is made from the codes when it is
        leaving: dict[int, list[Rows]] = {}
        coming: dict[int, list[Rows]] = {}
        for before, after, rows in groups:
            leaving.setdefault(before, []).append(rows)
            coming.setdefault(after, []).append(rows)
        for code, parts in leaving.items():
            gone = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
            left = self._members[code]
            self._members[code] = rowsets.EMPTY if len(gone) == len(left) else rowsets.without(left, gone)
        for code, parts in coming.items():
            new = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
            self._members[code] = rowsets.merge_sorted(self._members.get(code, rowsets.EMPTY), new)

    def append_items(self, codes: npt.NDArray[np.int32]) -> None:
        """Add rows at the end (pictures that are new in the folder)."""
        self.codes = np.concatenate((self.codes, codes.astype(np.int32)))
        self.home = np.concatenate((self.home, np.full(len(codes), NOISE_CODE, np.int32)))
        self._members = None

    def names_taken(self) -> dict[str, str]:
        """Cluster name → id."""
        return {record.name: record.id for record in self.clusters.values()}

    def equals(self, other: State) -> bool:
        """Whether both hold the same (forgotten ``home`` values aside)."""
        trashed = self.codes == TRASH_CODE
        return (
            np.array_equal(self.codes, other.codes)
            and np.array_equal(self.home[trashed], other.home[trashed])
            and self.clusters == other.clusters
            and self.notes == other.notes
        )

    def copy(self) -> State:
        """An independent copy."""
        twin = State(self.codes.copy(), self.clusters, self.home.copy(), self.notes)
        twin._next_code = self._next_code
        return twin
