"""A disk in memory that remembers what was synced, and can show every state a kill or a power cut may leave.

Each change is logged as small facts: a name added to or taken from a folder, data written, a folder or a file
synced. ``History.crash`` builds what is on the disk after the first k facts, when some of those that were not
synced are gone.
"""

from __future__ import annotations

import errno
import os
import random
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ROOT = 1
Power = Literal["kill", "ordered", "atomic", "split"]
"""What survives:

* ``kill``: everything; only the process died.
* ``ordered``: what a journal wrote in order: everything up to some moment after the last sync.
* ``atomic``: any selection of the unsynced changes that keeps each name's changes in order, renames whole.
* ``split``: the same, but a rename may survive by halves: the file has both names, or none.
"""


class Fact(NamedTuple):
    """One small change. ``add``: name in folder → inode (None: taken away); ``data``: an inode's bytes."""

    what: Literal["add", "data", "sync_folder", "sync_file"]
    txn: int
    inode: int
    name: str = ""
    value: int | None = None
    data: bytes = b""


class File(NamedTuple):
    data: bytes
    mtime_ns: int
    target: str | None = None  # of a symbolic link


class KilledError(BaseException):
    """The process is dead; no code of it may run any more."""


@dataclass
class Disk:
    """The live state, and the facts that led to it."""

    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: {}})
    files: dict[int, File] = field(default_factory=dict)
    next_inode: int = 2
    facts: list[Fact] = field(default_factory=list)
    txn: int = 0
    times: dict[int, int] = field(default_factory=dict)
    """When each folder's names changed last, in changes since the beginning."""

    # -- the live state -----------------------------------------------------------------------------------

    def folder(self, path: str) -> int:
        at = ROOT
        if path:
            for part in path.split("/"):
                entries = self.folders.get(at)
                if entries is None or part not in entries:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
                at = entries[part]
        if at not in self.folders:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return at

    def find(self, path: str) -> int | None:
        if not path:
            return ROOT
        folder, _, name = path.rpartition("/")
        try:
            return self.folders[self.folder(folder)].get(name)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def place(self, path: str) -> tuple[int, str]:
        folder, _, name = path.rpartition("/")
        return self.folder(folder), name

    def put(self, folder: int, name: str, inode: int | None) -> None:
        self.facts.append(Fact("add", self.txn, folder, name, inode))
        self.times[folder] = max(self.times.values(), default=0) + 1
        if inode is None:
            del self.folders[folder][name]
        else:
            self.folders[folder][name] = inode

    def write(self, inode: int, data: bytes, mtime_ns: int) -> None:
        self.facts.append(Fact("data", self.txn, inode, "", mtime_ns, data))
        self.files[inode] = File(data, mtime_ns)

    def begin(self) -> None:
        self.txn += 1

    def new_inode(self) -> int:
        self.next_inode += 1
        return self.next_inode

    def walk(self, path: str = "") -> dict[str, bytes | None]:
        """Path → bytes of every reachable file, None for every folder; shoal's own files left out."""
        found: dict[str, bytes | None] = {}
        todo = [(path, self.folder(path))]
        while todo:
            where, inode = todo.pop()
            for name, child in self.folders[inode].items():
                at = f"{where}/{name}" if where else name
                if at == ".shoal":
                    continue
                if child in self.folders:
                    found[at] = None
                    todo.append((at, child))
                else:
                    found[at] = self.files[child].data
        return found

    def settled(self) -> Disk:
        """The same disk with everything synced."""
        folders = {i: dict(e) for i, e in self.folders.items()}
        return Disk(folders, dict(self.files), self.next_inode, times=dict(self.times))


class History:
    """A run on a disk: where it began, and its facts."""

    def __init__(self, before: Disk, facts: list[Fact], next_inode: int) -> None:
        self.before, self.facts, self.next_inode = before, facts, next_inode

    def crash(self, k: int, power: Power, rng: random.Random) -> Disk:
        """The disk after the first ``k`` facts and a crash of the given kind."""
        if power == "kill":
            chosen: set[int] | None = None
        elif power == "ordered":
            last = max((i for i in range(k) if self.facts[i].what.startswith("sync")), default=-1)
            k = rng.randint(last + 1, k)
            chosen = None
        else:
            chosen = self._survivors(k, power, rng)
        disk = self.before.settled()
        disk.next_inode = self.next_inode
        for i in range(k):
            fact = self.facts[i]
            if fact.what == "add":
                if chosen is None or i in chosen:
                    self._add(disk, fact)
            elif fact.what == "data":
                self._data(disk, fact, i, k, power, rng)
        return disk

    def _add(self, disk: Disk, fact: Fact) -> None:
        entries = disk.folders.setdefault(fact.inode, {})
        disk.times[fact.inode] = max(disk.times.values(), default=0) + 1
        if fact.value is None:
            entries.pop(fact.name, None)
            return
        entries[fact.name] = fact.value
        if fact.name.endswith("/"):
            raise AssertionError(fact)
        if fact.value in disk.folders or fact.value in disk.files:
            return
        if fact.data == b"folder":
            disk.folders[fact.value] = {}
        else:
            disk.files[fact.value] = File(b"", 0)

    def _data(self, disk: Disk, fact: Fact, i: int, k: int, power: Power, rng: random.Random) -> None:
        data = fact.data
        if power not in ("kill",) and not any(
            f.what == "sync_file" and f.inode == fact.inode for f in self.facts[i:k]
        ):
            data = rng.choice((b"", data[: rng.randint(0, len(data))], bytes(len(data)), data))
        disk.files[fact.inode] = File(data, fact.value or 0)

    def _survivors(self, k: int, power: Power, rng: random.Random) -> set[int]:
        """Which of the first k changes of names are on disk: the synced ones, and some of the others."""
        adds = [i for i in range(k) if self.facts[i].what == "add"]
        synced_at: dict[int, int] = {}
        for i in range(k):
            if self.facts[i].what == "sync_folder":
                synced_at[self.facts[i].inode] = i
        luck = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        chosen = {i for i in adds if i < synced_at.get(self.facts[i].inode, -1) or rng.random() < luck}
        return self._closed(adds, chosen, whole_renames=power == "atomic")

    def _closed(self, adds: list[int], chosen: set[int], *, whole_renames: bool) -> set[int]:
        """Add what the chosen ones rest on: earlier changes of the same name, the other half of a rename."""
        before: dict[int, int] = {}
        last: dict[tuple[int, str], int] = {}
        by_txn: dict[int, list[int]] = {}
        for i in adds:
            fact = self.facts[i]
            key = fact.inode, fact.name
            if key in last:
                before[i] = last[key]
            last[key] = i
            by_txn.setdefault(fact.txn, []).append(i)
        todo = list(chosen)
        while todo:
            i = todo.pop()
            needs = [before[i]] if i in before else []
            if whole_renames:
                needs += by_txn[self.facts[i].txn]
            for j in needs:
                if j not in chosen:
                    chosen.add(j)
                    todo.append(j)
        return chosen
