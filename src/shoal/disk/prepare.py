"""The backup of the first save, made ahead while people look at their pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from shoal.disk.backup import make_backup, note_after
from shoal.disk.layout import last_revision, manifest_file
from shoal.disk.save import open_folder
from shoal.disk.tree import FolderScan
from shoal.store.filesystem import FileSystem

__all__ = ["prepare_backup"]


def prepare_backup(
    root: str | os.PathLike[str],
    found: FolderScan,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    fs: FileSystem | None = None,
) -> bool:
    """Make the links of the first backup ahead, so that the first save need not.

    Parameters
    ----------
    root : path
        The clustered folder.
    found : FolderScan
        The folder, just read.
    progress, cancel : callable, optional
        As for ``apply_plan``.
    fs : FileSystem, optional
        The disk.

    Returns
    -------
    bool
        Whether there was something to do. A folder that has been saved before is prepared by its last save.

    Raises
    ------
    ConflictError
        When somebody is saving the folder.
    OSError
        When the disk refuses; nothing but the preparation is amiss then.
    """
    done = 0

    def tick(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, len(found.items), "backup")
        if cancel is not None and cancel():
            raise InterruptedError("the preparation was cancelled")

    with open_folder(root, fs) as disk:
        if found.revision or last_revision(disk) or disk.stat(manifest_file(0)) is not None:
            return False
        started = time.time_ns()
        try:
            touched, depth = make_backup(disk, found, 0, mode="link", hashes={}, tick=tick)
            disk.sync_folders(touched)
        except InterruptedError:
            return True
        note_after(disk, found, None, moved_ns=started, depth=depth)
        return True
