"""From new groups to the clusters there are, so that names, covers and colours stay whose they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["match"]

Codes = npt.NDArray[np.int32]
PINNED = 1_000


def match(before: Codes, labels: npt.NDArray[np.integer], pinned: npt.NDArray[np.bool_]) -> dict[int, int]:
    """Which cluster each new group continues.

    Parameters
    ----------
    before : ndarray of int32, shape (n_items,)
        Cluster of each item now; negative for none.
    labels : ndarray of int, shape (n_items,)
        New group of each item; negative for none.
    pinned : ndarray of bool, shape (n_items,)
        Items that must stay: each counts as a thousand.

    Returns
    -------
    dict of int to int
        Group → code, one to one, the largest overlap first; groups that continue nothing are left out.
    """
    both = (before >= 0) & (labels >= 0)
    pairs, at = np.unique(np.stack([labels[both], before[both]]), axis=1, return_inverse=True)
    weight = np.bincount(at.ravel(), np.where(pinned[both], PINNED, 1), minlength=pairs.shape[1])
    found: dict[int, int] = {}
    taken: set[int] = set()
    for place in np.lexsort((pairs[1], pairs[0], -weight)).tolist():
        group, code = int(pairs[0, place]), int(pairs[1, place])
        if group not in found and code not in taken:
            found[group] = code
            taken.add(code)
    return found
