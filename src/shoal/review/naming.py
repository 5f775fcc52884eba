"""Rules for names that people give: of clusters and of tags."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from shoal.disk.names import check_name, folded
from shoal.errors import BadInputError, MissingError, NameRefusedError
from shoal.review.records import RESERVED
from shoal.review.state import State

__all__ = ["NameTakenError", "checked_name", "clean_tags", "find_cluster", "free_name"]


class NameTakenError(NameRefusedError):
    """The name belongs to another cluster; merging must be asked for."""

    code = "name_taken"


def checked_name(state: State, name: str, *, free: Iterable[str] = ()) -> str:
    """Return ``name`` stripped, when a cluster may have it.

    Parameters
    ----------
    state : State
        Whose other clusters the name must not clash with, also under case folding and Unicode normalisation.
    name : str
        The wish.
    free : iterable of str
        Ids of clusters whose names count as free.

    Raises
    ------
    NameRefusedError
        When it cannot be the name of a folder everywhere.
    NameTakenError
        When another cluster has it.
    """
    name = name.strip()
    check_name(name)
    key, ignore = folded(name), set(free)
    for record in state.clusters.values():
        if record.id not in ignore and folded(record.name) == key:
            raise NameTakenError(
                f"there is a cluster {record.name!r} already",
                hint="Choose another name, or merge the two (select both, then Merge).",
            )
    return name


def free_name(state: State, stem: str = "cluster") -> str:
    """First of ``stem_1``, ``stem_2``, … that no cluster has."""
    taken = {folded(record.name) for record in state.clusters.values()}
    n = 1
    while folded(f"{stem}_{n}") in taken:
        n += 1
    return f"{stem}_{n}"


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags stripped, without empty ones and repeats.

    Raises
    ------
    BadInputError
        When a tag holds a comma or a line break, or is over 100 characters.
    """
    out: dict[str, None] = {}
    for tag in tags:
        tag = tag.strip()
        if len(tag) > 100 or any(c in tag for c in ",\n\r\0"):
            raise BadInputError(f"{tag[:120]!r} cannot be a tag", hint="Use a short word without commas.")
        if tag:
            out[tag] = None
    return list(out)


def find_cluster(state: State, cluster: str) -> str:
    """Id of a cluster given by name or id.

    Raises
    ------
    MissingError
        When there is none; the message offers names that are close.
    """
    if cluster in RESERVED:
        return cluster
    names = state.names_taken()
    if cluster in names:
        return names[cluster]
    if cluster in state.clusters:
        return cluster
    close = difflib.get_close_matches(cluster, names, n=3)
    hint = f"Did you mean {' or '.join(map(repr, close))}?" if close else "review.clusters lists them."
    raise MissingError(f"there is no cluster {cluster!r}", hint=hint)
