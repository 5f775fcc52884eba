"""Thumbnails and previews for the views: made in threads, kept in bounded caches in memory and on disk."""

from __future__ import annotations

import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from shoal.errors import ShoalError
from shoal.widgets.thumb_cache import ThumbCache, thumb_folder

__all__ = ["FolderPictures", "Picture", "PictureSource"]

CACHE_BYTES = 192 * 2**20
WORTH_KEEPING_BYTES = 48 * 2**10
"""Thumbnails of smaller files are not kept on disk: they are made as fast as they are read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture, or why there is none.

    Parameters
    ----------
    data : bytes or None
        JPEG, or WebP when the picture is transparent.
    reason : str or None
        In words, when it cannot be shown.
    """

    data: bytes | None
    reason: str | None = None

    @property
    def media_type(self) -> str | None:
        """``image/jpeg`` or ``image/webp``."""
        if self.data is None:
            return None
        return "image/webp" if self.data[:4] == b"RIFF" else "image/jpeg"


class PictureSource(Protocol):
    """Where the pictures of a view come from."""

    def thumbnail(self, path: str, side: int) -> Future[Picture]:
        """A picture whose longer side is ``side`` px, made in another thread."""
        ...

    def preview(self, path: str, max_side: int) -> tuple[Picture, tuple[int, int]]:
        """A large picture, and the size of the original in px."""
        ...


class FolderPictures:
    """Pictures of a folder.

    Parameters
    ----------
    root : Path
        What paths are relative to.
    threads : int
        Decoders at work at once.
    disk : ThumbCache, optional
        Where thumbnails outlive the kernel; the user's cache when left out.
    """

    def __init__(
        self, root: Path, *, threads: int = min(4, (os.cpu_count() or 2)), disk: ThumbCache | None = None
    ) -> None:
        self.root = root
        folder = thumb_folder()
        self._disk = ThumbCache(folder) if disk is None and folder is not None else disk
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="shoal-thumbs")
        self._cache: OrderedDict[tuple[str, int, int, int], Picture] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def thumbnail(self, path: str, side: int) -> Future[Picture]:
        """See :meth:`PictureSource.thumbnail`; a picture that was changed on disk is made anew."""
        return self._pool.submit(self._thumbnail, path, side)

    def _thumbnail(self, path: str, side: int) -> Picture:
        from shoal.data.pictures import make_thumbnail

        file = self.root / path
        try:
            stat = file.stat()
            key = (path, side, stat.st_mtime_ns, stat.st_size)
            with self._lock:
                if key in self._cache:
                    self._cache.move_to_end(key)
                    return self._cache[key]
            kept = None
            if self._disk is not None and stat.st_size >= WORTH_KEEPING_BYTES:
                kept = self._disk.place(file, stat, side)
            data = None if kept is None or self._disk is None else self._disk.get(kept)
            if data is None:
                data = make_thumbnail(file, side)
                if kept is not None and self._disk is not None:
                    self._disk.put(kept, data)
            picture = Picture(data)
        except ShoalError as error:
            return Picture(None, _reason(error, file))
        except OSError as error:
            return Picture(None, error.strerror or str(error))
        self._keep(key, picture)
        return picture

    def _keep(self, key: tuple[str, int, int, int], picture: Picture) -> None:
        with self._lock:
            self._cache[key] = picture
            self._bytes += len(picture.data or b"")
            while self._bytes > CACHE_BYTES:
                _, old = self._cache.popitem(last=False)
                self._bytes -= len(old.data or b"")

    def preview(self, path: str, max_side: int) -> tuple[Picture, tuple[int, int]]:
        """See :meth:`PictureSource.preview`."""
        from shoal.data.pictures import make_thumbnail, picture_size

        file = self.root / path
        try:
            return Picture(make_thumbnail(file, max_side, quality=90)), picture_size(file)
        except ShoalError as error:
            return Picture(None, _reason(error, file)), (0, 0)


def _reason(error: ShoalError, file: Path) -> str:
    """The message without the path: the view shows it where the picture should be."""
    said = error.message
    for name in (repr(str(file)), str(file)):
        if said.startswith(f"{name} "):
            return "it " + said[len(name) + 1 :]
    return said
