"""One title through every stage, each done once: what was finished before is read, not made again."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from shoal.compute.progress import ProgressOption
from shoal.compute.runs import as_json, write_json
from shoal.data.constraints import film_constraints
from shoal.data.listing import list_pictures
from shoal.data.tables import Clusters, Embeddings, Items, Projection, Shots
from shoal.errors import BadInputError, ExistsError, MissingError
from shoal.export.dataset import export_dataset
from shoal.night.figures import FIGURES_NAME, draw_figures
from shoal.night.gates import all_rejected, gated, reasons
from shoal.night.tables import Table, load_table, save_table
from shoal.review.review import Review, open_review
from shoal.steps.cluster import cluster
from shoal.steps.embed import embed
from shoal.steps.extract_frames import extract_frames
from shoal.steps.film import open_film
from shoal.steps.find_duplicates import find_duplicates
from shoal.steps.join_identities import join_identities
from shoal.steps.project import project
from shoal.steps.segment import segment
from shoal.steps.segmented import RESULTS_NAME, read_rejected
from shoal.steps.write_clusters import write_clusters

__all__ = ["Work", "run_title"]

DONE_NAME = "stages.json"
Step = Callable[[bool], Any]
"""Does a stage; told whether what lies in its folder may be replaced."""


@dataclass(slots=True)
class Work:
    """One title being worked on.

    Parameters
    ----------
    name : str
        Its name.
    source : Path
        A film, or a folder of pictures.
    folder : Path
        Everything of it is written below.
    settings : mapping
        From `load_preset`.
    seed : int
        Of all steps.
    executor : Executor or None
        Where the heavy steps run.
    progress : bool or callable
        As of the steps.
    log : logging.Logger
        What happens.
    """

    name: str
    source: Path
    folder: Path
    settings: Mapping[str, Any]
    seed: int
    executor: Executor | None
    progress: ProgressOption
    log: logging.Logger
    done: dict[str, Any] = field(default_factory=dict[str, Any])
    key: str = ""

    def given(self, step: str) -> dict[str, Any] | None:
        """Parameters of a step; None when it is left out."""
        table = self.settings.get(step, {})
        return None if table is False else dict(table)

    def start(self) -> None:
        """Read which stages were finished before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / DONE_NAME
        try:
            self.done = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        except ValueError:  # torn by a power cut: the stages are done again
            self.log.warning("%s: %s cannot be read and is passed over", self.name, path.name)
        self.key = _stamp(self.source)

    def stage(self, name: str, step: Step, facts: Callable[[Any], dict[str, Any]]) -> Any:
        """Do a stage, unless it was finished with the same input and parameters; returns its result.

        ``facts`` are the figures of the report.
        """
        self.key = _digest([self.key, name, self.given(name) or {}, self.seed])
        table = self.folder / "tables" / f"{name}.npz"
        before = self.done.get(name)
        if before is not None and before.get("key") == self.key and (table.exists() or not before["table"]):
            self.log.info("%s: %s was done before", self.name, name)
            return load_table(table) if before["table"] else None
        self.log.info("%s: %s", self.name, name)
        started = time.perf_counter()
        try:
            result = step(False)
        except ExistsError:
            # Left by a run that was stopped in this stage, or made with other parameters.
            result = step(True)
        kept = isinstance(result, (Items, Shots, Embeddings, Clusters, Projection))
        if kept:
            save_table(table, cast("Table", result))
        entry = {"key": self.key, "table": kept, "seconds": round(time.perf_counter() - started, 3)}
        self.done[name] = {**entry, **as_json(facts(result))}
        write_json(self.folder / DONE_NAME, self.done)
        return result


