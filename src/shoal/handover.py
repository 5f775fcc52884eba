"""Where the pipeline ends and the review begins: the one place that hands from one room to the other."""

from __future__ import annotations

import os
from concurrent.futures import Executor
from typing import Literal

from shoal.compute.progress import ProgressOption
from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
from shoal.review.review import Review, open_review

__all__ = ["write_clusters"]


def write_clusters(
    items: Items | Shots,
    clusters: Clusters,
    projection: Projection | None = None,
    *,
    out: str | os.PathLike[str],
    embeddings: Embeddings | None = None,
    copy: Literal["copy", "link"] = "copy",
    prefix: str = "character",
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Review:
    """Write clusters as folders and open them for review.

    Parameters
    ----------
    items : Items or Shots
        What was clustered.
    clusters : Clusters
        Labels and probabilities, one a row of ``items``.
    projection : Projection, optional
        The map; without it the browser has none, and no ``clusters.png`` is drawn.
    out : path
        Folder for ``character_0/`` …, ``noise/``, ``cluster_report.json`` and ``clusters.png``.
    embeddings : Embeddings, optional
        Vectors to keep for similarity, cohesion and suggestions.
    copy : {"copy", "link"}
        Copy the pictures, or make hard links (no space, same file system only).
    prefix : str
        Names are ``<prefix>_<number>``, numbered by size.
    force : bool
        Write even if ``out`` holds something; the old folder is kept beside it under another name.
    executor : concurrent.futures.Executor, optional
        Where files are copied; default a few threads.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Review
        The folder, open for review.

    Raises
    ------
    BadInputError
        Tables of different lengths, a bad prefix, or a file that cannot be copied.
    ExistsError
        ``out`` is not empty and ``force`` is false.
    MissingError
        A picture is gone.
    """
    from shoal.steps.write_clusters import write_clusters as write

    folder = write(
        items,
        clusters,
        projection,
        out=out,
        embeddings=embeddings,
        copy=copy,
        prefix=prefix,
        force=force,
        executor=executor,
        progress=progress,
    )
    return open_review(folder)
