"""Turn piles of pictures into clean, named groups.

The public names live in the rooms below and are loaded when first used, so that ``import shoal`` costs next
to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.compute.presets import load_preset
    from shoal.data.constraints import Constraints, film_constraints
    from shoal.data.faces import Faces
    from shoal.data.listing import list_pictures
    from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
    from shoal.data.vector_files import export_vectors, import_vectors
    from shoal.errors import ShoalError
    from shoal.export.dataset import Dataset, check_dataset, export_dataset
    from shoal.figures.cluster_sheet import cluster_sheet
    from shoal.figures.contact_sheet import contact_sheet
    from shoal.figures.timeline import timeline
    from shoal.models import models
    from shoal.night.run import Night, night_run
    from shoal.review.exchange import load_clusters, save_clusters
    from shoal.review.outside import Applied, apply_changes, export_changes
    from shoal.review.recluster import Reclustering, recluster
    from shoal.review.review import Review, open_review
    from shoal.steps.cluster import cluster
    from shoal.steps.cluster_identities import cluster_identities
    from shoal.steps.detect_faces import detect_faces
    from shoal.steps.embed import embed
    from shoal.steps.embed_faces import embed_faces
    from shoal.steps.estimate_poses import Poses, estimate_poses, views_of_faces
    from shoal.steps.extract_frames import extract_frames
    from shoal.steps.find_duplicates import Duplicates, find_duplicates
    from shoal.steps.gate import Gated, gate, score_nsfw
    from shoal.steps.join_identities import join_identities
    from shoal.steps.neighbours import NeighbourGraph, neighbours
    from shoal.steps.project import project
    from shoal.steps.quantise import Quantised, quantise
    from shoal.steps.sample_shots import sample_shots
    from shoal.steps.search import search
    from shoal.steps.segment import segment
    from shoal.steps.segmented import read_rejected
    from shoal.steps.subcluster_poses import subcluster_poses
    from shoal.steps.tracks import link_tracks
    from shoal.steps.write_clusters import write_clusters
    from shoal.widgets.browser import Browser, browse
    from shoal.widgets.page import write_page
    from shoal.widgets.queue import Queue, queue

__version__ = "0.1.0"

_HOME = {
    "Applied": "shoal.review.outside",
    "Browser": "shoal.widgets.browser",
    "Clusters": "shoal.data.tables",
    "Constraints": "shoal.data.constraints",
    "Dataset": "shoal.export.dataset",
    "Duplicates": "shoal.steps.find_duplicates",
    "Embeddings": "shoal.data.tables",
    "Faces": "shoal.data.faces",
    "Gated": "shoal.steps.gate",
    "Items": "shoal.data.tables",
    "NeighbourGraph": "shoal.steps.neighbours",
    "Night": "shoal.night.run",
    "Poses": "shoal.steps.estimate_poses",
    "Projection": "shoal.data.tables",
    "Quantised": "shoal.steps.quantise",
    "Queue": "shoal.widgets.queue",
    "Reclustering": "shoal.review.recluster",
    "Review": "shoal.review.review",
    "ShoalError": "shoal.errors",
    "Shots": "shoal.data.tables",
    "apply_changes": "shoal.review.outside",
    "browse": "shoal.widgets.browser",
    "check_dataset": "shoal.export.dataset",
    "cluster": "shoal.steps.cluster",
    "cluster_identities": "shoal.steps.cluster_identities",
    "cluster_sheet": "shoal.figures.cluster_sheet",
    "contact_sheet": "shoal.figures.contact_sheet",
    "detect_faces": "shoal.steps.detect_faces",
    "embed": "shoal.steps.embed",
    "embed_faces": "shoal.steps.embed_faces",
    "estimate_poses": "shoal.steps.estimate_poses",
    "export_changes": "shoal.review.outside",
    "export_dataset": "shoal.export.dataset",
    "export_vectors": "shoal.data.vector_files",
    "extract_frames": "shoal.steps.extract_frames",
    "film_constraints": "shoal.data.constraints",
    "find_duplicates": "shoal.steps.find_duplicates",
    "gate": "shoal.steps.gate",
    "import_vectors": "shoal.data.vector_files",
    "join_identities": "shoal.steps.join_identities",
    "link_tracks": "shoal.steps.tracks",
    "list_pictures": "shoal.data.listing",
    "load_clusters": "shoal.review.exchange",
    "load_preset": "shoal.compute.presets",
    "models": "shoal.models",
    "neighbours": "shoal.steps.neighbours",
    "night_run": "shoal.night.run",
    "open_review": "shoal.review.review",
    "project": "shoal.steps.project",
    "quantise": "shoal.steps.quantise",
    "queue": "shoal.widgets.queue",
    "read_rejected": "shoal.steps.segmented",
    "recluster": "shoal.review.recluster",
    "sample_shots": "shoal.steps.sample_shots",
    "save_clusters": "shoal.review.exchange",
    "score_nsfw": "shoal.steps.gate",
    "search": "shoal.steps.search",
    "segment": "shoal.steps.segment",
    "subcluster_poses": "shoal.steps.subcluster_poses",
    "timeline": "shoal.figures.timeline",
    "views_of_faces": "shoal.steps.estimate_poses",
    "write_clusters": "shoal.steps.write_clusters",
    "write_page": "shoal.widgets.page",
}
"""Where each public name lives. Keep it, the block above and ``__all__`` the same; a test compares them."""

__all__ = [
    "Applied",
    "Browser",
    "Clusters",
    "Constraints",
    "Dataset",
    "Duplicates",
    "Embeddings",
    "Faces",
    "Gated",
    "Items",
    "NeighbourGraph",
    "Night",
    "Poses",
    "Projection",
    "Quantised",
    "Queue",
    "Reclustering",
    "Review",
    "ShoalError",
    "Shots",
    "apply_changes",
    "browse",
    "check_dataset",
    "cluster",
    "cluster_identities",
    "cluster_sheet",
    "contact_sheet",
    "detect_faces",
    "embed",
    "embed_faces",
    "estimate_poses",
    "export_changes",
    "export_dataset",
    "export_vectors",
    "extract_frames",
    "film_constraints",
    "find_duplicates",
    "gate",
    "import_vectors",
    "join_identities",
    "link_tracks",
    "list_pictures",
    "load_clusters",
    "load_preset",
    "models",
    "neighbours",
    "night_run",
    "open_review",
    "project",
    "quantise",
    "queue",
    "read_rejected",
    "recluster",
    "sample_shots",
    "save_clusters",
    "score_nsfw",
    "search",
    "segment",
    "subcluster_poses",
    "timeline",
    "views_of_faces",
    "write_clusters",
    "write_page",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'shoal' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
