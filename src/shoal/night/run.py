"""A night's run: a folder by time, a log, what was used, one title after the other, and a report."""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from shoal.compute.presets import load_preset
from shoal.compute.progress import ProgressOption
from shoal.compute.runs import as_json, versions, write_json
from shoal.errors import BadInputError, ConflictError, ShoalError
from shoal.export.samples import slug, unique_stems
from shoal.night.figures import FIGURES_NAME
from shoal.night.report import write_report
from shoal.night.title import Work, run_title
from shoal.store.lock import Owner, this_process
from shoal.widgets.notebook import write_notebook

__all__ = ["Night", "TitleResult", "night_run"]

RUN_NAME = "run.json"
LOG_NAME = "log.txt"
_LOG_BYTES, _LOG_FILES = 1_000_000, 5
_VERSION = 1


@dataclass(frozen=True, slots=True)
class TitleResult:
    """What became of one title.

    Parameters
    ----------
    name : str
        The title.
    folder : Path
        Everything of it.
    ok : bool
        Whether it went to its end.
    error : str
        Why not, in a line, and the way out.
    stages : mapping
        Stage → ``seconds`` and figures.
    """

    name: str
    folder: Path
    ok: bool
    error: str = ""
    stages: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def review(self) -> Path:
        """The clustered folder, for `shoal.open_review`."""
        return self.folder / "clustered"

    @property
    def figures(self) -> dict[str, Path]:
        """The drawings: ``sizes``, ``clusters``, ``map``; of a film also ``timeline`` and ``shots``."""
        return {file.stem: file for file in sorted((self.folder / FIGURES_NAME).glob("*.*"))}


@dataclass(frozen=True, slots=True)
class Night:
    """A finished run; ``print`` it.

    Parameters
    ----------
    folder : Path
        ``runs/<time>``.
    titles : tuple of TitleResult
        In the order given.
    resumed : bool
        Whether it went on with a run that had been stopped.
    """

    folder: Path
    titles: tuple[TitleResult, ...]
    resumed: bool = False

    @property
    def failed(self) -> tuple[TitleResult, ...]:
        """Titles that did not go to their end."""
        return tuple(title for title in self.titles if not title.ok)

    def __str__(self) -> str:
        done = len(self.titles) - len(self.failed)
        lines = [f"{done} of {len(self.titles)} titles done; the report is {self.folder / 'report.html'}"]
        lines += [f"  failed {title.name}: {title.error}" for title in self.failed]
        return "\n".join(lines)

    def check(self) -> Night:
        """Return the run itself, or raise when a title failed: the last line of a batch job.

        Raises
        ------
        ShoalError
            Naming the titles and the reasons.
        """
        if self.failed:
            raise ShoalError(
                f"{len(self.failed)} of {len(self.titles)} titles failed: "
                + "; ".join(f"{title.name}: {title.error}" for title in self.failed),
                hint="The others are done. Mend the cause and run the same again: only what is left is done.",
            )
        return self


