"""Which parts of a step are done, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from shoal.compute.runs import as_json

__all__ = ["PARTS_NAME", "PartLog"]

PARTS_NAME = ".shoal_step.parts"


class PartLog:
    """One line of JSON for each finished part; a context manager.

    A line is written after the files of its part are in place, and reaches the operating system at once: the
    death of the process loses no line, a power cut may. A torn last line is passed over.

    Parameters
    ----------
    path : Path
        The file.
    keep : bool
        Whether the lines of an interrupted run count; otherwise the file is begun anew.

    Attributes
    ----------
    done : dict of str to dict
        Key → facts, of the parts that are done.
    """

    def __init__(self, path: Path, *, keep: bool) -> None:
        self.path = path
        self.done: dict[str, dict[str, Any]] = {}
        if keep and path.is_file():
            self._read()
        self._file: IO[str] | None = None

    def _read(self) -> None:
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and isinstance(entry.get("key"), str):
                self.done[entry["key"]] = entry.get("facts", {})

    def __enter__(self) -> Self:
        text = "".join(_line(key, facts) for key, facts in self.done.items())
        self.path.write_text(text, encoding="ascii")
        self._file = self.path.open("a", encoding="ascii")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, key: str, facts: Mapping[str, Any]) -> None:
        """Note a part as done."""
        self.done[key] = dict(facts)
        if self._file is not None:
            self._file.write(_line(key, facts))
            self._file.flush()


def _line(key: str, facts: Mapping[str, Any]) -> str:
    return json.dumps({"key": key, "facts": as_json(facts)}, ensure_ascii=True) + "\n"
