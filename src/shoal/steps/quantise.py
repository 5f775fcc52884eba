"""A quicker copy of an embedding model for processors: 8-bit ONNX, its drift measured on your pictures."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.onnx import load as load_onnx
from shoal.backends.protocols import ImageEmbedder
from shoal.backends.quantising import (
    declaration_for,
    declaration_text,
    export_tower,
    normalised,
    quantise_file,
    tower_of,
)
from shoal.backends.registry import ModelEntry, choose, load_embedder
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import RunFolder
from shoal.data.listing import list_pictures
from shoal.data.pictures import read_picture
from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError

__all__ = ["Quantised", "quantise"]

_MOST = 64  # pictures that ranges and drift are measured on
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Quantised:
    """A quantised model and what was measured of it.

    Parameters
    ----------
    model : str
        What ``embed(model=…)`` takes: ``"onnx:…/tower.toml"``.
    method : str
        ``"dynamic"`` or ``"static"``.
    mean_cosine, worst_cosine : float
        Of each picture's vector with the one that the model gives in fp32.
    mean_centred_cosine : float
        The same after taking the mean vector of the sample from both, which shows differences that a vector
        common to all pictures would hide.
    same_nearest : float
        Share of the pictures whose nearest neighbour within the sample stays the same, 0..1.
    speed_up : float
        How many times quicker than fp32 in torch, one thread each.
    """

    model: str
    method: str
    mean_cosine: float
    worst_cosine: float
    mean_centred_cosine: float
    same_nearest: float
    speed_up: float


def _unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _framing(model: ImageEmbedder) -> Framing:
    framing = getattr(model, "framing", None)
    return framing if isinstance(framing, Framing) else Framing(model.least_side, "longest")


def _sample(items: Items, model: ImageEmbedder) -> npt.NDArray[np.uint8]:
    """Inputs of pictures spread over the items; broken ones are passed over."""
    inputs: list[npt.NDArray[np.uint8]] = []
    for row in np.unique(np.linspace(0, len(items) - 1, 2 * _MOST).astype(int)) if len(items) else []:
        try:
            inputs.append(
                model.preprocess(read_picture(items.file(row), min_side=model.least_side, alpha="keep"))
            )
        except (BadInputError, MissingError):
            continue
    if len(inputs) < 2:
        raise BadInputError(
            f"Of {len(items)} pictures only {len(inputs)} can be read",
            hint="Give some dozens, like those to come.",
        )
    return np.stack(inputs[:: max(1, len(inputs) // _MOST)][:_MOST])


def _timed(model: ImageEmbedder, batch: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], float]:
    """Vectors of all, and seconds of processor time for the pictures after the first batch."""
    parts = [model.embed(batch[:_BATCH])]
    began = time.process_time()
    parts += [model.embed(batch[i : i + _BATCH]) for i in range(_BATCH, len(batch), _BATCH)] or [
        model.embed(batch[:_BATCH])[:0]
    ]
    return np.concatenate(parts), time.process_time() - began


def _drift(exact: npt.NDArray[np.float32], small: npt.NDArray[np.float32]) -> dict[str, float]:
    a, b = _unit(exact), _unit(small)
    cosine, middle = (a * b).sum(axis=1), a.mean(axis=0)
    likeness = [rows @ rows.T - 4 * np.eye(len(rows), dtype=np.float32) for rows in (a, b)]
    return {
        "mean_cosine": float(cosine.mean()),
        "worst_cosine": float(cosine.min()),
        "mean_centred_cosine": float((_unit(a - middle) * _unit(b - middle)).sum(axis=1).mean()),
        "same_nearest": float((likeness[0].argmax(axis=1) == likeness[1].argmax(axis=1)).mean()),
    }


def quantise(
    items: Items | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    model: str = "auto",
    force: bool = False,
    progress: ProgressOption = True,
) -> Quantised:
    """Make an 8-bit copy of an embedding model, and measure on your pictures what that costs.

    Parameters
    ----------
    items : Items or path
        Pictures like those that will be embedded, some dozens; at most 64 are used. Ranges are measured on
        them where the method needs that, and so is the drift.
    out : path
        Folder for ``tower.onnx`` and its declaration ``tower.toml``.
    model : str
        A torch model, as for `embed`.
    force : bool
        Replace an earlier result.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Quantised
        Its ``model`` is what `embed` takes. Compare ``same_nearest`` and the cosines before you use it: a
        model's vectors in 8 bits are another model's vectors, and are cached apart.

    Raises
    ------
    BadInputError
        The model does not compute with torch or cannot be written as ONNX; too few pictures.
    ExistsError
        ``out`` holds files and ``force`` is false.
    MissingError
        The model, onnx or onnxruntime is not here.
    """
    table = items if isinstance(items, Items) else list_pictures(items)
    entry, _ = choose("embedding", model)
    exact = load_embedder(entry, How())
    tower_of(exact)
    batch = _sample(table, exact)
    with (
        RunFolder(out, "quantise", {"model": entry.name}, force=force) as run,
        show("Quantising", 3, progress, unit="parts") as bar,
    ):
        made = _make(entry, exact, batch, run, bar.update)
        run.facts.update(drift={name: getattr(made, name) for name in Quantised.__dataclass_fields__})
    return made


def _make(
    entry: ModelEntry, exact: ImageEmbedder, batch: npt.NDArray[np.uint8], run: RunFolder, tell: object
) -> Quantised:
    """Export, quantise, measure, declare."""
    step = tell if callable(tell) else (lambda: None)
    framing, whole, file = _framing(exact), run.own("whole.onnx"), run.own("tower.onnx")
    export_tower(exact, framing.side, whole)
    step()
    sample = [normalised(tower_of(exact), batch[i : i + 1]) for i in range(len(batch))]
    method = quantise_file(whole, file, sample)
    for part in run.path.glob("whole.onnx*"):
        part.unlink()
    step()
    declared = run.own("tower.toml")
    about = f"{entry.name} in 8 bits ({method})"
    declaration = declaration_for(file.name, exact, framing, licence=entry.licence, about=about)
    declared.write_text(declaration_text(declaration), encoding="utf-8")
    name = str(declared.resolve())
    wanted, slow = _timed(exact, batch)
    found, quick = _timed(load_onnx(name, How()), batch)
    drift = _drift(wanted, found)
    step()
    return Quantised(model=f"onnx:{name}", method=method, speed_up=round(slow / max(quick, 1e-9), 2), **drift)
