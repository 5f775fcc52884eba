"""Carry out a plan: all of it or nothing, and never without a way back."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from shoal.compute.garbage import no_collection
from shoal.disk.backup import make_backup, note_after
from shoal.disk.checks import check_before
from shoal.disk.finish import REPORT, create, free_changes_name, roll_back, roll_forward
from shoal.disk.layout import (
    BACKUPS,
    COMMITS,
    HOLD,
    JOURNAL,
    changes_stage,
    commit_file,
    hold_name,
    intent_file,
    last_revision,
    report_stage,
)
from shoal.disk.plan import Plan
from shoal.disk.records import (
    Create,
    Record,
    SaveRecord,
    Step,
    as_save_record,
    committed_records,
    encode,
    in_order,
)
from shoal.disk.recover import recover_locked
from shoal.disk.settle import carry_out, holding_place
from shoal.disk.tree import FolderScan
from shoal.disk.verify import Verification, verify
from shoal.errors import SaveError, ShoalError
from shoal.store.filesystem import OWN, FileSystem

__all__ = [
    "Save",
    "SaveCancelledError",
    "SaveRecord",
    "Verification",
    "apply_plan",
    "committed",
    "new_record",
    "open_folder",
    "text_of",
    "verify",
]

Progress = Callable[[int, int, str], None]
Backup = Literal["link", "copy", "none"]

_AS_IT_WAS = "The folder is as it was and the edits are kept; save again when that is mended."


class SaveCancelledError(SaveError):
    """The save was cancelled by its caller and rolled back."""

    code = "cancelled"


@no_collection()
def apply_plan(
    root: str | os.PathLike[str],
    plan: Plan,
    *,
    expected: FolderScan,
    report: Mapping[str, Any],
    changes: Mapping[str, Any],
    backup: Backup = "link",
    hashes: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    fs: FileSystem | None = None,
) -> SaveRecord:
    """Move the files of a plan, with lock, backup, journal and commit; all or nothing.

    Parameters
    ----------
    root : path
        The clustered folder.
    plan : Plan
        What to do, without refusals.
    expected : FolderScan
        The folder as it was when the plan was made. What has changed since is an error.
    report, changes : mapping
        Content of ``cluster_report.json`` and of ``changes_<time>.json``; JSON-able.
    backup : {"link", "copy", "none"}
        Keep the tree as it is now by hard links, by copies of the bytes, or only as a manifest.
    hashes : mapping of str to str, optional
        SHA-256 of unchanged files, by path, where they are known; the others are left to ``verify``.
    progress : callable, optional
        Called as ``progress(done, total, what)``.
    cancel : callable, optional
        Asked now and then; when it says true, the save is rolled back.
    fs : FileSystem, optional
        The disk; tests give one that fails, dies, or forgets.

    Returns
    -------
    SaveRecord
        Only when the commit record and both folders of every move are on disk.

    Raises
    ------
    ConflictError
        When another save came in between, or is going on.
    SaveCancelledError
        When ``cancel`` said so.
    SaveError
        When the plan is refused, or something failed: the folder is as it was.
    """
    if not plan.ok:
        first = plan.refusals[0]
        raise SaveError(f"{first.path!r}: {first.reason}", hint=first.hint)
    texts = text_of(report), text_of(changes)
    with open_folder(root, fs) as disk:
        steps = _checked(disk, plan, expected)
        record = new_record(disk, plan, steps, backup)
        return Save(disk, record, expected, hashes or {}, progress, cancel).run(*texts)


@contextmanager
def open_folder(root: str | os.PathLike[str], fs: FileSystem | None) -> Generator[FileSystem]:
    """The folder, locked and recovered, with shoal's own folders in it."""
    disk = fs if fs is not None else FileSystem(root)
    try:
        _make_own_folders(disk)
        with ExitStack() as stack:
            try:
                stack.enter_context(disk.lock())
                recover_locked(disk)
            except OSError as error:
                raise SaveError(
                    f"{disk.root!r} cannot be saved to: {error.strerror}", hint=_AS_IT_WAS
                ) from error
            yield disk
    finally:
        if fs is None:
            disk.close()


