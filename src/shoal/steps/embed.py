"""One vector a picture, cached by content, every core busy with its own batch."""

from __future__ import annotations

import os
import time
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import Device, How, Precision, resolve_how
from shoal.backends.registry import ModelEntry, choose, version
from shoal.backends.streaming import batch_size_for, stream
from shoal.compute.batches import batched
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.listing import file_marks, scan_pictures
from shoal.data.tables import Embeddings, Items, Shots
from shoal.errors import BadInputError
from shoal.steps.contents import content_keys, open_cache
from shoal.store.embedding_cache import EmbeddingCache
from shoal.store.recall import Foreseen, recall, remember, unit_rows
from shoal.store.vectors import VectorStore

__all__ = ["embed"]

# Vectors are made durable this often, so that Ctrl-C or a crash loses little.
_KEEP_EVERY, _KEEP_EVERY_S = 1024, 2.0


@dataclass(slots=True)
class _Call:
    """What one call was asked to do it with."""

    entry: ModelEntry
    how: How
    size: int
    executor: Executor | None
    progress: ProgressOption
    cancel: CancelToken | None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


def _embed_missing(
    paths: dict[bytes, Path],
    vectors: npt.NDArray[np.float16],
    at: dict[bytes, int],
    store: VectorStore,
    call: _Call,
    tell: Any,
) -> dict[bytes, str]:
    """Embed the contents that no cache holds, into ``vectors`` and the store; returns why some have none."""
    failed: dict[bytes, str] = {}
    waiting: list[bytes] = []
    kept = time.monotonic()
    results = stream(
        list(paths.values()), entry=call.entry, how=call.how, size=call.size, executor=call.executor,
        cancel=call.cancel,
    )  # fmt: skip
    try:
        for batch, found in zip(batched(paths, call.size), results, strict=True):
            for key, result in zip(batch, found, strict=True):
                if isinstance(result, str):
                    failed[key] = result
                else:
                    vectors[at[key]] = result
                    waiting.append(key)
            tell(len(batch))
            if len(waiting) >= _KEEP_EVERY or time.monotonic() - kept > _KEEP_EVERY_S:
                _keep(store, waiting, vectors, at)
                kept = time.monotonic()
    finally:
        _keep(store, waiting, vectors, at)
    return failed


def _keep(
    store: VectorStore, waiting: list[bytes], vectors: npt.NDArray[np.float16], at: dict[bytes, int]
) -> None:
    if waiting:
        store.add(waiting, vectors[[at[key] for key in waiting]])
        waiting.clear()


def _look_up_or_embed(
    items: Items,
    marks: npt.NDArray[np.int64],
    reasons: dict[int, str],
    cache: EmbeddingCache,
    store: VectorStore,
    call: _Call,
) -> npt.NDArray[np.float32]:
    """The long way: hash what is new, look every content up, embed what is missing."""
    keys = content_keys(items, marks, reasons, cache.hashes, progress=call.progress, cancel=call.cancel)
    paths = {key: items.file(row) for row, key in reversed(list(enumerate(keys))) if key}
    distinct = list(paths)
    at = {key: i for i, key in enumerate(distinct)}
    held, found = store.get(distinct)
    missing = {key: paths[key] for key in distinct if not found[at[key]]}
    with show(f"Embedding ({call.entry.name})", len(distinct), call.progress, unit="pictures") as bar:
        bar.update(len(distinct) - len(missing))
        failed = _embed_missing(missing, held, at, store, call, bar.update) if missing else {}
    for row, key in enumerate(keys):
        if key in failed:
            reasons[row] = failed[key]
    rows = np.array([at.get(key, 0) for key in keys], dtype=np.int64)
    vectors = np.empty((len(items), call.entry.dims), dtype=np.float32)
    if distinct:
        unit_rows(held[rows], vectors)
    vectors[list(reasons)] = np.nan
    call.facts.update(from_cache=len(distinct) - len(missing), distinct=len(distinct))
    remember(store, items.root, marks, keys, reasons)
    return vectors


