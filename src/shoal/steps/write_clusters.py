"""From labels to a review: one folder a cluster, a report, a picture of the map, opened for correction."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import record_parameters, write_json
from shoal.data.constraints import CONSTRAINTS_NAME, Constraints, film_constraints
from shoal.data.tables import Clusters, Column, Embeddings, Items, Projection, Shots
from shoal.errors import BadInputError, ExistsError, MissingError
from shoal.review.review import Review, open_review
from shoal.steps.cluster_report import NOISE, TRASH, Contents, report, save_vectors
from shoal.steps.map_picture import draw_map

__all__ = ["write_clusters"]

REPORT_NAME = "cluster_report.json"
VECTORS_NAME = ".shoal/vectors.npz"


def _file_names(paths: tuple[str, ...]) -> list[str]:
    """Give every item a file name that no other item has, in any cluster and on any file system.

    Names that are equal but for case get their folders as a prefix, and a number where even that is not
    enough. So an item can be moved between any two clusters and keep its name.
    """
    names = [PurePosixPath(path).name for path in paths]
    counts: dict[str, int] = {}
    for name in names:
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    used: set[str] = set()
    result: list[str] = []
    for path, name in zip(paths, names, strict=True):
        folders = [part for part in PurePosixPath(path).parts if part != ".."]
        wanted = name if counts[name.casefold()] == 1 else "_".join(folders)
        stem, suffix = os.path.splitext(wanted)  # noqa: PTH122 - a name that is not a path of this system
        candidate, n = wanted, 2
        while candidate.casefold() in used:
            candidate, n = f"{stem}__{n}{suffix}", n + 1
        used.add(candidate.casefold())
        result.append(candidate)
    return result


def _copy(task: tuple[Path, Path, str]) -> None:
    source, target, how = task
    try:
        if how == "link":
            os.link(source.resolve(), target)
        else:
            shutil.copy2(source, target)
    except FileNotFoundError as error:
        raise MissingError(
            f"{str(source)!r} does not exist", hint="Make the items again from the folder."
        ) from error
    except OSError as error:
        raise BadInputError(
            f"{str(source)!r} could not be brought to {target.name!r}: {error.strerror}",
            hint='Links need one file system: pass copy="copy". Otherwise check space and permissions.',
        ) from error


def _check(
    items: Items, clusters: Clusters, projection: Projection | None, embeddings: Embeddings | None
) -> None:
    for what, table in (("clusters", clusters), ("projection", projection), ("embeddings", embeddings)):
        if table is not None and len(table) != len(items):
            raise BadInputError(
                f"write_clusters: {len(items)} items, but {what} has {len(table)} rows",
                hint="Pass the tables that were made from these items.",
            )


def _column_of(items: Items, name: str, like: Column) -> Column:
    """A column, or where there is none one that says nothing: NaN, −1, an empty text."""
    if name in items.columns:
        return items.columns[name]
    nothing: Any = {"f": np.nan, "U": "", "b": False}.get(like.dtype.kind, -1)
    return np.full((len(items), *like.shape[1:]), nothing, dtype=like.dtype)


def _with_rejected(items: Items, rejected: Items | None) -> Items:
    """One table of both, rejected ones last; paths stay relative to the items' folder."""
    if rejected is None or not len(rejected):
        return items
    if "reason" not in rejected.columns:
        raise BadInputError(
            "write_clusters: the rejected items have no column 'reason'", hint="Say why each was rejected."
        )
    paths = [Path(os.path.relpath(rejected.file(row), items.root)).as_posix() for row in range(len(rejected))]
    columns = {
        name: np.concatenate([values, _column_of(rejected, name, values)])
        for name, values in items.columns.items()
    }
    columns["reason"] = np.concatenate([np.full(len(items), "", dtype="U1"), rejected.columns["reason"]])
    return Items(items.root, [*items.paths, *paths], columns, items.meta)


def _known(held: Contents, n: int, given: Constraints | None) -> Constraints:
    """The constraints under the paths of the review."""
    known = film_constraints(held.items.take(np.arange(n))) if given is None else given
    return known.renamed(dict(zip(held.items.paths, held.paths, strict=True)))


def _contents(items: Items, clusters: Clusters, projection: Projection | None, prefix: str) -> Contents:
    names = [f"{prefix}_{number}" for number in range(clusters.n_clusters)]
    folders = [names[label] if label >= 0 else NOISE for label in map(int, clusters.labels)]
    folders += [TRASH] * (len(items) - len(folders))
    files = _file_names(tuple(items.paths))
    paths = [f"{folder}/{file}" for folder, file in zip(folders, files, strict=True)]
    xy = np.full((len(items), 2), np.nan, dtype=np.float32)
    if projection is not None:
        xy[: len(projection)] = projection.xy
    return Contents(items, clusters, names, folders, paths, xy)


