"""The folder a step writes to: never overwritten unasked, its own files known, its parameters beside them."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from shoal.errors import BadInputError, ExistsError

__all__ = ["FILES_NAME", "RECORD_NAME", "RunFolder", "as_json", "record_parameters", "versions", "write_json"]

RECORD_NAME = ".shoal_step.json"
FILES_NAME = ".shoal_step.files"
_WATCHED = (
    "shoal",
    "numpy",
    "pillow",
    "torch",
    "onnxruntime",
    "av",
    "opencv-python-headless",
    "umap-learn",
    "hdbscan",
    "scikit-learn",
)


def versions(names: Sequence[str] = _WATCHED) -> dict[str, str]:
    """Versions of the packages that can change a result, of those that are installed, and of Python."""
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def as_json(value: Any) -> Any:
    """Turn paths, numpy scalars and arrays, sets and tuples into what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return as_json(value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (set, frozenset)):
        return sorted(as_json(inner) for inner in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_json(inner) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)


def write_json(path: Path, value: Any) -> None:
    """Write JSON by a temporary file and a rename, so that a reader never sees half of it.

    Lone surrogates (file names that are not UTF-8) are written as escapes, so any name survives.
    """
    text = json.dumps(as_json(value), indent=1, ensure_ascii=True, allow_nan=False) + "\n"
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def record_parameters(
    out: str | os.PathLike[str],
    step: str,
    params: Mapping[str, Any],
    *,
    seed: int | None = None,
    seconds: float | None = None,
    complete: bool = True,
    **facts: Any,
) -> Path:
    """Write ``.shoal_step.json`` into ``out``: what was run, with which parameters and versions.

    Parameters
    ----------
    out : path
        Existing folder of the result.
    step : str
        Name of the step's function.
    params : mapping
        Its keyword arguments; values that JSON does not know are written as text.
    seed : int, optional
        The seed, when the step takes one.
    seconds : float, optional
        How long it took.
    complete : bool
        False while the step runs, or when it was stopped.
    **facts
        Further JSON-able facts: counts, the model's name.

    Returns
    -------
    Path
        The record.
    """
    path = Path(out) / RECORD_NAME
    write_json(
        path,
        {
            "step": step,
            "parameters": as_json(params),
            "seed": seed,
            "complete": complete,
            "seconds": None if seconds is None else round(seconds, 3),
            "finished": datetime.now(UTC).isoformat(timespec="seconds") if complete else None,
            "versions": versions(),
            **as_json(facts),
        },
    )
    return path


class RunFolder:
    """A step's output folder, held while the step writes into it; a context manager.

    On entry a folder that already holds something is refused, unless ``force`` is true. With ``force``
    exactly the files that an earlier run of the same step has listed as its own are removed; what anybody
    else put there stays. On exit the record is completed, or, after an error or Ctrl-C, left as ``"complete":
    false`` with every file that was finished.

    Parameters
    ----------
    out : path
        The folder; made with its parents.
    step : str
        Name of the step's function.
    params : mapping
        Its keyword arguments.
    force : bool
        Whether an earlier result may be replaced.
    seed : int, optional
        The step's seed.
    resume : bool
        Go on where a run of the same step with the same parameters was stopped: its files stay, and `resumed`
        is true. The step itself says which parts are done (`shoal.compute.parts`).

    Attributes
    ----------
    resumed : bool
        Whether there are parts of an interrupted run to be kept.

    Raises
    ------
    ExistsError
        The folder is not empty and ``force`` is false.
    BadInputError
        ``out`` is a file.
    """

    def __init__(
        self,
        out: str | os.PathLike[str],
        step: str,
        params: Mapping[str, Any],
        *,
        force: bool,
        seed: int | None = None,
        resume: bool = False,
    ) -> None:
        self._resume, self.resumed = resume, False
        self.path, self.step, self.params, self.seed = Path(out), step, dict(params), seed
        self.facts: dict[str, Any] = {}
        self._force = force
        self._log: IO[str] | None = None
        self._started = 0.0

    def __enter__(self) -> Self:
        self._refuse_or_clear()
        self.path.mkdir(parents=True, exist_ok=True)
        self._started = time.perf_counter()
        record_parameters(self.path, self.step, self.params, seed=self.seed, complete=False)
        mode = "a" if self.resumed else "w"
        self._log = (self.path / FILES_NAME).open(mode, encoding="utf-8", errors="surrogateescape")
        return self

    def _refuse_or_clear(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise BadInputError(f"out={str(self.path)!r} is a file", hint="Name a folder.")
        if not self.path.is_dir() or not any(self.path.iterdir()):
            return
        if self._resume and not self._force and self._interrupted():
            self.resumed = True
            return
        if not self._force:
            raise ExistsError(
                f"{str(self.path)!r} already holds files",
                hint=f"Pass force=True to replace an earlier result of {self.step}, or another out=.",
            )
        record = _read_record(self.path)
        if record.get("step") not in (None, self.step):
            raise ExistsError(
                f"{str(self.path)!r} holds the result of another step, {record.get('step')}",
                hint="Pass another out=; force=True replaces only a result of the same step.",
            )
        self._remove_listed()

    def _interrupted(self) -> bool:
        record = _read_record(self.path)
        same = record.get("step") == self.step and record.get("seed") == self.seed
        return same and record.get("complete") is False and record.get("parameters") == as_json(self.params)

    def start_over(self) -> None:
        """Remove what an interrupted run has left, because it belongs to another input."""
        if self._log is not None:
            self._log.close()
        self._remove_listed()
        self._log = (self.path / FILES_NAME).open("w", encoding="utf-8", errors="surrogateescape")
        self.resumed = False

    def _remove_listed(self) -> None:
        listed = self.path / FILES_NAME
        if not listed.is_file():
            return
        root = self.path.resolve()
        for line in listed.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            file = self.path / json.loads(line)
            # The list is data from a file: it never reaches outside the folder, nor through a link.
            if file.parent.resolve().is_relative_to(root) and file.is_file() and not file.is_symlink():
                file.unlink()
        listed.unlink()

    def own(self, relative: str) -> Path:
        """Note a file (path relative to the folder) as this run's own before writing it; returns its path."""
        if self._log is None:
            raise BadInputError(f"{str(self.path)!r} is not open", hint="Use RunFolder in a with statement.")
        self._log.write(json.dumps(relative) + "\n")
        self._log.flush()
        target = self.path / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._log is not None:
            self._log.close()
        record_parameters(
            self.path,
            self.step,
            self.params,
            seed=self.seed,
            seconds=time.perf_counter() - self._started,
            complete=kind is None,
            **self.facts,
        )


def _read_record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD_NAME
    if not path.is_file():
        return {}
    try:
        record: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read: {error}", hint="Remove that file, or pass another out=."
        ) from error
    return record if isinstance(record, dict) else {}
