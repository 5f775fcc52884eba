"""Embeddings kept by what a picture contains, so that nothing is embedded twice."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import platformdirs

from shoal.store.file_hashes import FileHashes
from shoal.store.vectors import VectorStore

__all__ = ["EmbeddingCache", "default_cache_folder"]


def default_cache_folder() -> Path:
    """Folder of the embeddings: ``$SHOAL_CACHE``, or ``embeddings`` in shoal's user cache."""
    given = os.environ.get("SHOAL_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("shoal")) / "embeddings"


class EmbeddingCache:
    """All cached embeddings of one folder; a context manager.

    What is guaranteed: a vector that is found belongs to exactly that content, model and preprocessing
    version, and is whole (checksum). What is not: that a vector which was added is found again after a power
    cut in the very append; it is then embedded again.

    Parameters
    ----------
    folder : path, optional
        Default `default_cache_folder`.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_cache_folder()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hashes = FileHashes(self.folder / "files.sqlite")
        self._stores: dict[str, VectorStore] = {}

    def vectors(self, model: str, preprocessing: str, dims: int) -> VectorStore:
        """Open the vectors of one model, preprocessing version and dimension."""
        name = _folder_name(model, preprocessing, dims)
        if name not in self._stores:
            about = {"model": model, "preprocessing": preprocessing, "dims": str(dims)}
            self._stores[name] = VectorStore(self.folder / name, dims, about)
        return self._stores[name]

    def close(self) -> None:
        """Close every file."""
        for store in self._stores.values():
            store.close()
        self._stores.clear()
        self.hashes.close()

    def __enter__(self) -> EmbeddingCache:  # noqa: PYI034 - no subclasses
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _folder_name(model: str, preprocessing: str, dims: int) -> str:
    """Readable, safe as a folder, and different for different models (by the hash)."""
    text = f"{model}\0{preprocessing}\0{dims}"
    plain = re.sub(r"[^a-zA-Z0-9._-]+", "-", f"{model}-{preprocessing}").strip(".-")[:60]
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
