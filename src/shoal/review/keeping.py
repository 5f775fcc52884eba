"""What makes saves of large folders quick: the backup is made ahead, and the folder kept in mind."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from shoal.disk.prepare import prepare_backup
from shoal.disk.tree import FolderScan
from shoal.errors import ShoalError
from shoal.review.session import Session

__all__ = ["prepare_ahead", "remember", "stop_preparing"]

LARGE = 2_000
"""With fewer items the links of a backup are made in no time, and there is nothing to do ahead."""

KEPT = 300_000
"""With more items, what was seen of a folder is not kept: it takes about 300 bytes each."""

_lock = threading.Lock()
_under_way: dict[Path, _Ahead] = {}


class _Ahead(threading.Thread):
    """Makes the links of one folder; dies with the process, and a save takes up whatever it left."""

    def __init__(self, root: Path, found: FolderScan) -> None:
        super().__init__(name=f"shoal-backup-{root.name}", daemon=True)
        self.root, self.found = root, found
        self.stopped = threading.Event()

    def run(self) -> None:
        # Whatever it is that fails here, the save meets it again, and then it is shown.
        with suppress(ShoalError, OSError):
            prepare_backup(self.root, self.found, cancel=self.stopped.is_set)


def remember(session: Session, found: FolderScan) -> None:
    """Keep what was seen of the folder, so that the next look reads only what has changed."""
    session.looked = found if len(found.items) <= KEPT else None


def prepare_ahead(root: Path, found: FolderScan) -> None:
    """Make the backup of the first save in the background, when the folder is large and was never saved."""
    if len(found.items) < LARGE or found.revision:
        return
    place = root.resolve()
    with _lock:
        running = _under_way.get(place)
        if running is None or not running.is_alive():
            _under_way[place] = _Ahead(place, found)
            _under_way[place].start()


def stop_preparing(root: Path) -> None:
    """End the preparation of a folder, if one is going on, and wait until it holds nothing any more.

    What it has linked counts; a save makes the rest.
    """
    with _lock:
        running = _under_way.pop(root.resolve(), None)
    if running is not None:
        running.stopped.set()
        running.join()
