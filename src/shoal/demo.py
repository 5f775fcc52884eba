"""The whole road on the bundled film clip: ``python -m shoal.demo``, or ``make demo``.

Sixty-nine seconds of Big Buck Bunny become frames, cut-outs, embeddings, clusters, identities and a map in
``<out>/clustered``; then JupyterLab opens on them. ``<out>/summary.json`` says how much of everything there
was and how long it took.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import shoal
from shoal.data.tables import Items, Shots
from shoal.errors import ExistsError, ShoalError
from shoal.night.tables import load_table, save_table
from shoal.store.atomic import write_atomic
from shoal.widgets.notebook import open_lab, write_notebook

__all__ = ["CLIP", "SETTINGS", "build", "main"]

CLIP = Path(__file__).parent / "demo_data" / "bbb_demo.mp4"

SETTINGS: dict[str, dict[str, Any]] = {
    "extract_frames": {"mode": "hybrid", "interval_s": 0.5},
    "segment": {},
    "embed": {"model": "auto"},
    "cluster": {"min_cluster_size": 12, "min_samples": 2},
    "join_identities": {"min_cluster_size": 12},
    "project": {},
}
"""Arguments of each step that differ from its defaults, or that a reader should see."""

Result = TypeVar("Result")


def build(out: str | Path, *, force: bool = False, progress: bool = True) -> dict[str, Any]:
    """Carry the clip through every step and write ``<out>/summary.json``.

    A finished demo of the same version and settings is kept as it is, with the edits made in it. One that was
    interrupted goes on where it was stopped: frames and cut-outs that are there are not made again.

    Parameters
    ----------
    out : path
        Folder for everything the demo makes.
    force : bool
        Make it anew. A clustered folder from before is kept beside the new one, with the edits made in it.
    progress : bool
        Show progress bars.

    Returns
    -------
    dict
        The summary: ``counts``, ``seconds`` (by stage, and ``total``), ``settings``, ``version``, ``folder``,
        and ``reused``, which is true when nothing had to be done.

    Raises
    ------
    MissingError
        When a package or the weights of a model are missing; the hint says how to get them.
    """
    out = Path(out)
    done = finished(out)
    if done is not None and not force:
        return {**done, "reused": True}
    keep = Kept(out / "tables", force=force)
    seconds: dict[str, float] = {}

    def timed(stage: str, run: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = run()
        seconds[stage] = round(time.perf_counter() - start, 3)
        return result

    given = SETTINGS

    def extract(force: bool) -> Shots:
        more: dict[str, Any] = {"force": force, "progress": progress}
        return shoal.extract_frames(CLIP, out=out / "frames", **given["extract_frames"], **more)

    def cut(force: bool) -> Items:
        return shoal.segment(shots, out=out / "cast", **given["segment"], force=force, progress=progress)

    shots = cast("Shots", timed("extract_frames", lambda: keep.or_do("extract_frames", extract)))
    people = cast("Items", timed("segment", lambda: keep.or_do("segment", cut)))
    twins = timed("find_duplicates", lambda: shoal.find_duplicates(people, progress=progress))
    vectors = timed("embed", lambda: shoal.embed(people, **given["embed"], progress=progress))
    clusters = timed("cluster", lambda: shoal.cluster(vectors, **given["cluster"], progress=progress))
    known = shoal.film_constraints(people)  # one track is one character, two in one frame are two
    who = timed(
        "join_identities",
        lambda: shoal.join_identities(
            vectors, clusters, constraints=known, **given["join_identities"], progress=progress
        ),
    )
    rejected = shoal.read_rejected(out / "cast")
    # A clustered folder from before is kept beside the new one.
    beside: dict[str, Any] = {"embeddings": vectors, "constraints": known, "rejected": rejected}
    points = timed("project", lambda: shoal.project(vectors, **given["project"], progress=progress))
    review = timed(
        "write_clusters",
        lambda: shoal.write_clusters(
            people, who, points, out=out / "clustered", **beside, force=True, progress=progress
        ),
    )
    seconds["total"] = round(sum(seconds.values()), 3)
    summary = {
        "type": "demo_summary",
        "version": shoal.__version__,
        "settings": given,
        "folder": "clustered",
        "counts": {
            "shots": len(shots),
            "frames": len(shots.frames),
            "instances": len(people),
            "near_duplicates": int((~twins.representative).sum()),
            "rejected": len(rejected),
            "tracks": int(people.columns["track"].max(initial=-1)) + 1,
            "clusters": clusters.n_clusters,
            "identities": who.n_clusters,
            "noise": int((who.labels < 0).sum()),
            "items_in_review": len(review),
        },
        "model": vectors.model,
        "seconds": seconds,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return {**summary, "reused": False}


class Kept:
    """The stages that cost most, kept when the demo is interrupted.

    Parameters
    ----------
    folder : Path
        Where their tables are.
    force : bool
        Do all of them anew.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        self._folder, self._force = folder, force
        made = json.dumps({"version": shoal.__version__, "settings": SETTINGS}, indent=1)
        note = folder / "made.json"
        if not force and note.is_file() and note.read_text(encoding="utf-8") == made:
            return
        for table in folder.glob("*.npz"):
            table.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(note, made.encode("utf-8"))

    def or_do(self, stage: str, step: Callable[[bool], Items | Shots]) -> Items | Shots:
        """The result of a stage that was finished with the same settings, or of doing it now.

        A step that can go on where it was stopped does so; else what is there is replaced.
        """
        table = self._folder / f"{stage}.npz"
        if table.is_file():
            before = cast("Items | Shots", load_table(table))
            pictures = before.frames if isinstance(before, Shots) else before
            if all(pictures.file(row).is_file() for row in range(len(pictures))):
                return before
            table.unlink()
        try:
            result = step(self._force)
        except ExistsError:
            result = step(True)
        save_table(table, result)
        return result


