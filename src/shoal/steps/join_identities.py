"""From tracks and small clusters to identities: joined by likeness, never against what is known."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.registry import entries
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.constraints import CANNOT, MUST, Constraints
from shoal.data.tables import Clusters, Embeddings
from shoal.errors import BadInputError
from shoal.steps.near_pairs import components
from shoal.steps.partitions import margins, number_by_size
from shoal.steps.reduction import finite_rows

__all__ = ["join_groups", "join_identities"]

_DEFAULT_SIMILARITY = 0.55
# All pairs of groups are held at once: 6,000 make 290 MB.
_MOST_GROUPS = 6_000

Labels = npt.NDArray[np.int32]


def join_groups(
    likeness: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    apart: npt.NDArray[np.bool_],
    *,
    least: float,
) -> npt.NDArray[np.int64]:
    """Join the two groups that are most alike, again and again, but never two that must stay apart.

    Parameters
    ----------
    likeness : ndarray of float64, shape (n, n)
        Mean similarity between the members of two groups; symmetric. Of a joined group it is the mean over
        all pairs of members (average linkage).
    sizes : ndarray of float64, shape (n,)
        Members.
    apart : ndarray of bool, shape (n, n)
        Groups that may not be joined, nor whatever they have been joined with; symmetric.
    least : float
        Likeness at which joining stops.

    Returns
    -------
    ndarray of int64, shape (n,)
        Lowest number of the groups that each has been joined with.
    """
    n = len(sizes)
    home = np.arange(n)
    if n < 2:
        return home
    alike, sizes, apart = likeness.copy(), sizes.astype(np.float64).copy(), apart.copy()
    open_to = np.where(apart, -np.inf, alike)
    np.fill_diagonal(open_to, -np.inf)
    best, at = open_to.max(axis=1), open_to.argmax(axis=1)
    while True:
        one = int(best.argmax())
        if best[one] < least:
            return home
        a, b = sorted((one, int(at[one])))
        joined = (alike[a] * sizes[a] + alike[b] * sizes[b]) / (sizes[a] + sizes[b])
        alike[a], alike[:, a] = joined, joined
        sizes[a] += sizes[b]
        apart[a] |= apart[b]
        apart[:, a] = apart[a]
        gone = ~np.isfinite(open_to[a]) & ~apart[a]  # itself, and groups that were joined before
        row = np.where(apart[a] | gone, -np.inf, joined)
        row[[a, b]] = -np.inf
        open_to[a], open_to[:, a] = row, row
        open_to[b], open_to[:, b] = -np.inf, -np.inf
        apart[b], apart[:, b] = False, False
        home[home == b] = a
        best[b] = -np.inf
        again = np.flatnonzero((at == a) | (at == b) | (row > best))
        again = again[best[again] > -np.inf] if len(again) else again
        again = np.union1d(again, [a])
        best[again], at[again] = open_to[again].max(axis=1), open_to[again].argmax(axis=1)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups of rows to begin with, and which of them must stay apart."""

    of_row: npt.NDArray[np.int64]
    apart: npt.NDArray[np.bool_]
    broken: int


def _renumbered(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64).ravel()


def _voted(tracks: npt.NDArray[np.int64], labels: Labels) -> npt.NDArray[np.int64]:
    """Give every must-linked group the cluster of most of its members; a group of noise stands alone."""
    n = int(labels.max(initial=-1)) + 1
    counts = np.zeros((int(tracks.max()) + 1, n + 1))
    np.add.at(counts, (tracks, np.where(labels < 0, n, labels)), 1.0)
    winner = counts[:, :n].argmax(axis=1) if n else np.zeros(len(counts), dtype=np.int64)
    alone = counts[:, :n].sum(axis=1) == 0
    return np.where(alone, n + np.arange(len(counts)), winner)[tracks]


def _groups(n: int, known: Constraints, paths: list[str], labels: Labels | None) -> _Groups:
    must, cannot = known.pairs(paths, MUST), known.pairs(paths, CANNOT)
    tracks = _renumbered(components(n, must[:, 0], must[:, 1]))
    groups = tracks
    if labels is not None and tracks.max(initial=-1) >= _MOST_GROUPS:
        voted = _renumbered(_voted(tracks, labels))
        # a cluster that holds two of one frame begins as its tracks
        torn = np.unique(voted[cannot[:, 0]][voted[cannot[:, 0]] == voted[cannot[:, 1]]])
        groups = _renumbered(np.where(np.isin(voted, torn), n + tracks, voted))
    count = int(groups.max(initial=-1)) + 1
    if count > _MOST_GROUPS:
        raise BadInputError(
            f"join_identities: {count} groups to begin with are too many to compare all of them",
            hint="Pass the result of shoal.cluster as clusters=, or link tracks first.",
        )
    apart = np.zeros((count, count), dtype=bool)
    a, b = groups[cannot[:, 0]], groups[cannot[:, 1]]
    apart[a, b] = apart[b, a] = True
    broken = int(np.diag(apart).sum())
    np.fill_diagonal(apart, False)
    return _Groups(groups, apart, broken)


