"""Two disks behind one door: in memory and real. Every test of the suite runs on both."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from shoal.store.filesystem import FileSystem
from tests.crash.disk import Disk, KilledError
from tests.crash.scenarios import Tree, add_file
from tests.crash.simulated import SimulatedFileSystem

CHANGING = (
    "mkdir",
    "rmdir",
    "rename",
    "link",
    "copy",
    "write_new",
    "append",
    "truncate",
    "replace",
    "unlink",
)
CHANGING += ("drop_twin", "sync_folder")


class DyingFileSystem(FileSystem):
    """The real disk, until the ``kill_at``-th changing call; the ``fail_at``-th one fails with ``error``."""

    parallel = False

    def __init__(
        self, root: Path, *, fail_at: int = -1, error: OSError | None = None, kill_at: int = -1
    ) -> None:
        super().__init__(root)
        self.calls = 0
        self.fail_at, self.error, self.kill_at = fail_at, error, kill_at
        for name in CHANGING:
            setattr(self, name, self._counted(getattr(self, name)))

    def _counted(self, call: Callable[..., None]) -> Callable[..., None]:
        def counted(*args: object, **words: object) -> None:
            self.calls += 1
            if 0 <= self.kill_at < self.calls:
                raise KilledError
            if self.calls == self.fail_at and self.error is not None:
                raise self.error
            call(*args, **words)

        return counted

    def rename_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        for src, dst in pairs:
            self.rename(src, dst)
        tick(len(pairs))

    def link_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        for src, dst in pairs:
            self.link(src, dst)
        tick(len(pairs))


class Door(ABC):
    """A folder that a test can fill, look at, and open with faults."""

    stride = 1
    """Every which call a fault is put at; a real disk takes its time to sync."""

    @abstractmethod
    def fill(self, files: dict[str, bytes]) -> None:
        """Make these files, with the folders that they lie in."""

    @abstractmethod
    def open(self, *, fail_at: int = -1, error: OSError | None = None, kill_at: int = -1) -> FileSystem:
        """The file system with faults."""

    @abstractmethod
    def look(self) -> Tree:
        """Path → bytes, None for folders; shoal's own files left out."""

    @abstractmethod
    def copy(self) -> Door:
        """The same folder once more, for another fault."""


class MemoryDoor(Door):
    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()

    def fill(self, files: dict[str, bytes]) -> None:
        for path, data in files.items():
            add_file(self.disk, path, data)
        self.disk.facts.clear()

    def open(self, *, fail_at: int = -1, error: OSError | None = None, kill_at: int = -1) -> FileSystem:
        return SimulatedFileSystem(self.disk, fail_at=fail_at, error=error, kill_at=kill_at)

    def look(self) -> Tree:
        return self.disk.walk()

    def copy(self) -> Door:
        return MemoryDoor(self.disk.settled())


class RealDoor(Door):
    stride = 4

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self.copies = 0

    def fill(self, files: dict[str, bytes]) -> None:
        self.files |= files
        for path, data in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(data)

    def open(self, *, fail_at: int = -1, error: OSError | None = None, kill_at: int = -1) -> FileSystem:
        return DyingFileSystem(self.root, fail_at=fail_at, error=error, kill_at=kill_at)

    def look(self) -> Tree:
        found: Tree = {}
        for folder, folders, files in os.walk(self.root):
            rel = Path(folder).relative_to(self.root).as_posix()
            folders[:] = [name for name in folders if name != ".shoal"]
            prefix = "" if rel == "." else f"{rel}/"
            found |= dict.fromkeys(prefix + name for name in folders)
            found |= {prefix + name: Path(folder, name).read_bytes() for name in files}
        return found

    def copy(self) -> Door:
        self.copies += 1
        fresh = RealDoor(self.root.with_name(f"{self.root.name}-{self.copies}"))
        fresh.root.mkdir()
        fresh.fill(self.files)
        return fresh
