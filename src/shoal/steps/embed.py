"""One vector a picture, cached by content, the model busy while threads read ahead."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.protocols import ImageEmbedder
from shoal.backends.registry import ModelEntry, choose, load_embedder
from shoal.compute.batches import batched, default_workers, map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import Progress, ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.pictures import read_picture
from shoal.data.tables import Embeddings, Items, Shots
from shoal.errors import BadInputError, MissingError
from shoal.store.embedding_cache import EmbeddingCache

__all__ = ["embed"]

# Small batches are the fastest on processors (they stay in the cache); every batch is filled up to this size,
# so that a picture's vector does not depend on how many others were embedded with it.
_BATCH = 8
# Vectors are made durable this often, so that Ctrl-C or a crash loses little.
_KEEP_EVERY = 64

_Input = npt.NDArray[np.uint8] | str


def _read_input(task: tuple[Path, ImageEmbedder]) -> _Input:
    """Read one picture into the model's input, or return why it cannot be read."""
    path, model = task
    try:
        return model.preprocess(read_picture(path, alpha="keep"))
    except (BadInputError, MissingError) as error:
        return error.message


def _run(model: ImageEmbedder, inputs: Sequence[_Input]) -> list[npt.NDArray[np.float16] | str]:
    """Embed up to one batch; L2-normalised float16, reasons passed through."""
    readable = [value for value in inputs if not isinstance(value, str)]
    vectors: Iterator[npt.NDArray[np.float16]] = iter(())
    if readable:
        padded = readable + [readable[-1]] * (_BATCH - len(readable))
        features = model.embed(np.stack(padded))[: len(readable)].astype(np.float32)
        norms = np.linalg.norm(features, axis=1, keepdims=True)
        vectors = iter((features / np.maximum(norms, 1e-12)).astype(np.float16))
    return [value if isinstance(value, str) else next(vectors) for value in inputs]


def _embed_files(task: tuple[list[Path], str]) -> list[npt.NDArray[np.float16] | str]:
    """Read and embed one batch, anywhere: in another process or on another machine that sees the files."""
    paths, name = task
    model = load_embedder(name)
    return _run(model, [_read_input((path, model)) for path in paths])


def _results(
    paths: list[Path], name: str, executor: Executor | None, cancel: CancelToken | None
) -> Iterator[list[npt.NDArray[np.float16] | str]]:
    """Yield the results of each batch, in order."""
    if executor is not None:
        tasks = ((batch, name) for batch in batched(paths, _BATCH))
        yield from map_ordered(_embed_files, tasks, executor=executor, cancel=cancel)
        return
    model = load_embedder(name)
    window = 4 * _BATCH
    with reading_threads(workers=min(8, default_workers() + 1)) as pool:
        inputs = map_ordered(
            _read_input, ((path, model) for path in paths), executor=pool, window=window, cancel=cancel
        )
        for batch in batched(inputs, _BATCH):
            yield _run(model, batch)


def _content_keys(
    items: Items, cache: EmbeddingCache, option: ProgressOption
) -> tuple[list[bytes], dict[int, str]]:
    """Hash every file; keys are empty for files that cannot be opened."""

    def one(path: Path) -> bytes | str:
        try:
            return cache.hashes.get(path)
        except OSError as error:
            return f"{str(path)!r} cannot be opened: {error.strerror or error}"

    keys: list[bytes] = []
    unreadable: dict[int, str] = {}
    with reading_threads() as pool, show("Looking at files", len(items), option, unit="files") as bar:
        for row, key in enumerate(map_ordered(one, map(items.file, range(len(items))), executor=pool)):
            if isinstance(key, str):
                unreadable[row] = key
                key = b""
            keys.append(key)
            bar.update()
    return keys, unreadable


@contextmanager
def _cache(option: bool | str | os.PathLike[str]) -> Iterator[EmbeddingCache]:
    """Open the cache that is asked for; without one, a temporary one serves this call."""
    if option is False:
        with tempfile.TemporaryDirectory(prefix="shoal-") as folder, EmbeddingCache(folder) as cache:
            yield cache
    else:
        with EmbeddingCache(None if option is True else option) as cache:
            yield cache


