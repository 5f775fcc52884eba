"""Commands on what people know: pins, links of pairs; and several commands as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shoal.errors import BadInputError, NotAllowedError
from shoal.review.changes import Change, reverse, squash
from shoal.review.commands.base import Command, Verdict, checked_rows, plural
from shoal.review.records import TRASH_CODE
from shoal.review.rows import Rows
from shoal.review.state import State

__all__ = ["Link", "LinkItems", "LinkKind", "PinItems", "Together", "read_link"]

LinkKind = Literal["must", "cannot", "apart", "unsure"]
_KINDS = ("must", "cannot", "apart", "unsure")


@dataclass(frozen=True, slots=True)
class Link:
    """What somebody said of two items.

    Parameters
    ----------
    row, other : int
        The two items; the link is kept with ``row``.
    other_id : str
        Id of ``other``: what the log keeps, so that it means the same in any copy of the folder.
    kind : {"must", "cannot", "apart", "unsure"} or None
        One character, two characters, two clusters that these two stand for, asked and not known; None
        forgets what was said.
    """

    row: int
    other: int
    other_id: str
    kind: LinkKind | None

    @classmethod
    def of(cls, ids: Sequence[str], a: int, b: int, kind: LinkKind | None) -> Link:
        """The link of two rows, whichever way round; ``ids`` are those of all items."""
        row, other = (a, b) if a < b else (b, a)
        return cls(row, other, ids[other], kind)


def read_link(text: str) -> tuple[str, str]:
    """Kind and id of the other item, from the note that :class:`LinkItems` keeps (``"must faces/7.jpg"``)."""
    kind, _, other = text.partition(" ")
    return kind, other


@dataclass(frozen=True, slots=True, eq=False)
class PinItems(Command):
    """Say that items are where they belong: nothing automatic moves them any more. Or take that back."""

    items: Rows
    pinned: bool = True
    why: str = "confirmed"

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        new = self.why if self.pinned else None
        notes = state.notes["pin"]
        rows = checked_rows(state, self.items)
        changed: dict[int, tuple[Any, Any]] = {
            row: (notes.get(row), new)
            for row, code in zip(rows.tolist(), state.codes[rows].tolist(), strict=True)
            if code != TRASH_CODE and (row in notes) != self.pinned
        }
        if not changed:
            raise NotAllowedError("that changes nothing", hint="They are so already, or in the trash.")
        what = "Pinned" if self.pinned else "Unpinned"
        return Verdict(Change(notes={"pin": changed}), f"{what} {plural(len(changed))}")


@dataclass(frozen=True, slots=True)
class LinkItems(Command):
    """Say of pairs of items that they are one, are two, or that nobody can tell."""

    links: Sequence[Link]

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`."""
        if not self.links:
            raise BadInputError("no pairs are given", hint="Give two items at least.")
        notes, new = state.notes["links"], dict[int, dict[str, str]]()
        for link in self.links:
            if link.row == link.other or not (0 <= link.row < len(state) and 0 <= link.other < len(state)):
                raise BadInputError("a pair needs two different items of this review", hint="Give two items.")
            if link.kind is not None and link.kind not in _KINDS:
                raise BadInputError(f"{link.kind!r} is no kind of link", hint=f"Say one of {_KINDS}.")
            if link.row not in new:
                new[link.row] = {other: kind for kind, other in map(read_link, notes.get(link.row) or ())}
            if link.kind is None:
                new[link.row].pop(link.other_id, None)
            else:
                new[link.row][link.other_id] = link.kind
        changed: dict[int, tuple[Any, Any]] = {}
        for row, of in new.items():
            value = tuple(sorted(f"{kind} {other}" for other, kind in of.items())) or None
            if value != notes.get(row):
                changed[row] = (notes.get(row), value)
        if not changed:
            raise NotAllowedError("that changes nothing", hint="It was said already.")
        return Verdict(Change(notes={"links": changed}), self.label())

    def label(self) -> str:
        """What it says, in words."""
        said = {
            "must": "Same",
            "cannot": "Different",
            "apart": "Different clusters",
            "unsure": "Unsure",
            None: "Forgot what was said",
        }
        kinds = {link.kind for link in self.links}
        what = said[next(iter(kinds))] if len(kinds) == 1 else "Answered"
        return f"{what}: {plural(len(self.links), 'pair')}"


@dataclass(frozen=True, slots=True)
class Together(Command):
    """Several commands as one edit: one line of the log, one undo.

    Parameters
    ----------
    commands : sequence of Command
        Carried out one after the other, each on what those before it made. One that the state does not allow
        (mostly because it would change nothing) is passed over; any other error refuses the whole.
    label : str
        What to call it.
    """

    commands: Sequence[Command]
    label: str

    def prepare(self, state: State) -> Verdict:
        """See :meth:`Command.prepare`. The state is put through the steps and back again meanwhile."""
        change, done, cluster = Change(), list[Change](), None
        try:
            for command in self.commands:
                try:
                    verdict = command.prepare(state)
                except NotAllowedError:
                    continue
                state.apply(verdict.change)
                done.append(verdict.change)
                change = squash(change, verdict.change)
                cluster = verdict.cluster or cluster
        finally:
            for step in reversed(done):
                state.apply(reverse(step))
        if not change:
            raise NotAllowedError("that changes nothing", hint="It is so already.")
        return Verdict(change, self.label, cluster)