def _digest(value: Any) -> str:
    text = json.dumps(as_json(value), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _stamp(source: Path) -> str:
    """What a source is known by: the files' names, sizes and times."""
    if source.is_dir():
        files = [source / path for path in list_pictures(source).paths]
    elif source.is_file():
        files = [source]
    else:
        raise MissingError(f"{str(source)!r} does not exist", hint="Check the path of the title.")
    found = [(str(f.relative_to(source.parent)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return _digest(found)


def run_title(work: Work) -> dict[str, Any]:
    """Carry one title through its preset.

    Returns
    -------
    dict
        Stage → seconds and figures.

    Raises
    ------
    ShoalError
        Whatever a step raises; the stages before it are kept.
    """
    work.start()
    found = _items(work)
    seed, given = {"seed": work.seed}, work.given
    quiet: dict[str, Any] = {"progress": work.progress}
    heavy: dict[str, Any] = {**quiet, "executor": work.executor}
    if (given("gate") or {}).get("duplicates") is None:  # else they are found there
        work.stage("duplicates", lambda _: find_duplicates(found, **heavy), _duplicates)
    items = _gated(work, found, heavy)
    vectors = work.stage("embed", lambda _: embed(items, **given("embed") or {}, **heavy), _vectors)
    clusters = work.stage(
        "cluster", lambda _: cluster(vectors, **{**seed, **(given("cluster") or {})}, **quiet), _clusters
    )
    if given("join_identities") is not None and isinstance(items, Items) and "track" in items.columns:
        clusters = work.stage("join_identities", lambda _: _joined(work, items, vectors, clusters), _clusters)
    points = None
    if given("project") is not None:
        points = work.stage(
            "project", lambda _: project(vectors, **{**seed, **(given("project") or {})}, **quiet), _nothing
        )
    out = work.folder / "clustered"

    def write(force: bool) -> Review:
        # An older folder may hold somebody's corrections: write_clusters keeps it beside the new one.
        return write_clusters(
            items, clusters, points, out=out, embeddings=vectors, rejected=_rejected(work), force=force,
            **given("write_clusters") or {}, **heavy,
        )  # fmt: skip

    work.stage("write_clusters", write, _review)
    work.stage("figures", lambda _: _drawn(work, items, clusters, points), dict)
    if given("export_dataset") is not None:
        work.stage("export_dataset", lambda force: _export(work, out, force, heavy), _dataset)
    return work.done


def _gated(work: Work, items: Items | Shots, heavy: Mapping[str, Any]) -> Items | Shots:
    """What passes the gates of the preset; what does not is kept beside it, for the review's trash."""
    settings = work.given("gate")
    if not settings:
        return items

    def part(_: bool) -> Items:
        done = gated(items, settings, **heavy)
        save_table(_gate_file(work), done.rejected)
        return done.kept

    return work.stage("gate", part, lambda kept: _passed(kept, load_table(_gate_file(work))))


def _gate_file(work: Work) -> Path:
    return work.folder / "tables" / "gate_rejected.npz"


def _drawn(work: Work, items: Items | Shots, clusters: Clusters, points: Projection | None) -> dict[str, int]:
    """The figures of the report; they are kept, so that a run that goes on does not draw them again."""
    film = work.folder / "tables" / "extract_frames.npz"
    shots = items if isinstance(items, Shots) else load_table(film) if film.is_file() else None
    table = items.frames if isinstance(items, Shots) else items
    given = work.given("write_clusters") or {}
    return draw_figures(
        work.folder / FIGURES_NAME, table, clusters, points=points,
        shots=shots if isinstance(shots, Shots) else None, prefix=given.get("prefix", "character"),
    )  # fmt: skip


def _items(work: Work) -> Items | Shots:
    """The pictures of the title: a folder's, or cut out of a film's frames."""
    if work.source.is_dir():
        items = work.stage("list", lambda _: _listed(work.source), lambda t: {"pictures": len(t)})
        return cast("Items", items)
    common: dict[str, Any] = {"executor": work.executor, "progress": work.progress}
    frames = work.folder / "frames"

    def extract(force: bool) -> Shots:
        given = work.given("extract_frames") or {}
        return extract_frames(work.source, out=frames, force=force, **given, **common)

    shots = work.stage("extract_frames", extract, lambda t: _film(work.source, t))
    if work.given("segment") is None:
        return shots
    cast_out = work.folder / "cast"

    def cut(force: bool) -> Items:
        return segment(shots, out=cast_out, force=force, **work.given("segment") or {}, **common)

    return work.stage("segment", cut, lambda t: {"instances": len(t), "rejected": rejections(cast_out)})


def _film(source: Path, shots: Shots) -> dict[str, Any]:
    """Figures of a film; with its stated length, when much less of it could be read."""
    facts = {"shots": len(shots), "frames": len(shots.frames), "fps": shots.fps}
    container, _ = open_film(source)
    with container:
        stated = (container.duration or 0) / 1e6
    read = (int(shots.last_frame[-1]) + 1) / shots.fps if len(shots) else 0.0
    cut = stated - read > max(2.0, 0.05 * stated)
    return {**facts, "stated_s": round(stated, 1), "read_s": round(read, 1)} if cut else facts


def _joined(work: Work, items: Items, vectors: Embeddings, clusters: Clusters) -> Clusters:
    given = work.given("join_identities") or {}
    return join_identities(
        vectors, clusters, constraints=film_constraints(items), progress=work.progress, **given
    )


def _rejected(work: Work) -> Items | None:
    """What was cut out and not kept, or did not pass the gates; it goes into the review's trash."""
    cut, gate_file = work.folder / "cast", _gate_file(work)
    not_kept = read_rejected(cut) if (cut / RESULTS_NAME).is_file() else None
    not_passed = load_table(gate_file) if work.given("gate") and gate_file.is_file() else None
    return all_rejected(not_passed if isinstance(not_passed, Items) else None, not_kept)


def _listed(source: Path) -> Items:
    items = list_pictures(source)
    if not len(items):
        raise BadInputError(f"{str(source)!r} holds no pictures", hint="Give the folder of the pictures.")
    return items


def rejections(folder: Path) -> dict[str, int]:
    """How many subjects were rejected for which reason, from the report of `segment`."""
    counted: dict[str, int] = {}
    path = folder / RESULTS_NAME
    frames = json.loads(path.read_text(encoding="utf-8"))["frames"] if path.exists() else []
    for frame in frames:
        for instance in frame.get("instances", []):
            reason = str(instance.get("rejected", "")).partition(":")[0]
            if reason:
                counted[reason] = counted.get(reason, 0) + 1
        if "error" in frame:
            counted["unreadable frame"] = counted.get("unreadable frame", 0) + 1
    return dict(sorted(counted.items()))


def _export(work: Work, folder: Path, force: bool, heavy: Mapping[str, Any]) -> Any:
    given = {"seed": work.seed, "paths": "relative", **(work.given("export_dataset") or {})}
    review = open_review(folder)
    try:
        return export_dataset(review, out=work.folder / "training", force=force, **given, **heavy)
    finally:
        review.close()


def _nothing(_: Any) -> dict[str, Any]:
    return {}


def _duplicates(found: Any) -> dict[str, Any]:
    extra = int((found.group >= 0).sum()) - len(found)
    return {"groups": len(found), "superfluous": extra, "unreadable": len(found.unreadable)}


def _passed(kept: Items, rejected: Any) -> dict[str, Any]:
    return {"kept": len(kept), "rejected": reasons(rejected)}


def _vectors(vectors: Embeddings) -> dict[str, Any]:
    return {
        "model": vectors.model,
        "vectors": len(vectors),
        "without_vector": int(np.isnan(vectors.vectors).any(axis=1).sum()),
    }


def _clusters(clusters: Clusters) -> dict[str, Any]:
    labels = clusters.labels
    sizes = np.bincount(labels[labels >= 0], minlength=clusters.n_clusters).tolist()
    return {"clusters": clusters.n_clusters, "noise": int((labels < 0).sum()), "sizes": sizes}


def _review(review: Review) -> dict[str, Any]:
    facts = {"items": len(review), "folder": "clustered"}
    review.close()
    return facts


def _dataset(made: Any) -> dict[str, Any]:
    return {
        "layout": made.layout,
        "train": made.train,
        "validation": made.validation,
        "left_out": len(made.left_out),
        "longest_caption": made.tokens.longest,
        "captions_over": made.tokens.over,
        "tokens_how": made.tokens.how,
        "seen": str(made.seen),
    }
