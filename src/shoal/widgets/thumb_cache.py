"""Thumbnails on disk: bounded, the longest unused go first, shared by every kernel of a user."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import platformdirs

__all__ = ["ThumbCache", "thumb_folder"]

LIMIT_BYTES = 1 << 30
"""Room that the cache may take on disk."""

_VERSION = "1"
_SHARE_LEFT = 0.9
_SWEEPS_PER_LIMIT = 16
_TOUCH_AFTER_S = 3_600.0
_STALE_AFTER_S = 3_600.0
_numbers = itertools.count()


def thumb_folder() -> Path | None:
    """Where thumbnails are kept: ``$SHOAL_THUMBS``, else the user's cache; None when that says "off"."""
    given = os.environ.get("SHOAL_THUMBS", "")
    if given == "off":
        return None
    return Path(given) if given else Path(platformdirs.user_cache_dir("shoal")) / "thumbs"


class ThumbCache:
    """Encoded thumbnails by what file they show and how large they are.

    A picture is known by its inode, size and time, not by its path: a save moves files without changing them,
    and their thumbnails stay known. Several kernels may use one folder: a thumbnail is written beside its
    place and put there in one step, and what one removes is only missed by the other. Whatever the disk
    refuses is left out: a cache never fails its user.

    Parameters
    ----------
    folder : Path
        Made when the first thumbnail is kept.
    limit : int
        Bytes on disk; now and then the longest unused are removed down to 90 % of it.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit = limit
        # A new kernel looks early: others may have left more than this one allows.
        self._until_sweep = 0
        self._sweeping = threading.Lock()

    def place(self, path: Path, stat: os.stat_result, side: int) -> Path:
        """Where the thumbnail of a file is kept."""
        known_by = (stat.st_dev, stat.st_ino) if stat.st_ino else (str(path),)
        words = "|".join(map(str, (_VERSION, *known_by, stat.st_mtime_ns, stat.st_size, side)))
        name = hashlib.blake2b(words.encode("utf-8", "surrogateescape"), digest_size=20).hexdigest()
        return self.folder / name[:2] / name[2:]

    def get(self, place: Path) -> bytes | None:
        """A kept thumbnail, or None. One that was cut short, as a power cut leaves it, counts as missing."""
        try:
            with place.open("rb") as file:
                data = file.read()
                used = os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        if not _is_whole(data):
            with suppress(OSError):
                place.unlink()
            return None
        if time.time() - used > _TOUCH_AFTER_S:
            with suppress(OSError):
                os.utime(place)
        return data

    def put(self, place: Path, data: bytes) -> None:
        """Keep a thumbnail."""
        fresh = place.with_name(f".{os.getpid()}-{next(_numbers)}.new")
        try:
            if not place.parent.is_dir():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # they show what the pictures show
                place.parent.mkdir(exist_ok=True)
            fresh.write_bytes(data)
            fresh.replace(place)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            return
        self._until_sweep -= len(data)
        if self._until_sweep < 0 and self._sweeping.acquire(blocking=False):
            self._until_sweep = self.limit // _SWEEPS_PER_LIMIT
            threading.Thread(target=self._sweep_and_release, name="shoal-thumbs-sweep", daemon=True).start()

    def _sweep_and_release(self) -> None:
        try:
            self.sweep()
        finally:
            self._sweeping.release()

    def sweep(self) -> int:
        """Remove the longest unused until there is room again; returns how many bytes are left."""
        kept: list[tuple[float, int, Path]] = []
        stale = time.time() - _STALE_AFTER_S
        for entry in self._entries():
            with suppress(OSError):
                stat = entry.stat()
                if entry.name.startswith(".") and stat.st_mtime < stale:
                    Path(entry).unlink()
                    continue
                kept.append((stat.st_mtime, _room(stat), Path(entry)))
        total = sum(room for _, room, _ in kept)
        if total <= self.limit:
            return total
        for _, room, path in sorted(kept):
            if total <= _SHARE_LEFT * self.limit:
                break
            with suppress(OSError):
                path.unlink(missing_ok=True)
                total -= room
        return total

    def _entries(self) -> list[os.DirEntry[str]]:
        found: list[os.DirEntry[str]] = []
        with suppress(OSError):
            for part in sorted(self.folder.iterdir()):
                if len(part.name) == 2:
                    with suppress(OSError), os.scandir(part) as entries:
                        found += [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        return found


def _room(stat: os.stat_result) -> int:
    """Bytes on disk, whole blocks."""
    return max(stat.st_size, 512 * getattr(stat, "st_blocks", 0))


def _is_whole(data: bytes) -> bool:
    """Whether these bytes begin and end as a JPEG or WebP that shoal wrote."""
    if data[:2] == b"\xff\xd8":
        return data[-2:] == b"\xff\xd9"
    return data[:4] == b"RIFF" and len(data) >= 12 and int.from_bytes(data[4:8], "little") == len(data) - 8