def _calibrated(model: str) -> float:
    known = [e.threshold for e in entries("embedding") if e.name == model]
    return known[0] if known and known[0] is not None else _DEFAULT_SIMILARITY


def join_identities(
    embeddings: Embeddings,
    clusters: Clusters | None = None,
    *,
    constraints: Constraints | None = None,
    threshold: float | None = None,
    min_cluster_size: int = 5,
    progress: ProgressOption = True,
) -> Clusters:
    """Join what is one identity: first what is known to be, then what looks alike.

    Items that must be together (the tracks of a film) are one group from the start, so a whole track speaks
    with the mean of its members. Groups are joined by average similarity down to ``threshold``, never two
    that have members which cannot be together (two in one frame), so a frame of two characters keeps these
    apart however alike they are.

    Parameters
    ----------
    embeddings : Embeddings
        NaN rows become noise.
    clusters : Clusters, optional
        From `shoal.cluster`. Needed where there are more than 6,000 tracks and single items: then its
        clusters, and the tracks of those that contradict the constraints, are the groups to begin with.
    constraints : Constraints, optional
        From `shoal.film_constraints`; without it single items are the groups to begin with.
    threshold : float, optional
        Cosine similarity, −1..1, down to which groups are joined; default the model's calibrated one.
    min_cluster_size : int
        Smaller identities become noise.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Clusters
        Labels numbered by size; ``probability`` is the margin 1 − d₁/d₂ between the nearest two centroids.
        ``meta["contradictions"]`` counts groups that were known to be one and two at once; being one counts.

    Raises
    ------
    BadInputError
        Tables of different lengths, an argument out of range, or too many groups to compare.
    """
    if clusters is not None and len(clusters) != len(embeddings):
        raise BadInputError(
            f"join_identities: {len(embeddings)} embeddings, but {len(clusters)} labels",
            hint="Pass the clusters of these embeddings.",
        )
    least = _calibrated(embeddings.model) if threshold is None else threshold
    if not -1.0 <= least <= 1.0:
        raise BadInputError(f"threshold={least} is outside −1..1", hint="It is a cosine similarity.")
    if min_cluster_size < 1:
        raise BadInputError(f"min_cluster_size={min_cluster_size} is below 1", hint="Pass 1 or more.")
    started = time.perf_counter()
    rows = finite_rows(embeddings.vectors)
    labels = np.full(len(embeddings), -1, dtype=np.int32)
    probability = np.zeros(len(embeddings), dtype=np.float32)
    facts: dict[str, Any] = {"contradictions": 0, "groups": 0}
    with show("Joining identities", 1, progress, unit="runs") as bar:
        if len(rows):
            vectors = embeddings.vectors[rows]
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            paths = [embeddings.items.paths[row] for row in map(int, rows)]
            given = None if clusters is None else clusters.labels[rows]
            groups = _groups(len(rows), constraints or Constraints(), paths, given)
            home = join_groups(*_likeness(vectors, groups), groups.apart, least=least)
            labels[rows] = number_by_size(home[groups.of_row], least=min_cluster_size)
            probability[rows] = margins(vectors, labels[rows])
            facts = {"contradictions": groups.broken, "groups": len(groups.apart)}
        bar.update()
    known = 0 if constraints is None else len(constraints)
    meta = {"threshold": least, "min_cluster_size": min_cluster_size, "constraints": known, **facts}
    meta["seconds"] = round(time.perf_counter() - started, 3)
    return Clusters(labels=labels, probability=probability, method="identities", meta=meta)


def _likeness(
    vectors: npt.NDArray[np.float32], groups: _Groups
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean cosine between the members of all groups, from their sums; and the groups' sizes."""
    n = len(groups.apart)
    sums = np.zeros((n, vectors.shape[1]), dtype=np.float64)
    np.add.at(sums, groups.of_row, vectors)
    sizes = np.bincount(groups.of_row, minlength=n).astype(np.float64)
    return (sums @ sums.T) / np.outer(sizes, sizes), sizes
