"""Recovery: an interrupted save is brought to its end or to its beginning, never left between."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from shoal.disk.finish import roll_back, roll_forward
from shoal.disk.layout import HOLD, JOURNAL, commit_file, intent_file, revisions
from shoal.disk.records import Record, read_record
from shoal.errors import DamagedError
from shoal.store.filesystem import OWN, FileSystem

__all__ = ["Recovery", "recover", "recover_if_needed", "recover_locked"]

WAIT_S = 10.0
"""How long recovery waits for a save that is still going on, seconds."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a recovery did.

    Parameters
    ----------
    action : {"nothing", "forward", "back", "cleaned"}
        Whether an interrupted save was finished or undone; "cleaned" when one had not begun to move files.
    revision : int or None
        The save in question.
    moved : int
        Files that had to be renamed.
    notes : tuple of str
        What a person should know.
    """

    action: Literal["nothing", "forward", "back", "cleaned"] = "nothing"
    revision: int | None = None
    moved: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = {
            "nothing": "nothing to recover",
            "forward": f"save {self.revision} was complete and has been finished ({self.moved} files moved)",
            "back": f"save {self.revision} was interrupted and was undone ({self.moved} files moved back)",
            "cleaned": f"save {self.revision} was interrupted before it moved anything",
        }[self.action]
        return "\n".join([said, *self.notes])


def recover(root: str | os.PathLike[str], *, fs: FileSystem | None = None) -> Recovery:
    """Bring an interrupted save of the folder to its end or to its beginning.

    It runs by itself when a folder is read; calling it twice does nothing the second time.

    Raises
    ------
    ConflictError
        When somebody else is saving the folder.
    """
    if fs is not None:
        return recover_if_needed(fs)
    with FileSystem(root) as real:
        return recover_if_needed(real)


def recover_if_needed(fs: FileSystem) -> Recovery:
    """:func:`recover`, without a lock or a write when there is nothing to do."""
    own = fs.stat(OWN)
    if own is None or own.kind != "folder" or not fs.entries(JOURNAL):
        return Recovery()
    with fs.lock(wait_s=WAIT_S):
        return recover_locked(fs)


def recover_locked(fs: FileSystem) -> Recovery:
    """:func:`recover` for who holds the lock already."""
    done = Recovery()
    for revision in revisions(fs, JOURNAL):
        done = _recover_one(fs, revision)
    leftovers = fs.entries(JOURNAL)
    for entry in leftovers:
        if entry.kind != "folder":
            fs.unlink(f"{JOURNAL}/{entry.name}")
    if leftovers:
        fs.sync_folder(JOURNAL)
    if fs.stat(HOLD) is not None and not fs.entries(HOLD):
        fs.rmdir(HOLD)
    return done


def _recover_one(fs: FileSystem, revision: int) -> Recovery:
    record = _read(fs, intent_file(revision))
    commit = _read(fs, commit_file(revision)) if fs.stat(commit_file(revision)) is not None else None
    if commit is not None and (record is None or commit.id == record.id):
        done = roll_forward(fs, commit)
        return Recovery("forward", revision, done.moved, tuple(done.notes))
    if record is None:
        # An intent is synced before the first rename: a torn one means that nothing was moved.
        fs.unlink(intent_file(revision))
        fs.sync_folder(JOURNAL)
        return Recovery("cleaned", revision)
    done = roll_back(fs, record)
    return Recovery("back", revision, done.moved, tuple(done.notes))


def _read(fs: FileSystem, path: str) -> Record | None:
    try:
        return read_record(fs, path)
    except DamagedError:
        return None