def _look(data: Items | str | os.PathLike[str]) -> tuple[Items, Any, dict[int, str]]:
    """The items, what the file system says of each, and those that cannot be looked at."""
    if isinstance(data, Items):
        return data, *file_marks(data)
    return *scan_pictures(data), {}


def embed(
    items: Items | Shots | str | os.PathLike[str],
    *,
    model: str = "auto",
    device: Device = "auto",
    precision: Precision = "auto",
    batch_size: int | None = None,
    cache: bool | str | os.PathLike[str] = True,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Embeddings:
    """Turn every picture into a vector; similar pictures get similar vectors.

    Transparent pictures, such as the crops of `segment`, are embedded whole and without their background: it
    is replaced by mid-grey, or does not count, as the model wants. Vectors are cached by content hash, model,
    preprocessing and precision, so a second call, or a call after files were moved, does no model work.

    Parameters
    ----------
    items : Items, Shots or path
        The pictures; or a folder, whose pictures are listed with those of its sub-folders.
    model : str
        A name of `shoal.models`, or any model of a family: ``open_clip:ARCH/TAG``, ``open_clip:ARCH@file``,
        ``hf-hub:owner/name``, ``timm:NAME``, ``transformers:owner/name``, ``onnx:tower.toml``. ``"auto"``
        takes the best model that is here; which one, and why, is in ``meta["chosen"]``.
    device : {"auto", "cpu", "cuda"}
        Where the model computes.
    precision : {"auto", "fp32", "bf16", "fp16"}
        ``"auto"``: fp16 on a GPU; bf16 on processors that have it, for models that keep their vectors in it;
        else fp32.
    batch_size : int, optional
        Pictures at a time; found by itself. One that does not fit into memory is halved.
    cache : bool or path
        ``True`` keeps vectors in the user cache, a path in that folder, ``False`` nowhere.
    executor : concurrent.futures.Executor, optional
        Where pictures are read and embedded, batch by batch: a process pool, Dask's
        ``client.get_executor()``, ipyparallel's ``view.executor``. The same bytes come back with any of them
        and with any number of workers of the same kind of processor. A worker that dies loses nothing: its
        pictures are done again, and one that kills its worker twice counts as unreadable.
        Default: a thread for each core.
    progress : bool or callable
        Show progress bars, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops the step between two batches; what is done stays in the cache.

    Returns
    -------
    Embeddings
        L2-normalised float32 rows (rounded to float16 first, as the cache keeps them); NaN rows for pictures
        that cannot be read, which ``meta["unreadable"]`` lists with the reason.

    Raises
    ------
    MissingError
        No model can be used, or the one named cannot; the hint names the command that brings it.
    BadInputError
        No picture at all can be read, or a device or precision that is not there.
    """
    started = time.perf_counter()
    entry, why = choose("embedding", model)
    how = resolve_how(device, precision, cpu=entry.cpu, gpu=entry.gpu)
    call = _Call(entry, how, batch_size_for(how, batch_size), executor, progress, cancel)
    data = items.frames if isinstance(items, Shots) else items
    root = data.root if isinstance(data, Items) else data
    with open_cache(cache) as kept:
        store = kept.vectors(entry.name, version(entry, how), entry.dims)
        with Foreseen(store, root) as ahead:
            table, marks, reasons = _look(data)
            recalled = None if reasons else ahead.answer(marks) or recall(store, root, marks)
        if recalled is not None:
            vectors, reasons = recalled.vectors, recalled.reasons
            call.facts.update(from_cache=recalled.distinct, distinct=recalled.distinct)
        else:
            vectors = _look_up_or_embed(table, marks, reasons, kept, store, call)
    if len(table) and len(reasons) == len(table):
        raise BadInputError(
            f"None of the {len(table)} pictures could be read; the first: {reasons[0]}",
            hint="Check the folder that the items point to.",
        )
    return Embeddings(
        items=table,
        vectors=vectors,
        model=entry.name,
        meta={
            "chosen": why,
            "preprocessing": entry.preprocessing,
            "device": how.device,
            "precision": how.precision,
            **call.facts,
            "seconds": round(time.perf_counter() - started, 3),
            "unreadable": [{"path": table.paths[row], "reason": reasons[row]} for row in sorted(reasons)],
        },
    )
