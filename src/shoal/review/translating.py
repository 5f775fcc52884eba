"""From the actions of a file to commands: other tools' ids become items and clusters of this review."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from shoal.errors import BadInputError, MissingError
from shoal.review import commands as cmd
from shoal.review import rows as rowsets
from shoal.review.changefile import (
    Action,
    CreateAction,
    MergeAction,
    MoveAction,
    PortableAction,
    RenameAction,
    SortAction,
)
from shoal.review.imported import ImportedChange
from shoal.review.records import NOISE, RESERVED, TRASH
from shoal.review.rows import Rows
from shoal.review.session import Session

__all__ = ["Translator", "command_label", "stem_of"]

_NOISE_NAMES = frozenset({NOISE, "-1", "unclassified", "noise / unclassified"})


def stem_of(name: str) -> str:
    """A file name without its extension."""
    return name.rpartition(".")[0] or name


def command_label(action: Action) -> str:
    """A few words for messages."""
    if isinstance(action, PortableAction):
        return action.label
    if isinstance(action, SortAction):
        return f"{len(action.images)} to {action.target!r}"
    if isinstance(action, MoveAction):
        return f"move_images to {action.target!r}"
    if isinstance(action, MergeAction):
        return f"merge_clusters {', '.join(action.clusters[:3])}"
    if isinstance(action, CreateAction):
        return "create_cluster"
    return f"{action.type} {action.cluster!r}"


class Translator:
    """Makes commands of actions, one after the other, remembering ids that the file itself has given.

    Parameters
    ----------
    session : Session
        Whose items and clusters are meant.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._learnt: dict[str, str] = {}

    def command(self, action: Action) -> cmd.Command:
        """The command of one action.

        Raises
        ------
        MissingError
            When it names an item or a cluster that is not here.
        """
        if isinstance(action, PortableAction):
            return ImportedChange(action.change, action.label, self._session.table)
        if isinstance(action, SortAction):
            return self._sorted(action)
        if isinstance(action, MoveAction):
            source = None if action.source is None else self.find(action.source)
            target = self.cluster(action.target)
            return cmd.MoveItems(self._moved(action.images, source, target), target)
        if isinstance(action, RenameAction):
            return cmd.RenameCluster(self._editable(action.cluster), action.name)
        if isinstance(action, MergeAction):
            merged = action.merged
            name = merged if isinstance(merged, str) else merged.name
            return cmd.MergeClusters([self._editable(c) for c in action.clusters], name)
        if isinstance(action, CreateAction):
            made = action.cluster
            return cmd.CreateCluster(made if isinstance(made, str) else made.name)
        return cmd.DeleteCluster(self._editable(action.cluster))

    def _sorted(self, action: SortAction) -> cmd.Command:
        """What a person put somewhere stays there: it is pinned, as in the assign queue."""
        try:
            rows = self.rows(action.images)
        except MissingError:  # sorted into folders since: then the name says which picture is meant
            rows = self.rows([image.rpartition("/")[2] for image in action.images])
        target = self.find(action.target)
        if target == TRASH:
            return cmd.TrashItems(rows)
        move = cmd.SplitCluster(rows, action.target) if target is None else cmd.MoveItems(rows, target)
        if target == NOISE or action.note:
            return move
        name = action.target if target is None else cmd.name_of(self._session.state, target)
        return cmd.Together([move, cmd.PinItems(rows)], f"Assigned to {name}")

    def learn(self, action: Action, cluster: str | None) -> None:
        """Remember the id that the file gives to a cluster it makes."""
        given = action.merged if isinstance(action, MergeAction) else None
        given = action.cluster if isinstance(action, CreateAction) else given
        if cluster is not None and given is not None and not isinstance(given, str) and given.id is not None:
            self._learnt[given.id] = cluster
        if cluster is not None and isinstance(action, MergeAction):
            for merged in action.clusters:  # a later action may still use the old ids
                self._learnt.setdefault(merged, cluster)

    def cluster(self, given: str) -> str:
        """Id of a cluster that is given by its id here, its id in the file, or its name.

        Raises
        ------
        MissingError
            When there is none.
        """
        found = self.find(given)
        if found is None:
            raise MissingError(
                f"there is no cluster {given!r}", hint="The folder is not as it was when this was made."
            )
        return found

    def _editable(self, given: str) -> str:
        found = self.cluster(given)
        if found in RESERVED:
            raise BadInputError(
                f"{given!r} is a fixed place", hint="It cannot be renamed, merged or deleted."
            )
        return found

    def find(self, given: str) -> str | None:
        """Like :meth:`cluster`, but None when there is none."""
        state = self._session.state
        if given in RESERVED:
            return given
        if given in state.clusters:
            return given
        named = state.names_taken()
        if given in named:
            return named[given]
        learnt = self._learnt.get(given)
        if learnt in state.clusters:
            return learnt
        return NOISE if given.lower() in _NOISE_NAMES else None

    def rows(self, images: Sequence[str], source: str | None = None) -> Rows:
        """Rows of pictures given by id, path, or a name that only one picture (of ``source``) has.

        Raises
        ------
        MissingError
            When a name fits no picture, or several.
        """
        table, state = self._session.table, self._session.state
        by_name: dict[str, list[int]] | None = None
        rows: list[int] = []
        for image in images:
            try:
                rows.append(table.row(image))
                continue
            except MissingError:
                pass
            if by_name is None:
                by_name = {}
                members = None if source is None else state.members(state.code_of(source))
                for row in range(len(table)) if members is None else members.tolist():
                    for name in {table.paths[row].rpartition("/")[2], table.names[row]}:
                        for key in {name, stem_of(name)}:
                            by_name.setdefault(key, []).append(row)
            rows.append(self._only(image, by_name))
        return rowsets.as_rows(rows)

    def _moved(self, images: Sequence[str], source: str | None, target: str) -> Rows:
        try:
            return self.rows(images, source)
        except MissingError:
            with suppress(MissingError):  # perhaps they are there already
                return self.rows(images, source and target)
            raise

    @staticmethod
    def _only(image: str, by_name: dict[str, list[int]]) -> int:
        found = sorted(set(by_name.get(image, [])))
        if len(found) != 1:
            many = f"{len(found)} items are called" if found else "no item is called"
            raise MissingError(f"{many} {image!r}", hint="Name an item by its path in the folder.")
        return found[0]