def _aside(out: Path) -> Path:
    """A free name beside ``out`` for the folder that stood there before."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    candidate, n = out.with_name(f"{out.name}.before-{stamp}"), 2
    while candidate.exists():
        candidate, n = out.with_name(f"{out.name}.before-{stamp}-{n}"), n + 1
    return candidate


def _put_in_place(made: Path, out: Path) -> Path | None:
    """Rename the finished folder to ``out``; an older one is moved aside, never removed."""
    moved: Path | None = None
    if out.exists():
        if any(out.iterdir()):
            moved = _aside(out)
            out.rename(moved)
        else:
            out.rmdir()
    try:
        made.rename(out)
    except BaseException:
        if moved is not None:
            moved.rename(out)
        raise
    return moved


def _lasting(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run: the same input gives the same bytes."""
    return {name: value for name, value in meta.items() if name not in ("seconds", "from_cache")}


def _facts(
    items: Items, clusters: Clusters, projection: Projection | None, embeddings: Embeddings | None
) -> dict[str, Any]:
    return {
        "method": clusters.method,
        "parameters": _lasting(clusters.meta),
        "projection": None
        if projection is None
        else {"method": projection.method, **_lasting(projection.meta)},
        "model": None if embeddings is None else embeddings.model,
        "film": items.meta.get("film"),
    }


def write_clusters(
    items: Items | Shots,
    clusters: Clusters,
    projection: Projection | None = None,
    *,
    out: str | os.PathLike[str],
    embeddings: Embeddings | None = None,
    constraints: Constraints | None = None,
    rejected: Items | None = None,
    copy: Literal["copy", "link"] = "copy",
    prefix: str = "character",
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Review:
    """Write clusters as folders and open them for review.

    The folder is made under a temporary name beside ``out`` and renamed when it is whole, so ``out`` is never
    half written. With ``force`` an older ``out`` is renamed to ``<out>.before-<time>``: it may hold
    somebody's corrections, so it is kept.

    Parameters
    ----------
    items : Items or Shots
        What was clustered.
    clusters : Clusters
        Labels and probabilities, one a row of ``items``.
    projection : Projection, optional
        The map; without it no ``clusters.png`` is drawn.
    out : path
        Folder for ``character_0/`` …, ``noise/``, ``cluster_report.json``, ``clusters.png`` and
        ``.shoal/vectors.npz``.
    embeddings : Embeddings, optional
        Vectors to keep for suggestions and splits.
    constraints : Constraints, optional
        What is known of pairs of items, kept for the review; default what the items' tracks and frames tell
        (`shoal.film_constraints`).
    rejected : Items, optional
        What was not clustered, with the column ``reason`` (from `shoal.read_rejected`, `shoal.gate`): it lies
        in ``trash/``, where the review shows it and can restore it.
    copy : {"copy", "link"}
        Copy the pictures, or make hard links (no space, same file system only; editing one then edits both).
    prefix : str
        Names are ``<prefix>_<number>``.
    force : bool
        Write even if ``out`` holds something; see above.
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
    table = items.frames if isinstance(items, Shots) else items
    target = Path(out)
    _check(table, clusters, projection, embeddings)
    if not prefix or not prefix.replace("_", "").replace("-", "").isalnum():
        raise BadInputError(f"prefix={prefix!r} is no plain name", hint="Use letters, digits, - and _.")
    if copy not in ("copy", "link"):
        raise BadInputError(f"copy={copy!r} is unknown", hint='Pass "copy" or "link".')
    if target.exists() and not target.is_dir():
        raise BadInputError(f"out={str(target)!r} is a file", hint="Name a folder.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise ExistsError(
            f"{str(target)!r} already holds files",
            hint="Pass force=True (the old folder is kept beside it under another name), or another out=.",
        )
    started = time.perf_counter()
    held = _contents(_with_rejected(table, rejected), clusters, projection, prefix)
    known = _known(held, len(table), constraints)
    facts = _facts(table, clusters, projection, embeddings)

    def fill(folder: Path) -> None:
        _copy_all(held, folder, copy, executor, progress)
        write_json(folder / REPORT_NAME, report(held, facts))
        save_vectors(folder / VECTORS_NAME, held, embeddings)
        if len(known):
            known.write(folder / ".shoal" / CONSTRAINTS_NAME)
        if projection is not None:
            draw_map(projection.xy, clusters.labels, held.names).save(folder / "clusters.png", optimize=True)
        params = {"copy": copy, "prefix": prefix, **facts}
        record_parameters(
            folder, "write_clusters", params, seconds=time.perf_counter() - started, items=len(held.items)
        )

    _make(target, fill)
    return open_review(target)


def _make(target: Path, fill: Callable[[Path], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.making-"))
    try:
        making.chmod(0o755)
        fill(making)
        _put_in_place(making, target)
    finally:
        # Only copies that were made here; after success the name is gone.
        shutil.rmtree(making, ignore_errors=True)


def _copy_all(
    held: Contents, folder: Path, how: str, executor: Executor | None, option: ProgressOption
) -> None:
    for name in dict.fromkeys([*held.names, NOISE, *held.folders]):
        (folder / name).mkdir()
    tasks = ((held.items.file(row), folder / path, how) for row, path in enumerate(held.paths))
    with (
        reading_threads(executor) as pool,
        show("Writing clusters", len(held.paths), option, unit="pictures") as bar,
    ):
        for _ in map_ordered(_copy, tasks, executor=pool, window=64):
            bar.update()
