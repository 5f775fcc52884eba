"""Files written by plain system calls: what was done to them is recorded, and every state of a crash rebuilt.

The edit log and the vector arena append to one open file, without the door that a save goes through. Here the
``os`` of such a module is replaced by a :class:`Recorder`, which passes every call on and notes it. ``crash``
builds the folder as it may be after the first k calls and a kill, or a power cut that drops, tears or blanks
what was not synced.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

How = Literal["kill", "power"]


class Call(NamedTuple):
    """One changing call. ``at`` is where data goes, or the new length of a file that is cut."""

    what: Literal["make", "write", "cut", "sync"]
    path: Path
    at: int = 0
    data: bytes = b""


class Recorder:
    """Stands in for the ``os`` of a module.

    Parameters
    ----------
    folder : Path
        What lies in it now is where the recording begins.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self.calls: list[Call] = []
        self._paths: dict[int, Path] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, *rest: Any, **words: Any) -> int:
        new = flags & os.O_CREAT and not Path(path).exists()
        fd = os.open(path, flags, *rest, **words)
        self._paths[fd] = Path(path)
        if new:
            self.calls.append(Call("make", Path(path)))
        return fd

    def write(self, fd: int, data: bytes) -> int:
        at = os.fstat(fd).st_size  # only files that are appended to are written so
        done = os.write(fd, data)
        self.calls.append(Call("write", self._paths[fd], at, bytes(data[:done])))
        return done

    def pwrite(self, fd: int, data: bytes, at: int) -> int:
        done = os.pwrite(fd, data, at)
        self.calls.append(Call("write", self._paths[fd], at, bytes(data[:done])))
        return done

    def ftruncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)
        self.calls.append(Call("cut", self._paths[fd], size))

    def fsync(self, fd: int) -> None:
        os.fsync(fd)
        self.calls.append(Call("sync", self._paths[fd]))

    def fdatasync(self, fd: int) -> None:
        os.fdatasync(fd)
        self.calls.append(Call("sync", self._paths[fd]))

    def crash(self, k: int, how: How, rng: random.Random, into: Path) -> None:
        """Build the folder after the first ``k`` calls and a crash, below ``into``."""
        files: dict[Path, bytearray] = {path: bytearray(data) for path, data in self.before.items()}
        names = set(self.before)
        synced = {path: max(found) for path, found in self._syncs(k).items()}
        for i, call in enumerate(self.calls[:k]):
            safe = how == "kill" or i < synced.get(call.path, -1)
            content = files.setdefault(call.path, bytearray())
            if call.what == "make":
                # A name is safe when its folder was synced; that its file was is not enough everywhere.
                if how == "kill" or i < synced.get(call.path.parent, -1) or rng.random() < 0.5:
                    names.add(call.path)
            elif call.what == "write":
                data = call.data if safe else survived(call.data, rng)
                if data is not None:
                    content.extend(bytes(max(0, call.at - len(content))))
                    content[call.at : call.at + len(data)] = data
            elif call.what == "cut" and (safe or rng.random() < 0.5):
                del content[call.at :]
        for path in names:
            to = into / path.relative_to(self.folder)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(files[path])

    def _syncs(self, k: int) -> dict[Path, list[int]]:
        found: dict[Path, list[int]] = {}
        for i, call in enumerate(self.calls[:k]):
            if call.what == "sync":
                found.setdefault(call.path, []).append(i)
        return found


def survived(data: bytes, rng: random.Random) -> bytes | None:
    """What a power cut leaves of an unsynced write: nothing, a part, blanks, a part and blanks, or all."""
    cut = rng.randint(0, len(data))
    return rng.choice((None, data[:cut], bytes(len(data)), data[:cut] + bytes(len(data) - cut), data))


def every_crash(recorder: Recorder, rng: random.Random, times: int) -> Iterator[tuple[int, How]]:
    """A kill after each call, and so many power cuts."""
    for k in range(len(recorder.calls) + 1):
        yield k, "kill"
        for _ in range(times):
            yield k, "power"
