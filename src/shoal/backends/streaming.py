"""Pictures to vectors, batch by batch, on threads here or on any executor elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How
from shoal.backends.protocols import ImageEmbedder
from shoal.backends.registry import ModelEntry, load_embedder
from shoal.backends.torch_tower import quiet_threads
from shoal.compute.batches import batched, default_workers, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.rescue import map_rescued
from shoal.data.pictures import read_picture
from shoal.errors import BadInputError, MissingError

__all__ = ["Result", "batch_size_for", "embed_paths", "stream"]

Result = npt.NDArray[np.float16] | str
"""A vector of length 1, or why there is none."""

# One thread computes a batch from reading to vector, so small batches cost nothing on processors and keep
# memory small; a GPU wants many pictures at once.
_BATCH = {"cpu": 8, "cuda": 64}
_MOST_THREADS = 16


def batch_size_for(how: How, asked: int | None) -> int:
    """Pictures a batch: as asked, or what suits the device. A batch that does not fit is halved when met.

    Raises
    ------
    BadInputError
        ``asked`` is below 1.
    """
    if asked is None:
        return _BATCH[how.device]
    if asked < 1:
        raise BadInputError(f"batch_size={asked} is below 1", hint="Pass 1 or more, or None.")
    return asked


def _read_input(path: Path, model: ImageEmbedder) -> npt.NDArray[np.uint8] | str:
    """Read one picture into the model's input, or return why it cannot be read."""
    try:
        return model.preprocess(read_picture(path, min_side=model.least_side, alpha="keep"))
    except (BadInputError, MissingError) as error:
        return error.message


def _is_out_of_memory(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "allocate memory" in str(error))
    )


def _features(model: ImageEmbedder, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Run the model; a batch that does not fit into memory is run in halves."""
    try:
        return model.embed(inputs)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error) or len(inputs) == 1:
            raise
    middle = len(inputs) // 2
    return np.concatenate([_features(model, inputs[:middle]), _features(model, inputs[middle:])])


def embed_paths(paths: Sequence[Path], *, entry: ModelEntry, how: How, size: int) -> list[Result]:
    """Read and embed one batch, anywhere: in another process or on another machine that sees the files.

    Every batch is filled up to ``size``, so that a vector does not depend on how many others were asked for.

    Returns
    -------
    list of (ndarray of float16, shape (dims,)) or str
        L2-normalised, or why the picture cannot be read.
    """
    model = load_embedder(entry, how)
    inputs = [_read_input(path, model) for path in paths]
    readable = [value for value in inputs if not isinstance(value, str)]
    if not readable:
        return [value for value in inputs if isinstance(value, str)]
    padded = np.stack(readable + [readable[-1]] * (size - len(readable)))
    features = _features(model, padded)[: len(readable)].astype(np.float32)
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    vectors = iter((features / np.maximum(norms, 1e-12)).astype(np.float16))
    return [value if isinstance(value, str) else next(vectors) for value in inputs]


def _lost(path: Path, error: BaseException) -> Result:
    return f"{str(path)!r} ended the process that read it, twice ({type(error).__name__})"


def stream(
    paths: Sequence[Path],
    *,
    entry: ModelEntry,
    how: How,
    size: int,
    executor: Executor | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[list[Result]]:
    """Embed files batch by batch, in order; at most two batches a worker are in flight.

    Without an executor as many threads as there are cores each take a batch from decoding to vector: the
    decoders and torch leave the interpreter lock free, nobody waits for anybody, and on a GPU some decode
    while one computes.
    """
    work = partial(embed_paths, entry=entry, how=how, size=size)
    batches = batched(paths, size)
    if executor is not None:
        yield from map_rescued(work, batches, executor=executor, lost=_lost, cancel=cancel)
        return
    load_embedder(entry, how)  # here first, so that what is missing is said once
    threads = min(_MOST_THREADS, default_workers() + (how.device == "cuda"))
    with (
        quiet_threads() if "torch" in entry.packages and how.device == "cpu" else nullcontext(),
        reading_threads(workers=threads) as pool,
    ):
        yield from map_rescued(work, batches, executor=pool, lost=_lost, cancel=cancel)