def night_run(
    titles: Sequence[str | os.PathLike[str]] | Mapping[str, str | os.PathLike[str]],
    *,
    out: str | os.PathLike[str] = "runs",
    preset: str | os.PathLike[str] = "3d",
    overrides: Mapping[str, Any] | None = None,
    seed: int = 0,
    resume: bool = True,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Night:
    """Carry many titles from source to review and training set; one that fails does not stop the others.

    Parameters
    ----------
    titles : sequence of paths, or mapping of str to path
        Films, or folders of pictures; the name of a title is its file's stem unless a mapping says another.
    out : path
        Holds the runs, each in a folder named by the time it began: ``run.json`` (parameters, seeds,
        versions), ``log.txt`` (rotated), ``metrics.csv``, ``report.md``, ``report.html`` and a folder for
        each title with ``clustered/``, ``review.ipynb``, ``figures/`` and ``training/``.
    preset : str or path
        ``"3d"``, ``"2d"``, ``"photos"`` or a TOML file, see `load_preset`.
    overrides : mapping, optional
        ``{step: {parameter: value}}`` for this run; ``{step: False}`` leaves a step out.
    seed : int
        Of every step.
    resume : bool
        Go on with the newest run in ``out`` that has the same titles and parameters and was stopped, or
        had failures: only what is left is done. Otherwise begin anew.
    executor : concurrent.futures.Executor, optional
        Where the heavy steps run: a process pool, ``dask_client.get_executor()``, … The bytes do not depend
        on it.
    progress : bool or callable
        Show progress bars, or be told ``(what, done, total)``.

    Returns
    -------
    Night
        ``night.check()`` raises when a title failed.

    Raises
    ------
    BadInputError
        No titles, or a preset that cannot be read. Failures of single titles are not raised.
    ConflictError
        Another process is still at that very run.
    """
    sources = _sources(titles)
    # Read before anything is begun: a misspelt preset is no failure of a title.
    settings = {name: load_preset(preset, title=name, overrides=overrides) for name in sources}
    plan: dict[str, Any] = {
        "preset": os.fspath(preset),
        "titles": {name: str(path) for name, path in sources.items()},
        "settings": settings,
        "seed": seed,
    }
    folder, resumed = _folder(Path(out).absolute(), plan, resume)
    log = _logger(folder)
    try:
        _write_run(folder, plan, complete=False, owner=this_process())
        log.info("%s with %d titles in %s", "resumed" if resumed else "begun", len(sources), folder.name)
        folders = dict(zip(sources, unique_stems([slug(name, "title") for name in sources]), strict=True))
        results: list[TitleResult] = []
        for name, source in sources.items():
            work = Work(
                name, source, folder / "titles" / folders[name], settings[name], seed, executor, progress, log
            )
            results.append(_one(work))
            write_report(folder, plan, results)  # after each title: a night may end early
        night = Night(folder, tuple(results), resumed)
        _write_run(folder, plan, complete=not night.failed, owner=None)
        log.info("%d of %d titles done", len(results) - len(night.failed), len(results))
        return night
    finally:
        for handler in list(log.handlers):
            log.removeHandler(handler)
            handler.close()


def _one(work: Work) -> TitleResult:
    try:
        return TitleResult(work.name, work.folder, True, "", run_title(work))
    except Exception as error:  # noqa: BLE001 - whatever breaks one title must not stop the night
        work.log.error("%s failed: %s", work.name, error)
        work.log.error("%s", traceback.format_exc())
        reason = " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, ShoalError):
            reason = f"{type(error).__name__}: {reason}"
        return TitleResult(work.name, work.folder, False, reason, work.done)
    finally:
        if (work.folder / "clustered").is_dir():  # also when a later stage has failed
            write_notebook(work.folder / "review.ipynb", work.folder / "clustered")


def _sources(
    titles: Sequence[str | os.PathLike[str]] | Mapping[str, str | os.PathLike[str]],
) -> dict[str, Path]:
    if isinstance(titles, (str, os.PathLike)):
        titles = [titles]
    if isinstance(titles, Mapping):
        given = [(str(name), Path(path)) for name, path in titles.items()]
    else:
        paths = [Path(path) for path in titles]
        given = list(zip(unique_stems([path.stem for path in paths]), paths, strict=True))
    if not given:
        raise BadInputError("there are no titles", hint="Pass films, or folders of pictures.")
    return {name: path.expanduser().absolute() for name, path in given}


def _folder(out: Path, plan: Mapping[str, Any], resume: bool) -> tuple[Path, bool]:
    """The folder of the run, and whether it goes on with an earlier one."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = as_json(plan)
    for earlier in sorted((p for p in out.iterdir() if (p / RUN_NAME).is_file()), reverse=True):
        try:
            held = json.loads((earlier / RUN_NAME).read_text(encoding="utf-8"))
        except ValueError:
            continue
        if resume and held.get("plan") == wanted and not held.get("complete"):
            _nobody_else(earlier, held.get("owner"))
            return earlier, True
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name, n = stamp, 1
    while True:
        try:
            (out / name).mkdir()
            return out / name, False
        except FileExistsError:
            n += 1
            name = f"{stamp}-{n}"


def _nobody_else(folder: Path, written: Mapping[str, Any] | None) -> None:
    """Refuse to go on with a run that another process is still at: both would write the same files."""
    if written is None:
        return
    owner = Owner(**written)
    if owner.is_alive() is not False and owner.pid != os.getpid():
        raise ConflictError(
            f"{owner.words} is still at the run in {str(folder)!r}",
            hint="Wait for it, or pass resume=False (--anew) for a run of its own.",
        )


def _write_run(folder: Path, plan: Mapping[str, Any], *, complete: bool, owner: Owner | None) -> None:
    write_json(
        folder / RUN_NAME,
        {
            "type": "night_run",
            "version": _VERSION,
            "complete": complete,
            "owner": None if owner is None else asdict(owner),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "plan": plan,
            "versions": versions(),
        },
    )


def _logger(folder: Path) -> logging.Logger:
    log = logging.getLogger(f"shoal.night.{folder.name}")
    log.setLevel(logging.INFO)
    handler = RotatingFileHandler(
        folder / LOG_NAME, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log
