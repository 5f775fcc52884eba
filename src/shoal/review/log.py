"""The edit log: one gesture, one line, checksummed and chained, on disk before anyone is told.

A line is JSON: ``{v, seq, base, actor, at, kind, cursor, label, …, change, check}``. ``check`` is the CRC-32
of the line up to it, started from the check of the line before: a torn or flipped tail, a lost line and a
line put in are all seen.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shoal.errors import ConflictError, DamagedError, SaveError
from shoal.store.atomic import sync_folder

try:
    import fcntl
except ImportError:  # Windows has no flock; the folder lock of a save still holds there
    fcntl = None

__all__ = ["VERSION", "EditLog", "Kind", "LogRecord", "read_log"]

VERSION = 1
Kind = Literal["do", "undo", "redo", "jump", "checkpoint", "save", "scan"]
_START = b'{"v":'
_MARK = b',"check":"'
_TAIL = len(_MARK) + 8 + len(b'"}')


@dataclass(slots=True)
class LogRecord:
    """One line of the log.

    Parameters
    ----------
    seq : int
        From 1, without gaps; also the revision after it.
    raw : bytes
        The line without its line break.
    """

    seq: int
    kind: Kind
    cursor: int
    label: str
    at: str
    actor: str
    raw: bytes
    parsed: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def data(self) -> dict[str, Any]:
        """The whole line, parsed."""
        return json.loads(self.raw) if self.parsed is None else self.parsed

    def forget(self) -> None:
        """Drop the parsed line; the raw one takes a tenth of the memory."""
        self.parsed = None


def _parse(line: bytes, check: int, seq: int) -> tuple[LogRecord, int] | None:
    """One verified record and its check, or None when the line is damaged."""
    body = line[:-_TAIL]
    value = zlib.crc32(body, check)
    if line[-_TAIL:] != _MARK + b'%08x"}' % value:
        return None
    try:
        data = json.loads(line)
        record = LogRecord(
            data["seq"], data["kind"], data["cursor"], data["label"], data["at"], data["actor"], line, data
        )
    except (ValueError, KeyError, TypeError):
        return None
    if data["v"] > VERSION:
        raise DamagedError(
            f"the edit log is of version {data['v']}, newer than this shoal",
            hint="Update shoal to edit this folder.",
        )
    return (record, value) if record.seq == seq else None


def read_log(data: bytes, *, seq: int = 0, check: int = 0) -> Iterator[tuple[LogRecord, int, int]]:
    """Records of ``data``, each with its check and the offset after it; stops before a torn last line.

    Raises
    ------
    DamagedError
        When a line that is not the last one is damaged, or lines are missing.
    """
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        line = data[at:] if end < 0 else data[at:end]
        found = _parse(line, check, seq + 1) if end >= 0 else None
        if found is None:
            # one record may be torn at the end; what holds more than one beginning is damage, not a torn tail
            if (end >= 0 and data.find(b"\n", end + 1) >= 0) or data.count(_START, at) > 1:
                raise DamagedError(
                    f"line {seq + 1} of the edit log is damaged, and there are good lines after it",
                    hint="Nothing was guessed. Put actions.jsonl back from a backup, "
                    "or move .shoal away to start anew.",
                )
            return
        record, check = found
        seq, at = seq + 1, end + 1
        yield record, check, at


class EditLog:
    """Append-only log of one folder, shared by every session on it.

    Parameters
    ----------
    path : Path
        ``…/.shoal/actions.jsonl``; made when missing.
    sync : bool
        Wait for the disk before an append returns (fdatasync). Only measurements turn it off.

    Notes
    -----
    Not guaranteed on network file systems, where locks and syncs may be pretended.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self.path = path
        self.sync = sync
        self.seq = 0
        self.check = 0
        self.torn: Path | None = None
        self._failed = False
        self._offset = 0
        new = not path.exists()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        if new:
            sync_folder(path.parent)

    def close(self) -> None:
        """Give the file handle back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read_new(self) -> Iterator[LogRecord]:
        """Records that were appended since the last look, by whoever. Take them all: the log is locked.

        Raises
        ------
        DamagedError
            When the log cannot be followed.
        """
        with _Locked(self._fd):
            size = os.fstat(self._fd).st_size
            if size < self._offset:
                raise DamagedError("the edit log has become shorter", hint="Open the folder again.")
            if size == self._offset:
                return
            data = (
                os.pread(self._fd, size - self._offset, self._offset)
                if hasattr(os, "pread")
                else self._slurp()
            )
            start = self._offset
            for record, check, end in read_log(data, seq=self.seq, check=self.check):
                self.seq, self.check, self._offset = record.seq, check, start + end
                yield record
            if self._offset < size:
                self._set_tail_aside(data[self._offset - start :])

    def _slurp(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self._offset)
            return file.read()

    def _set_tail_aside(self, tail: bytes) -> None:
        """A torn last line was never acknowledged.

        Keep its bytes in a file of their own, and go on before it.
        """
        aside = self.path.with_name(f"{self.path.name}.torn-{self.seq + 1}-{zlib.crc32(tail):08x}")
        aside.write_bytes(tail)
        os.ftruncate(self._fd, self._offset)
        os.fsync(self._fd)
        self.torn = aside

    def append(self, kind: Kind, *, cursor: int, label: str, at: str, actor: str, **facts: Any) -> LogRecord:
        """Write one record and wait until it is on disk.

        Raises
        ------
        ConflictError
            When another session has appended meanwhile: read_new() first.
        SaveError
            When the disk refused; the log is closed to further edits then.
        """
        if self._failed:
            raise SaveError(
                "the edit log could not be written before", hint="Make room, then open the folder again."
            )
        seq = self.seq + 1
        head = {
            "v": VERSION,
            "seq": seq,
            "base": self.seq,
            "actor": actor,
            "at": at,
            "kind": kind,
            "cursor": cursor,
        }
        body = json.dumps({**head, "label": label, **facts}, separators=(",", ":"))[:-1].encode("ascii")
        check = zlib.crc32(body, self.check)
        line = body + _MARK + b'%08x"}' % check
        with _Locked(self._fd):
            if os.fstat(self._fd).st_size != self._offset:
                raise ConflictError(
                    "another session has edited this folder", hint="Its edits are being fetched."
                )
            self._write(line + b"\n")
        self.seq, self.check = seq, check
        return LogRecord(seq, kind, cursor, label, at, actor, line)

    def _write(self, line: bytes) -> None:
        try:
            written = 0
            while written < len(line):
                written += os.write(self._fd, line[written:])
            if self.sync:
                getattr(os, "fdatasync", os.fsync)(self._fd)
        except OSError as error:
            self._failed = True
            with suppress(OSError):  # else the next open sets the unacknowledged tail aside by its checksum
                os.ftruncate(self._fd, self._offset)
            raise SaveError(
                f"the edit could not be kept on disk ({error.strerror})",
                hint="It was not carried out. Make room or mend the disk, then open the folder again.",
            ) from error
        self._offset += len(line)


class _Locked:
    """Exclusive advisory lock on the log while it is read or appended to."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __enter__(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if fcntl is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
