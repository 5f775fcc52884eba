"""Where somebody is in the assign queue, and how its switches stand: kept across restarts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from shoal.errors import DamagedError
from shoal.store.atomic import write_atomic

__all__ = ["Place"]


@dataclass(slots=True)
class Place:
    """What is kept of the assign queue.

    Parameters
    ----------
    later : list of str
        Ids of the items that were put off.
    shuffle : int or None
        Seed of a random order; None for the order of the items.
    manual_only : bool
        No suggestions.
    paged : bool
        Pages of items instead of one after the other.
    at : str or None
        Id of the item that is asked about; None for the first.
    """

    later: list[str] = field(default_factory=list[str])
    shuffle: int | None = None
    manual_only: bool = False
    paged: bool = False
    at: str | None = None

    def write(self, file: Path) -> None:
        """Keep it in a file."""
        facts = {"v": 1, "later": self.later, "shuffle": self.shuffle, "manual_only": self.manual_only}
        told = json.dumps({**facts, "paged": self.paged, "at": self.at})
        write_atomic(file, told.encode("ascii"))

    @classmethod
    def read(cls, file: Path | None) -> Place:
        """Read what :meth:`write` wrote; the beginning without a file.

        Raises
        ------
        DamagedError
            When the file cannot be read.
        """
        if file is None or not file.exists():
            return cls()
        try:
            facts = cast("dict[str, Any]", json.loads(file.read_text(encoding="ascii")))
            later = [str(item) for item in facts["later"]]
            shuffle = None if facts["shuffle"] is None else int(facts["shuffle"])
            paged = facts.get("paged") is True  # older places do not say
            return cls(later, shuffle, facts["manual_only"] is True, paged, facts["at"])
        except (ValueError, KeyError, TypeError) as error:
            hint = "Remove it: only the place is lost."
            raise DamagedError(f"{file} cannot be read: {error}", hint=hint) from error
