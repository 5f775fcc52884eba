"""What the review keeps about a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shoal.errors import DamagedError

__all__ = ["NOISE", "NOISE_CODE", "RESERVED", "TRASH", "TRASH_CODE", "ClusterRecord"]

NOISE = "noise"
TRASH = "trash"
NOISE_CODE = -1
TRASH_CODE = -2
RESERVED = {NOISE: NOISE_CODE, TRASH: TRASH_CODE}
"""Ids of the two places that are always there, and the codes of their items."""


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """One cluster. A changed cluster is a new record.

    Parameters
    ----------
    id : str
        Stable for the life of the review; never reused.
    code : int
        What the array of codes holds for its items; never reused.
    name : str
        Also the name of its folder.
    description : str
        Free text.
    color : int
        Index into the palette of the views.
    cover : int or None
        Item number (row) of the cover picture; None lets the views choose.
    reviewed : bool
        Signed off by a person.
    tags : tuple of str
        Sorted.
    """

    id: str
    code: int
    name: str
    description: str = ""
    color: int = 0
    cover: int | None = None
    reviewed: bool = False
    tags: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able form."""
        return {**asdict(self), "tags": list(self.tags)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClusterRecord:
        """Read what :meth:`to_json` gave.

        Raises
        ------
        DamagedError
            When a field is missing or unknown.
        """
        try:
            facts: dict[str, Any] = {**data, "tags": tuple(data.get("tags", ()))}
            return cls(**facts)
        except TypeError as error:
            raise DamagedError(f"a cluster record cannot be read: {error}") from error