def finished(out: Path) -> dict[str, Any] | None:
    """Summary of a whole demo that this version made with these settings, else None."""
    try:
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = summary.get("version") == shoal.__version__ and summary.get("settings") == SETTINGS
    return summary if same and (out / "clustered" / "cluster_report.json").exists() else None


def describe(summary: dict[str, Any], out: Path) -> str:
    """The summary in a few lines for people."""
    n, seconds = summary["counts"], summary["seconds"]
    lines = [
        f"{n['shots']} shots, {n['frames']} frames, {n['instances']} character cut-outs"
        f" → {n['tracks']} tracks → {n['identities']} identities and {n['noise']} in noise",
        "  ".join(f"{stage} {value:.1f} s" for stage, value in seconds.items()),
        f"The review is {out / 'clustered'}.",
    ]
    if summary["reused"]:
        lines.insert(0, "Made earlier and kept as it is; --force makes it anew.")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Entry point of ``python -m shoal.demo`` and ``shoal demo``."""
    parser = argparse.ArgumentParser(prog="shoal demo", description="From a film clip to clusters to review.")
    parser.add_argument(
        "--out", type=Path, default=Path("work/demo"), help="folder for all of it (work/demo)"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="make it anew; the clustered folder from before is kept beside it",
    )
    parser.add_argument("--no-lab", action="store_true", help="do not open JupyterLab")
    parser.add_argument("--port", type=int, default=None, help="port of JupyterLab")
    parser.add_argument("--no-browser", action="store_true", help="start JupyterLab without a browser window")
    args = parser.parse_args(argv)
    try:
        summary = build(args.out, force=args.force)
        print(describe(summary, args.out))
        notebook = write_notebook(args.out / "review.ipynb", args.out / "clustered")
        return 0 if args.no_lab else open_lab(notebook, port=args.port, browser=not args.no_browser)
    except ShoalError as error:
        print(f"shoal: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
