"""The two ends of an interrupted save: forward to the new tree, or back to the old one."""

from __future__ import annotations

import errno

from shoal.disk.layout import (
    COMMITS,
    HOLD,
    JOURNAL,
    changes_stage,
    commit_file,
    intent_file,
    report_stage,
)
from shoal.disk.records import Create, Record
from shoal.disk.settle import Settled, settle
from shoal.store.filesystem import REPORTS, FileSystem

__all__ = ["REPORT", "create", "free_changes_name", "roll_back", "roll_forward"]

REPORT = "cluster_report.json"


def roll_forward(fs: FileSystem, record: Record, *, report: str = REPORT, fresh: bool = False) -> Settled:
    """Finish a save whose commit is on disk; safe to repeat.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    record : Record
        The committed save.
    report : str
        Name of the report in the root.
    fresh : bool
        The files were moved and synced by this very process a moment ago, and need no second look.
    """
    done = Settled()
    if not fresh:
        done = settle(fs, record, forward=True)
        done.touched |= create(fs, record)
    _publish(fs, record, report)
    for folder in record.remove_dirs:
        _remove_if_empty(fs, folder, done)
    fs.sync_folders(done.touched | {""})
    _clean(fs, record)
    return done


def _publish(fs: FileSystem, record: Record, report: str) -> None:
    """Bring the report and the change log into the root; their staged copies go only afterwards."""
    if report not in REPORTS:
        raise ValueError(f"not the name of a report: {report!r}")
    stage = report_stage(record.revision)
    if fs.stat(stage) is not None:
        # By way of a second name: the stage must last until the root is synced.
        temporary = _temporary(record)
        if fs.stat(temporary) is not None:
            fs.unlink(temporary)
        _second_name(fs, stage, temporary)
        fs.replace(temporary, report)
        if fs.stat(temporary) is not None:  # both were one file already, and then a rename does nothing
            fs.unlink(temporary)
    stage = changes_stage(record.revision)
    if fs.stat(stage) is not None and fs.stat(record.changes_file) is None:
        _second_name(fs, stage, record.changes_file)


def _temporary(record: Record) -> str:
    return f".shoal-report-{record.revision:06d}.tmp"


def _second_name(fs: FileSystem, src: str, dst: str) -> None:
    try:
        fs.link(src, dst)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        fs.copy(src, dst)


def _remove_if_empty(fs: FileSystem, folder: str, done: Settled) -> None:
    found = fs.stat(folder)
    if found is None or found.kind != "folder":
        return
    if fs.entries(folder):
        done.notes.append(f"{folder!r} is not empty and stays")
        return
    try:
        fs.rmdir(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        done.notes.append(f"{folder!r} is not empty and stays")  # something came in just now
        return
    done.touched.add(folder.rpartition("/")[0])
    done.touched.discard(folder)


def _clean(fs: FileSystem, record: Record) -> None:
    """Drop the intent, last of all and durably: from now on there is nothing to recover."""
    if fs.stat(_temporary(record)) is not None:
        fs.unlink(_temporary(record))
    revision = record.revision
    for path in (report_stage(revision), changes_stage(revision), intent_file(revision)):
        if fs.stat(path) is not None:
            fs.unlink(path)
    if fs.stat(HOLD) is not None and not fs.entries(HOLD):
        fs.rmdir(HOLD)
    fs.sync_folder(JOURNAL)


def roll_back(fs: FileSystem, record: Record) -> Settled:
    """Undo a save that was not committed, or whose commit could not be made durable; safe to repeat."""
    if fs.stat(commit_file(record.revision)) is not None:
        fs.unlink(commit_file(record.revision))
        fs.sync_folder(COMMITS)
    done = settle(fs, record, forward=False)
    for i, create in enumerate(record.creates):
        _take_back(fs, record, i, create, done)
    # Before a folder goes, what has left it must have arrived.
    fs.sync_folders(done.touched)
    for folder in reversed(record.make_dirs):
        _remove_if_empty(fs, folder, done)
    fs.sync_folders(done.touched | {""})
    _clean(fs, record)
    return done


def create(fs: FileSystem, record: Record) -> set[str]:
    """Bring back the files that a restore takes from the backup; return the folders to sync. Repeatable."""
    touched: set[str] = set()
    for i, (place, dst) in enumerate(record.creates):
        if fs.stat(dst) is not None:
            continue
        if record.backup == "copy":
            # A copy is whole before it gets the name of a picture.
            made = _made(record, i)
            if fs.stat(made) is not None:
                fs.unlink(made)
            fs.copy(place, made)
            fs.rename(made, dst)
        else:
            fs.link(place, dst)
        touched.add(dst.rpartition("/")[0])
    return touched


def _made(record: Record, index: int) -> str:
    return f"{JOURNAL}/{record.revision:06d}-{index}.made"


def _take_back(fs: FileSystem, record: Record, index: int, create: Create, done: Settled) -> None:
    """Undo one file of :func:`create`, if it is still what was made."""
    kept, made = fs.stat(create.place), fs.stat(create.dst)
    if kept is None or made is None:
        return
    if kept.inode == made.inode:
        fs.drop_twin(create.dst, create.place)
    elif record.backup == "copy" and (kept.size, kept.mtime_ns) == (made.size, made.mtime_ns):
        fs.rename(create.dst, _made(record, index))
        fs.unlink(_made(record, index))
    done.touched.add(create.dst.rpartition("/")[0])


def free_changes_name(fs: FileSystem, stamp: str) -> str:
    """Name of a change log that is not taken: two saves can fall into one second."""
    name, number = f"changes_{stamp}.json", 1
    while fs.stat(name) is not None:
        number += 1
        name = f"changes_{stamp}_{number}.json"
    return name
