"""What is written beside the folders of clusters: the report for people, the arrays for the review."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Clusters, Embeddings, Items

__all__ = ["NOISE", "TRASH", "Contents", "report", "save_vectors"]

NOISE, TRASH = "noise", "trash"
_VERSION = 1
_CARRIED = ("time_s", "shot", "frame", "sharpness", "track", "reason", "nsfw", "view", "pose")


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that is written, row by row."""

    items: Items
    clusters: Clusters
    names: list[str]
    folders: list[str]
    paths: list[str]
    xy: npt.NDArray[np.float32]


def strength(held: Contents, row: int) -> float:
    """Membership probability of a row; 0 for what was rejected."""
    return float(held.clusters.probability[row]) if row < len(held.clusters) else 0.0


def _number(value: Any, digits: int = 6) -> float | None:
    """Round a float for JSON, which has no NaN."""
    return round(float(value), digits) if np.isfinite(value) else None


def _listed(held: Contents, row: int) -> dict[str, Any]:
    columns = held.items.columns
    entry: dict[str, Any] = {
        "file": PurePosixPath(held.paths[row]).name,
        "original": held.items.paths[row],
        "probability": _number(strength(held, row), 4),
        "x": _number(held.xy[row, 0], 4),
        "y": _number(held.xy[row, 1], 4),
    }
    for name in ("source", "instance", "shot", "frame", "time_s", "sharpness", "track", "reason"):
        if name in columns:
            value = columns[name][row].item()
            entry[name] = _number(value) if isinstance(value, float) else value
    return entry


def _cover(held: Contents, name: str, rows: list[int]) -> int | None:
    """Row whose picture stands for a cluster: its medoid, or the one that belongs to it most."""
    if not rows or name in (NOISE, TRASH):
        return None
    number = held.names.index(name)
    if number < len(held.clusters.medoids):
        return int(held.clusters.medoids[number])
    return min(rows, key=lambda row: (-strength(held, row), row))


def report(held: Contents, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what ``cluster_report.json`` holds."""
    rows_of: dict[str, list[int]] = {name: [] for name in [*held.names, NOISE, TRASH]}
    for row, folder in enumerate(held.folders):
        rows_of[folder].append(row)
    listed: list[dict[str, Any]] = []
    for name, rows in rows_of.items():
        shown = _cover(held, name, rows)
        listed.append(
            {
                "name": name,
                "size": len(rows),
                "cover": None if shown is None else PurePosixPath(held.paths[shown]).name,
                "items": [_listed(held, row) for row in rows],
            }
        )
    return {
        "version": _VERSION,
        "items": len(held.items),
        "n_clusters": len(held.names),
        "noise_share": round(held.clusters.noise_share, 4),
        **facts,
        "clusters": [entry for entry in listed if entry["name"] not in (NOISE, TRASH)],
        "noise": next(entry for entry in listed if entry["name"] == NOISE),
        **({"trash": listed[-1]} if rows_of[TRASH] else {}),
    }


def save_vectors(path: Path, held: Contents, embeddings: Embeddings | None) -> None:
    """Write the arrays that the review needs, without any pickled object.

    ``paths_blob`` holds the paths (relative to the clustered folder, UTF-8, lone surrogates passed through)
    end to end, path i from ``paths_offsets[i]`` to ``paths_offsets[i + 1]``. ``tree_*`` are the fields of the
    `ClusterTree` that the clusters were chosen from.
    """
    encoded = [item.encode("utf-8", "surrogatepass") for item in held.paths]
    arrays: dict[str, npt.NDArray[Any]] = {
        "paths_blob": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "paths_offsets": np.concatenate([[0], np.cumsum([len(e) for e in encoded])]).astype(np.int64),
        "xy": held.xy.astype(np.float32),
        "probability": np.array([strength(held, row) for row in range(len(held.items))], dtype=np.float32),
    }
    if embeddings is not None:
        none = np.full((len(held.items) - len(embeddings), embeddings.vectors.shape[1]), np.nan)
        arrays["vectors"] = np.concatenate([embeddings.vectors, none]).astype(np.float16)
    arrays.update({name: held.items.columns[name] for name in _CARRIED if name in held.items.columns})
    arrays.update(_tree_arrays(held))
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _tree_arrays(held: Contents) -> dict[str, npt.NDArray[Any]]:
    """Exemplars and the condensed tree, where the clusters have them; rejected items are in none."""
    clusters, more = held.clusters, len(held.items) - len(held.clusters)
    arrays: dict[str, npt.NDArray[Any]] = {}
    if clusters.exemplar is not None:
        arrays["exemplar"] = np.concatenate([clusters.exemplar, np.zeros(more, dtype=bool)])
    if clusters.tree is not None:
        tree = clusters.tree
        arrays["tree_home"] = np.concatenate([tree.home, np.full(more, -1, dtype=np.int32)])
        arrays["tree_left"] = np.concatenate([tree.left, np.zeros(more, dtype=np.float32)])
        arrays.update(tree_parent=tree.parent, tree_born=tree.born, tree_chosen=tree.chosen)
    return arrays