def committed(
    root: str | os.PathLike[str], after: int = 0, *, fs: FileSystem | None = None
) -> list[SaveRecord]:
    """Saves of the folder that are done, from revision ``after + 1`` on, oldest first.

    Raises
    ------
    DamagedError
        When a record is damaged or missing.
    """
    disk = fs if fs is not None else FileSystem(root)
    try:
        return [as_save_record(record) for record in committed_records(disk, after)]
    finally:
        if fs is None:
            disk.close()


def text_of(value: Mapping[str, Any]) -> bytes:
    """A mapping as JSON, one line for each entry at the top and in the lists there: fit to read."""
    lines: list[str] = []
    for key, part in value.items():
        if isinstance(part, list) and part:
            rows = ",\n  ".join(json.dumps(row) for row in part)  # pyright: ignore[reportUnknownVariableType]
            lines.append(f"{json.dumps(key)}: [\n  {rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(part)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _make_own_folders(fs: FileSystem) -> None:
    try:
        for folder in (OWN, JOURNAL, COMMITS, BACKUPS):
            found = fs.stat(folder)
            if found is None:
                fs.mkdir(folder)
                fs.sync_folder(folder.rpartition("/")[0])
            elif found.kind != "folder":
                raise SaveError(
                    f"{folder!r} in {fs.root!r} is not a folder", hint="Move it away, then save again."
                )
    except FileExistsError:
        _make_own_folders(fs)  # somebody else makes them at this moment
    except OSError as error:
        raise SaveError(f"{fs.root!r} cannot be written to: {error.strerror}", hint=_AS_IT_WAS) from error


def _checked(fs: FileSystem, plan: Plan, expected: FolderScan) -> list[Step]:
    try:
        return check_before(fs, plan, expected)
    except OSError as error:
        raise SaveError(
            f"{error.filename or fs.root!r} cannot be read: {error.strerror}", hint=_AS_IT_WAS
        ) from error


def new_record(
    fs: FileSystem,
    plan: Plan,
    steps: list[Step],
    backup: Backup,
    creates: tuple[Create, ...] = (),
    restores: int | None = None,
) -> Record:
    """The record of a save that is about to begin, with the next free revision."""
    now = time.time_ns()
    seconds = time.gmtime(now // 1_000_000_000)
    return Record(
        revision=last_revision(fs) + 1,
        id=secrets.token_hex(8),
        at=f"{time.strftime('%Y-%m-%dT%H:%M:%S', seconds)}.{now // 1000 % 1_000_000:06d}Z",
        steps=in_order(steps),
        make_dirs=plan.make_dirs,
        remove_dirs=plan.remove_dirs,
        backup=backup,
        changes_file=free_changes_name(fs, time.strftime("%Y%m%dT%H%M%SZ", seconds)),
        cluster_folders=plan.clusters,
        creates=creates,
        restores=restores,
    )


class Save:
    """One save under way; the lock is held by the caller.

    Parameters
    ----------
    fs : FileSystem
        The disk.
    record : Record
        What will be done.
    expected : FolderScan
        The tree to back up.
    hashes : mapping of str to str
        Known SHA-256, by path.
    progress, cancel : callable or None
        See :func:`apply_plan`.
    """

    def __init__(
        self,
        fs: FileSystem,
        record: Record,
        expected: FolderScan,
        hashes: Mapping[str, str],
        progress: Progress | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self.fs, self.record, self.expected, self.hashes = fs, record, expected, hashes
        self._progress, self._cancel = progress, cancel
        self._done, self._what = 0, "backup"
        self._moved_ns = self._depth = 0
        files = len(expected.items) if record.backup != "none" else 0
        self._total = files + len(record.steps) + len(record.creates)

    def run(self, report: bytes, changes: bytes) -> SaveRecord:
        """Carry it out; see :func:`apply_plan`."""
        try:
            self._prepare(report, changes)
        except BaseException as error:
            self._drop_preparations()
            if isinstance(error, OSError):
                raise self._failed("the backup could not be made", error) from error
            raise
        try:
            self._move()
            self._commit()
        except BaseException as error:
            self._undo(error)
            if isinstance(error, OSError):
                raise self._failed("the save was rolled back", error) from error
            raise
        return as_save_record(self.record, self._finish())

    def _tick(self, n: int) -> None:
        self._done += n
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total, self._what)
        if self._cancel is not None and self._cancel():
            raise SaveCancelledError(
                "the save was cancelled", hint="Nothing has been moved; the edits are kept."
            )

    def _prepare(self, report: bytes, changes: bytes) -> None:
        """Everything that makes a way back: the backup first, so that an intent always has its backup."""
        fs, record = self.fs, self.record
        touched, self._depth = make_backup(
            fs, self.expected, record.revision, mode=record.backup, hashes=self.hashes, tick=self._tick
        )
        if fs.stat(REPORT) is not None and record.backup != "none":
            kept = f"{BACKUPS}/{record.revision:06d}/{REPORT}"
            if fs.stat(kept) is None:
                fs.link(REPORT, kept)
        fs.write_new(report_stage(record.revision), report)
        fs.write_new(changes_stage(record.revision), changes)
        fs.sync_folders(touched)
        fs.write_new(intent_file(record.revision), encode(record))
        fs.sync_folder(JOURNAL)

    def _move(self) -> None:
        fs, record = self.fs, self.record
        self._what = "move"
        self._done = self._total - len(record.steps) - len(record.creates)
        self._tick(0)
        for folder in record.make_dirs:
            fs.mkdir(folder)
        fs.sync_folders({folder.rpartition("/")[0] for folder in record.make_dirs} | set(record.make_dirs))
        pairs = [(step.src, step.dst) for step in record.steps]
        touched = {path.rpartition("/")[0] for pair in pairs for path in pair}
        carry_out(fs, pairs, lambda i: holding_place(fs, hold_name(record.revision, i)), self._tick)
        touched |= create(fs, record)
        self._moved_ns = time.time_ns()
        if fs.stat(HOLD) is not None:
            touched.add(HOLD)
        fs.sync_folders(touched)

    def _commit(self) -> None:
        """From the moment that this is on disk, the new tree is the tree."""
        fs, record = self.fs, self.record
        try:
            fs.link(intent_file(record.revision), commit_file(record.revision))
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            fs.write_new(commit_file(record.revision), encode(record))
        fs.sync_folder(COMMITS)

    def _finish(self) -> tuple[str, ...]:
        try:
            notes = tuple(roll_forward(self.fs, self.record, fresh=True).notes)
            if self.record.backup == "link":
                note_after(self.fs, self.expected, self.record, moved_ns=self._moved_ns, depth=self._depth)
            return notes
        except OSError as error:
            # Saved is saved: what is left to do is in the journal, and the next opening does it.
            return (f"the report or the change log is not written yet: {error}",)

    def _undo(self, cause: BaseException) -> None:
        try:
            roll_back(self.fs, self.record)
        except OSError as error:
            raise SaveError(
                f"the save failed ({cause}), and the disk did not let it be undone at once ({error})",
                hint="Nothing is lost: when the disk works again, open the folder, and it is recovered.",
            ) from cause

    def _drop_preparations(self) -> None:
        """Nothing has been moved yet; what cannot be dropped now is dropped by the next recovery."""
        revision = self.record.revision
        for path in (report_stage(revision), changes_stage(revision), intent_file(revision)):
            try:
                if self.fs.stat(path) is not None:
                    self.fs.unlink(path)
            except OSError:
                return

    def _failed(self, what: str, error: OSError) -> ShoalError:
        names = " → ".join(repr(name) for name in (error.filename, error.filename2) if name is not None)
        return SaveError(f"{what}: {names}: {error.strerror or error}".replace(": :", ":"), hint=_AS_IT_WAS)