@dataclass(slots=True)
class _Done:
    """The vectors by content, and the reasons of pictures that have none."""

    vectors: dict[bytes, npt.NDArray[np.float16]]
    reasons: dict[bytes, str]
    from_cache: int = 0


def _embed_missing(
    paths: dict[bytes, Path],
    done: _Done,
    entry: ModelEntry,
    keep: Any,
    bar: Progress,
    executor: Executor | None,
    cancel: CancelToken | None,
) -> None:
    """Embed the contents that no cache holds, and hand them to ``keep(keys, vectors)`` as they come."""
    waiting: list[bytes] = []

    def flush() -> None:
        if waiting:
            keep(list(waiting), np.stack([done.vectors[key] for key in waiting]))
            waiting.clear()

    keys: Iterable[list[bytes]] = batched(paths, _BATCH)
    try:
        for batch, results in zip(
            keys, _results(list(paths.values()), entry.name, executor, cancel), strict=True
        ):
            for key, result in zip(batch, results, strict=True):
                if isinstance(result, str):
                    done.reasons[key] = result
                else:
                    done.vectors[key] = result
                    waiting.append(key)
                bar.update()
            if len(waiting) >= _KEEP_EVERY:
                flush()
    finally:
        flush()


def embed(
    items: Items | Shots,
    *,
    model: str = "auto",
    cache: bool | str | os.PathLike[str] = True,
    executor: Executor | None = None,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> Embeddings:
    """Turn every picture into a vector; similar pictures get similar vectors.

    Transparent pictures, such as the crops of `segment`, are embedded without their background: it is
    replaced by mid-grey, or does not count, as the model wants. Vectors are cached by content hash, model and
    preprocessing version, so a second call, or a call after files were moved, costs only the hashing.

    Parameters
    ----------
    items : Items or Shots
        The pictures.
    model : str
        Registry name, or ``"auto"``: the best model whose weights and packages are here. Which one it took,
        and why, is in ``meta["chosen"]``.
    cache : bool or path
        ``True`` keeps vectors in the user cache, a path in that folder, ``False`` nowhere.
    executor : concurrent.futures.Executor, optional
        Where pictures are read and embedded, batch by batch; the same bytes come back with any of them.
        Default: threads read, this thread embeds.
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
    """
    table = items.frames if isinstance(items, Shots) else items
    started = time.perf_counter()
    entry, why = choose("embedding", model)
    done = _Done({}, {})
    with _cache(cache) as kept:
        keys, unreadable = _content_keys(table, kept, progress)
        store = kept.vectors(entry.name, entry.preprocessing, entry.dims)
        paths = {key: table.file(row) for row, key in reversed(list(enumerate(keys))) if key}
        distinct = list(paths)
        held, found = store.get(distinct)
        done.vectors.update((key, held[i]) for i, key in enumerate(distinct) if found[i])
        done.from_cache = int(found.sum())
        missing = {key: paths[key] for i, key in enumerate(distinct) if not found[i]}
        with show(f"Embedding ({entry.name})", len(distinct), progress, unit="pictures") as bar:
            bar.update(done.from_cache)
            if missing:
                _embed_missing(missing, done, entry, store.add, bar, executor, cancel)
    vectors = np.full((len(table), entry.dims), np.nan, dtype=np.float32)
    for row, key in enumerate(keys):
        if key in done.vectors:
            vectors[row] = done.vectors[key].astype(np.float32)
        elif key:
            unreadable[row] = done.reasons[key]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    if len(table) and len(unreadable) == len(table):
        raise BadInputError(
            f"None of the {len(table)} pictures could be read; the first: {unreadable[0]}",
            hint="Check the folder that the items point to.",
        )
    return Embeddings(
        items=table,
        vectors=vectors,
        model=entry.name,
        meta={
            "chosen": why,
            "preprocessing": entry.preprocessing,
            "from_cache": done.from_cache,
            "distinct": len(distinct),
            "seconds": round(time.perf_counter() - started, 3),
            "unreadable": [
                {"path": table.paths[row], "reason": unreadable[row]} for row in sorted(unreadable)
            ],
        },
    )
