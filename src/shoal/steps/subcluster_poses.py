"""Pose buckets within each identity: the views, and in each the ways of standing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.seeds import derived_seed
from shoal.data.tables import Clusters, Items
from shoal.errors import BadInputError
from shoal.steps.estimate_poses import Poses
from shoal.steps.partitions import number_by_size, package, score_partition
from shoal.steps.pose_geometry import normalised

__all__ = ["subcluster_poses"]

_LEAST_SEEN = 8  # keypoints of a pose that can be compared
_LEAST_SCORE = 0.25  # silhouette from which two buckets are better than one


def _filled(poses: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give points that are not seen the mean of those that are, so that they count for nothing."""
    flat = poses.reshape(len(poses), -1)
    seen = ~np.isnan(flat)
    mean = np.where(seen, flat, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, flat, mean).astype(np.float32)


def _buckets(poses: npt.NDArray[np.float32], most: int, least: int, seed: int) -> npt.NDArray[np.int32]:
    """Part poses (n, 17, 2) into as many buckets as fit best."""
    flat = _filled(poses)
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


def _silhouette(flat: npt.NDArray[np.float32], labels: npt.NDArray[np.int32], seed: int) -> float:
    if len(flat) > 2000:
        return score_partition(flat - flat.mean(axis=0), labels, seed)
    metrics = package("sklearn.metrics")
    return float(metrics.silhouette_score(flat, labels))


def subcluster_poses(
    poses: Poses,
    *,
    identities: Clusters | Sequence[str] | None = None,
    most: int = 4,
    min_size: int = 5,
    seed: int = 0,
    progress: ProgressOption = True,
) -> Items:
    """Part the items of each identity by view and pose.

    Parameters
    ----------
    poses : Poses
        From `shoal.estimate_poses`, or `Poses.of` recorded keypoints.
    identities : Clusters or sequence of str, optional
        Whose each item is; default all are one.
    most : int
        Most buckets of one view of one identity.
    min_size : int
        Least items of a bucket.
    seed : int
        The same seed gives the same buckets.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Items
        With the columns ``view`` and ``pose`` (str, like ``"profile_1"``, numbered by size within the view;
        ``""`` where too few keypoints are seen).

    Raises
    ------
    BadInputError
        Lengths differ, or an argument is out of range.
    """
    if most < 1 or min_size < 1:
        raise BadInputError(f"most={most}, min_size={min_size} is below 1", hint="Pass 1 or more.")
    n = len(poses)
    names: list[str] = [""] * n
    if isinstance(identities, Clusters):
        names = [str(label) for label in identities.labels.tolist()]
    elif identities is not None:
        names = list(identities)
    if len(names) != n:
        raise BadInputError(
            f"subcluster_poses: {n} poses, but {len(names)} identities", hint="Pass one for each item."
        )
    views = poses.items.columns["view"].tolist()
    shapes = np.stack([normalised(p) for p in poses.keypoints]) if n else np.empty((0, 17, 2), np.float32)
    enough = (~np.isnan(shapes[..., 0])).sum(axis=1) >= _LEAST_SEEN
    groups: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(enough).tolist():
        groups.setdefault((names[row], views[row]), []).append(row)
    bucket = [""] * n
    with show("Parting poses", len(groups), progress, unit="groups") as bar:
        for (_, view), rows in sorted(groups.items()):
            for row, number in zip(rows, _buckets(shapes[rows], most, min_size, seed).tolist(), strict=True):
                bucket[row] = f"{view or 'unknown'}_{number}"
            bar.update()
    return poses.items.with_columns(pose=np.asarray(bucket, dtype=np.str_) if n else np.empty(0, dtype="U1"))
