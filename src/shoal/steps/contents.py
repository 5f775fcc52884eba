"""What pictures contain: the hash of every file, and the cache that is asked by it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.cancel import CancelToken
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.tables import Items
from shoal.store.embedding_cache import EmbeddingCache
from shoal.store.file_hashes import FileHashes

__all__ = ["content_keys", "open_cache"]


@contextmanager
def open_cache(option: bool | str | os.PathLike[str]) -> Iterator[EmbeddingCache]:
    """Open the cache that is asked for; without one, a temporary one serves this call."""
    if option is False:
        with tempfile.TemporaryDirectory(prefix="shoal-") as folder, EmbeddingCache(folder) as cache:
            yield cache
    else:
        with EmbeddingCache(None if option is True else option) as cache:
            yield cache


def content_keys(
    items: Items,
    marks: npt.NDArray[np.int64],
    reasons: dict[int, str],
    hashes: FileHashes,
    *,
    progress: ProgressOption = True,
    cancel: CancelToken | None = None,
) -> list[bytes]:
    """SHA-256 of every file, from the memo where it is unchanged.

    Parameters
    ----------
    items : Items
        The files.
    marks : ndarray of int64, shape (n, 4)
        From `shoal.data.listing.file_marks`, of the same items.
    reasons : dict of int to str
        Rows that cannot be looked at, and why; those that cannot be opened are added.
    hashes : FileHashes
        The memo.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.
    cancel : CancelToken, optional
        Stops between two files.

    Returns
    -------
    list of bytes
        32 bytes each; empty where a file cannot be opened.
    """

    def one(row: int) -> bytes | str:
        try:
            return hashes.get(items.file(row))
        except OSError as error:
            return f"{str(items.file(row))!r} cannot be opened: {error.strerror or error}"

    known = hashes.lookup(marks)
    keys = [key or b"" for key in known]
    unknown = [row for row, key in enumerate(known) if key is None and row not in reasons]
    with reading_threads() as pool, show("Looking at files", len(items), progress, unit="files") as bar:
        bar.update(len(items) - len(unknown))
        for row, key in zip(unknown, map_ordered(one, unknown, executor=pool, cancel=cancel), strict=True):
            if isinstance(key, str):
                reasons[row] = key
            else:
                keys[row] = key
            bar.update()
    return keys
