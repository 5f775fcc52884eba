"""A change that was made elsewhere, as a command: checked against this review, one edit like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shoal.errors import BadInputError, ConflictError, MissingError, NotAllowedError
from shoal.review import rows as rowsets
from shoal.review.changefile import ClusterFacts, Moved, PortableChange
from shoal.review.changes import SPARSE, CellChange, Change, squash
from shoal.review.commands import Command, Verdict, name_of
from shoal.review.commands.base import ClusterPairs, cells_to, covers_lost
from shoal.review.naming import checked_name, clean_tags
from shoal.review.records import RESERVED, ClusterRecord
from shoal.review.rows import Rows
from shoal.review.state import State
from shoal.review.table import ItemTable

__all__ = ["ImportedChange"]


@dataclass(frozen=True, slots=True, eq=False)
class ImportedChange(Command):
    """Carry out a change that names items by id and clusters by name.

    Parameters
    ----------
    change : PortableChange
        What was done elsewhere.
    label : str
        For the history.
    table : ItemTable
        The items here.
    """

    change: PortableChange
    label: str
    table: ItemTable

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`.

        Raises
        ------
        MissingError
            When an item or cluster is not here.
        ConflictError
            When something here is not as it was when the change was made.
        NotAllowedError
            When everything is so already.
        """
        moved = [(part, self._rows(part)) for part in self.change.items]
        if self._done(state, moved):
            raise NotAllowedError("that changes nothing", hint="It is so already.")
        known = {record.name: record for record in state.clusters.values()}
        clusters, after = _resolve(self.change, state, known, self.table)
        change = Change(clusters=clusters)
        for part, rows in moved:
            source = _code(part.source, known)
            elsewhere = rows[state.codes[rows] != source]
            if len(elsewhere):
                first = int(elsewhere[0])
                here = name_of(state, state.id_of(int(state.codes[first])))
                raise ConflictError(
                    f"{self.table.ids[first]!r} is in {here!r}, not in {part.source!r}",
                    hint="It was moved here meanwhile: leave this action out, or undo that move.",
                )
            cells = cells_to(state, rows, _code(part.target, after))
            change = squash(change, Change(cells))
        change = replace(change, notes=self._notes(state))
        return Verdict(_with_covers(state, change), self.label)

    def _rows(self, part: Moved) -> Rows:
        return rowsets.as_rows([self.table.row(item) for item in part.ids])

    def _done(self, state: State, moved: Sequence[tuple[Moved, Rows]]) -> bool:
        """Whether the state already is what the change leads to."""
        named = state.names_taken() | {name: name for name in RESERVED}
        for part, rows in moved:
            if part.target not in named or not (state.codes[rows] == state.code_of(named[part.target])).all():
                return False
        parts = self.change.clusters
        stay = {facts.name for facts in parts.added} | {new.name for _, new in parts.updated}
        gone = {facts.name for facts in parts.removed} | {old.name for old, _ in parts.updated}
        exchanged = {old.name for old, new in parts.updated if old.name != new.name} & stay
        if exchanged or (gone - stay) & set(named) or not stay <= set(named):
            return False
        records = {record.name: record for record in state.clusters.values()}
        if any(_changed(records[new.name], old, new, self.table) for old, new in parts.updated):
            return False
        return not any(self._notes(state, strict=False).values())

    def _notes(self, state: State, *, strict: bool = True) -> dict[str, dict[int, tuple[Any, Any]]]:
        out: dict[str, dict[int, tuple[Any, Any]]] = {}
        for name, cells in self.change.notes.items():
            if name not in SPARSE:
                raise BadInputError(
                    f"there are no notes called {name!r}", hint=f"Known: {', '.join(SPARSE)}."
                )
            for item, old, new in cells:
                row = self.table.row(item)
                here, wanted = state.notes[name].get(row), _value(name, new)
                if here == wanted:
                    continue
                if strict and here != _value(name, old):
                    raise ConflictError(
                        f"the {name} of {item!r} were changed here meanwhile",
                        hint="Leave this action out, or take the other change back.",
                    )
                out.setdefault(name, {})[row] = (here, wanted)
        return out


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "tags" and isinstance(value, (list, tuple)):
        return tuple(sorted(clean_tags(map(str, value)))) or None  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return tuple(sorted(map(str, value))) or None  # pyright: ignore[reportUnknownArgumentType]
    if name == "caption" and isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (bool, int, float, str)):
        return value
    raise BadInputError(f"{value!r} cannot be a value of {name}", hint="Use what an export wrote.")


