"""Commands on items: move, trash, restore, tag, caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shoal.errors import NotAllowedError
from shoal.review.changes import CellChange, Change
from shoal.review.commands.base import Command, Verdict, cells_to, checked_rows, covers_lost, name_of, plural
from shoal.review.naming import clean_tags
from shoal.review.records import NOISE_CODE, TRASH, TRASH_CODE
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = ["CaptionItems", "MoveItems", "RestoreItems", "TagItems", "TrashItems"]


@dataclass(frozen=True, slots=True, eq=False)
class MoveItems(Command):
    """Move items into a cluster, or to ``"noise"``."""

    items: Rows
    to: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        items, code = checked_rows(state, self.items), state.code_of(self.to)
        cells = cells_to(state, items, code)
        n = len(cells["code"].rows)
        if not n:
            raise NotAllowedError(
                f"all of them are in {name_of(state, self.to)} already", hint="Choose another target."
            )
        label = f"Moved {plural(n)} to {name_of(state, self.to)}"
        return Verdict(Change(cells, covers_lost(state, cells["code"])), label, self.to)


@dataclass(frozen=True, slots=True, eq=False)
class TrashItems(Command):
    """Put items into the trash folder: excluded, never deleted."""

    items: Rows

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        verdict = MoveItems(self.items, TRASH).prepare(state)
        return replace(verdict, label=f"Put {plural(len(verdict.change.cells['code'].rows))} in the trash")


@dataclass(frozen=True, slots=True, eq=False)
class RestoreItems(Command):
    """Bring items back from the trash, each to the cluster it was in, or to noise when that is gone."""

    items: Rows

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        items = checked_rows(state, self.items)
        rows = items[state.codes[items] == TRASH_CODE]
        if not len(rows):
            raise NotAllowedError("none of them is in the trash", hint="Select items of the trash.")
        living = np.array([r.code for r in state.clusters.values()], np.int32)
        homes = state.home[rows]
        after = np.where(np.isin(homes, living), homes, NOISE_CODE).astype(np.int32)
        cells = CellChange(rows, np.full(len(rows), TRASH_CODE, np.int32), after)
        return Verdict(Change({"code": cells}), f"Restored {plural(len(rows))} from the trash")


@dataclass(frozen=True, slots=True, eq=False)
class TagItems(Command):
    """Add and remove tags of items."""

    items: Rows
    add: Sequence[str] = ()
    remove: Sequence[str] = ()

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        add, remove = set(clean_tags(self.add)), set(self.remove)
        changed: dict[int, tuple[Any, Any]] = {}
        for row in checked_rows(state, self.items).tolist():
            old: tuple[str, ...] | None = state.notes["tags"].get(row)
            new = tuple(sorted((set(old or ()) | add) - remove)) or None
            if new != old:
                changed[row] = (old, new)
        if not changed:
            raise NotAllowedError("that changes nothing", hint="The tags are so already.")
        return Verdict(Change(notes={"tags": changed}), f"Tagged {plural(len(changed))}")


@dataclass(frozen=True, slots=True, eq=False)
class CaptionItems(Command):
    """Set the caption of items; an empty one removes it."""

    items: Rows
    caption: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        new = self.caption.strip() or None
        notes = state.notes["caption"]
        rows = checked_rows(state, self.items).tolist()
        changed: dict[int, tuple[Any, Any]] = {
            row: (notes.get(row), new) for row in rows if notes.get(row) != new
        }
        if not changed:
            raise NotAllowedError("that changes nothing", hint="The caption is so already.")
        return Verdict(Change(notes={"caption": changed}), f"Captioned {plural(len(changed))}")
