"""Pose buckets within each identity: the views, in each the ways of standing, without keypoints the looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Clusters, Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps.estimate_poses import Poses
from shoal.steps.partitions import number_by_size, package, score_partition
from shoal.steps.pose_geometry import normalised
from shoal.steps.reduction import principal_components

__all__ = ["subcluster_poses"]

_LEAST_SEEN = 8  # keypoints of a pose that can be compared
_LEAST_SCORE = 0.25  # silhouette from which two buckets are better than one
_LOOK_DIMS = 10

Floats = npt.NDArray[np.float32]
Points = Callable[[npt.NDArray[np.int64]], Floats]


def _filled(poses: Floats) -> Floats:
    """Give points that are not seen the mean of those that are, so that they count for nothing."""
    flat = poses.reshape(len(poses), -1)
    seen = ~np.isnan(flat)
    mean = np.where(seen, flat, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, flat, mean).astype(np.float32)


def _looks(vectors: Floats) -> Floats:
    """Vectors of one group in their own ten directions, where how somebody is turned tells most."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return principal_components(unit.astype(np.float32), _LOOK_DIMS)


def _buckets(flat: Floats, most: int, least: int, seed: int) -> npt.NDArray[np.int32]:
    """Part points (n, d) into as many buckets as fit best."""
    best, labels = _LEAST_SCORE, np.zeros(len(flat), dtype=np.int32)
    clusterers = package("sklearn.cluster")
    distinct = len(np.unique(flat, axis=0))
    for k in range(2, min(most, len(flat) // least, distinct - 1) + 1):
        model = clusterers.KMeans(k, n_init=4, random_state=derived_seed(seed, "poses", k))
        found = np.asarray(model.fit_predict(flat.astype(np.float64)), dtype=np.int32)
        if np.bincount(found).min() < least:
            continue
        score = _silhouette(flat, found, seed)
        if score > best:
            best, labels = score, found
    return number_by_size(labels)


def _silhouette(flat: Floats, labels: npt.NDArray[np.int32], seed: int) -> float:
    if len(flat) > 2000:
        return score_partition(flat - flat.mean(axis=0), labels, seed)
    metrics = package("sklearn.metrics")
    return float(metrics.silhouette_score(flat, labels))


def _names(identities: Clusters | Sequence[str] | None, n: int) -> list[str]:
    names = [""] * n
    if isinstance(identities, Clusters):
        names = [str(label) for label in identities.labels.tolist()]
    elif identities is not None:
        names = list(identities)
    if len(names) != n:
        raise BadInputError(
            f"subcluster_poses: {n} poses, but {len(names)} identities", hint="Pass one for each item."
        )
    return names


def _kinds(poses: Poses | Items, embeddings: Embeddings | None) -> list[tuple[npt.NDArray[np.bool_], Points]]:
    """Which items are parted by keypoints, which by vectors; and the points of each kind for some rows."""
    shapes = np.full((len(poses), 17, 2), np.nan, dtype=np.float32)
    if isinstance(poses, Poses) and len(poses):
        shapes = np.stack([normalised(p) for p in poses.keypoints])
    posed = (~np.isnan(shapes[..., 0])).sum(axis=1) >= _LEAST_SEEN
    kinds: list[tuple[npt.NDArray[np.bool_], Points]] = [(posed, lambda rows: _filled(shapes[rows]))]
    if embeddings is not None:
        vectors = embeddings.vectors
        kinds.append((~posed & np.isfinite(vectors).all(axis=1), lambda rows: _looks(vectors[rows])))
    return kinds


def subcluster_poses(
    poses: Poses | Items,
    *,
    identities: Clusters | Sequence[str] | None = None,
    embeddings: Embeddings | None = None,
    most: int = 4,
    min_size: int = 5,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Items:
    """Part the items of each identity by view, and within each view by pose or by looks.

    Keypoints part by pose. Items without them are parted by their vectors: within one identity and view these
    tell mostly how somebody is turned and lit.

    Parameters
    ----------
    poses : Poses or Items
        From `shoal.estimate_poses`, or `Poses.of` recorded keypoints. Without keypoints the cut-outs
        themselves; views are in their column ``view`` if they have it (from `shoal.views_of_faces`).
    identities : Clusters or sequence of str, optional
        Whose each item is; default all are one.
    embeddings : Embeddings, optional
        Of the same items, for those without keypoints. Without them these get no bucket.
    most : int
        Most buckets of one view of one identity, of each kind.
    min_size : int
        Least items of a bucket.
    seed : int
        The same seed gives the same buckets.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Items
        With the columns ``view`` and ``pose`` (str, like ``"profile_1"``, or ``"unknown_0"`` where the view
        is not known; numbered by size within the view, those by looks after those by keypoints; ``""`` where
        too few keypoints are seen and there is no vector).

    Raises
    ------
    BadInputError
        Lengths differ, or an argument is out of range.
    """
    if most < 1 or min_size < 1:
        raise BadInputError(f"most={most}, min_size={min_size} is below 1", hint="Pass 1 or more.")
    n = len(poses)
    names = _names(identities, n)
    if embeddings is not None and len(embeddings) != n:
        raise BadInputError(
            f"subcluster_poses: {n} poses, but {len(embeddings)} embeddings", hint="Pass those of the items."
        )
    items = poses.items if isinstance(poses, Poses) else poses
    views = items.columns["view"].tolist() if "view" in items.columns else [""] * n
    kinds = _kinds(poses, embeddings)
    groups: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(np.any([mask for mask, _ in kinds], axis=0)).tolist():
        groups.setdefault((names[row], views[row]), []).append(row)
    bucket = [""] * n
    with show("Parting poses", len(groups), progress, unit="groups") as bar:
        for (_, view), members in sorted(groups.items()):
            first, rows = 0, np.asarray(members)
            for mine, points in ((rows[mask[rows]], points) for mask, points in kinds):
                if not len(mine):
                    continue
                numbers = first + _buckets(points(mine), most, min_size, seed)
                for row, number in zip(mine.tolist(), numbers.tolist(), strict=True):
                    bucket[row] = f"{view or 'unknown'}_{number}"
                first = int(numbers.max()) + 1
            bar.update()
    as_text = np.asarray([views, bucket], dtype=np.str_) if n else np.empty((2, 0), dtype="U1")
    return items.with_columns(view=as_text[0], pose=as_text[1])