def _code(name: str, known: Mapping[str, ClusterRecord]) -> int:
    if name in RESERVED:
        return RESERVED[name]
    try:
        return known[name].code
    except KeyError:
        raise MissingError(
            f"there is no cluster {name!r}", hint="The folder is not as it was when the change was made."
        ) from None


def _resolve(
    change: PortableChange, state: State, known: Mapping[str, ClusterRecord], table: ItemTable
) -> tuple[ClusterPairs, dict[str, ClusterRecord]]:
    """Clusters by id as in a change, and the records by name as they are after it."""
    parts = change.clusters
    clusters: ClusterPairs = {}
    gone = [_record(facts.name, known) for facts in parts.removed]
    renamed = [_record(old.name, known) for old, _ in parts.updated]
    free = {record.id for record in (*gone, *renamed)}
    after = {name: record for name, record in known.items() if record.id not in free}
    for record in gone:
        clusters[record.id] = (record, None)
    for record, (old, new) in zip(renamed, parts.updated, strict=True):
        updated = replace(record, **_changed(record, old, new, table))
        if updated.name != record.name:
            updated = replace(updated, name=checked_name(state, updated.name, free=free))
        after[updated.name] = updated
        if updated != record:
            clusters[record.id] = (record, updated)
    for number, facts in enumerate(parts.added):
        code = state.next_code + number
        name = checked_name(state, facts.name, free=free)
        if name in after:
            raise ConflictError(f"two clusters would be called {name!r}", hint="Leave this action out.")
        record = replace(ClusterRecord(f"c{code}", code, name), **{**_fields(facts, table), "name": name})
        clusters[record.id] = (None, record)
        after[name] = record
    return clusters, after


def _record(name: str, known: Mapping[str, ClusterRecord]) -> ClusterRecord:
    if name in RESERVED:
        raise BadInputError(f"{name!r} is a fixed place", hint="It cannot be renamed, merged or deleted.")
    _code(name, known)
    return known[name]


def _fields(facts: ClusterFacts, table: ItemTable) -> dict[str, Any]:
    cover = None if facts.cover is None else table.row(facts.cover)
    return {
        "name": facts.name,
        "description": facts.description.strip(),
        "color": facts.color,
        "cover": cover,
        "reviewed": facts.reviewed,
        "tags": tuple(sorted(clean_tags(facts.tags))),
    }


def _changed(record: ClusterRecord, old: ClusterFacts, new: ClusterFacts, table: ItemTable) -> dict[str, Any]:
    """Only what the edit changed: what was changed here of other fields stays."""
    before, after = _fields(old, table), _fields(new, table)
    wanted = {key: value for key, value in after.items() if before[key] != value}
    return {key: value for key, value in wanted.items() if getattr(record, key) != value}


def _with_covers(state: State, change: Change) -> Change:
    """The same change, where clusters that lose the picture on their cover lose the cover too.

    Raises
    ------
    ConflictError
        When a cluster would be removed that still holds items.
    """
    moved = change.cells.get("code")
    leaving = {} if moved is None else covers_lost(state, moved)
    clusters = {**leaving, **change.clusters}
    after = state.codes if moved is None else _after(state, moved)
    for cluster_id, (old, new) in change.clusters.items():
        if old is not None and new is None and bool((after == old.code).any()):
            n = int((after == old.code).sum())
            raise ConflictError(
                f"{old.name!r} would be removed, but holds {n:,} items that the change does not know",
                hint="Move them first, or leave this action out.",
            )
        if new is not None and new.cover is not None and after[new.cover] != new.code:
            clusters[cluster_id] = (old, replace(new, cover=None))
    kept = {key: pair for key, pair in clusters.items() if pair[0] != pair[1]}
    return replace(change, clusters=kept)


def _after(state: State, moved: CellChange) -> np.ndarray[Any, np.dtype[np.int32]]:
    codes = state.codes.copy()
    codes[moved.rows] = moved.after
    return codes
