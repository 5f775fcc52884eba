"""Files of changes: what an export writes, and the shapes of other tools, read strictly.

Everything in such a file is data from outside: it is checked here field by field, and turned into commands
that are checked again against the review.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from shoal.errors import BadInputError, MissingError

__all__ = [
    "Action",
    "ClusterFacts",
    "ClusterParts",
    "CreateAction",
    "DeleteAction",
    "LegacyAction",
    "MergeAction",
    "MoveAction",
    "Moved",
    "NamedCluster",
    "PortableAction",
    "PortableChange",
    "RenameAction",
    "SortAction",
    "read_actions",
]

Name = Annotated[str, Field(min_length=1, max_length=1_000)]
Id = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""An id of another tool, which may number its things."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, populate_by_name=True)


class ClusterFacts(_Part):
    """A cluster by its name, and what is known of it."""

    name: Name
    description: str = ""
    color: int = 0
    cover: str | None = None
    reviewed: bool = False
    tags: list[str] = []


class ClusterParts(_Part):
    """Clusters that a change added, updated and removed."""

    added: list[ClusterFacts] = []
    updated: list[tuple[ClusterFacts, ClusterFacts]] = []
    removed: list[ClusterFacts] = []


class Moved(_Part):
    """Items that went from one cluster to another; clusters by name."""

    source: Name = Field(alias="from")
    target: Name = Field(alias="to")
    ids: list[str]


class PortableChange(_Part):
    """One edit, with items by id and clusters by name."""

    items: list[Moved] = []
    clusters: ClusterParts = ClusterParts()
    notes: dict[str, list[tuple[str, Any, Any]]] = {}


class PortableAction(_Part):
    """One edit as an export writes it."""

    change: PortableChange
    label: str = "Imported edit"
    actor: str | None = None
    timestamp: str | float | None = None


class MoveAction(_Part):
    """``move_images``: pictures to another cluster."""

    type: Literal["move_images"]
    target: Id = Field(alias="targetClusterId")
    images: list[Id] = Field(alias="imageIds", min_length=1)
    source: Id | None = Field(default=None, alias="sourceClusterId")


class RenameAction(_Part):
    """``rename_cluster``."""

    type: Literal["rename_cluster"]
    cluster: Id = Field(alias="clusterId")
    name: str = Field(alias="newName")


class NamedCluster(_Part):
    """A cluster that another tool made, under the id it has there."""

    id: Id | None = None
    name: Name


class MergeAction(_Part):
    """``merge_clusters``: several become one."""

    type: Literal["merge_clusters"]
    clusters: list[Id] = Field(alias="clusterIds", min_length=2)
    merged: NamedCluster | str = Field(alias="mergedCluster")


class CreateAction(_Part):
    """``create_cluster``: a new, empty one."""

    type: Literal["create_cluster"]
    cluster: NamedCluster | str


class DeleteAction(_Part):
    """``delete_cluster``: its pictures go to noise."""

    type: Literal["delete_cluster"]
    cluster: Id = Field(alias="clusterId")


class SortAction(_Part):
    """Pictures that an older sorting tool put into a cluster; one that is not there yet is begun."""

    images: list[str] = Field(min_length=1)
    target: Name
    note: str = ""


LegacyAction = Annotated[
    MoveAction | RenameAction | MergeAction | CreateAction | DeleteAction, Field(discriminator="type")
]
Action = PortableAction | MoveAction | RenameAction | MergeAction | CreateAction | DeleteAction | SortAction
_LEGACY: TypeAdapter[Any] = TypeAdapter(LegacyAction)


def read_actions(changes: object) -> list[Action]:
    """The actions of a file of changes, in order.

    Parameters
    ----------
    changes : path, mapping or sequence
        A JSON file, or what it holds: an export ``{"type": "changes", "actions": […]}``, a list of actions,
        ``{"changes": […]}``, or a single action.

    Raises
    ------
    MissingError
        When there is no such file.
    BadInputError
        When it cannot be read; the message says which action.
    """
    if isinstance(changes, (str, Path)):
        changes = _load(Path(changes))
    if isinstance(changes, Mapping):
        held = cast("Mapping[str, Any]", changes)
        if held.get("type") == "changes" and held.get("version", 1) != 1:
            raise BadInputError(
                f"the changes are of version {held['version']!r}, which this shoal does not know",
                hint="Update shoal.",
            )
        listed = held.get("actions", held.get("changes"))
        changes = [held] if listed is None else listed
    if not isinstance(changes, Sequence) or isinstance(changes, (str, bytes)):
        raise BadInputError(
            "changes must be a list of actions",
            hint='Pass what shoal.export_changes wrote, or a list like [{"type": "move_images", …}].',
        )
    return [_action(number, action) for number, action in enumerate(cast("Sequence[object]", changes), 1)]


def _load(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingError(f"there is no file {str(path)!r}", hint="Check the path.") from error
    except (ValueError, OSError, RecursionError) as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read as JSON: {error}", hint="Pass an export of changes."
        ) from error


def _action(number: int, data: object) -> Action:
    try:
        if isinstance(data, Mapping) and "change" in data:
            # Through JSON, where a list is the only kind of sequence and strict reading takes it as a tuple.
            return PortableAction.model_validate_json(json.dumps(data))
        return _LEGACY.validate_json(json.dumps(data))
    except (ValidationError, TypeError, ValueError) as error:
        raise BadInputError(
            f"action {number} cannot be read: {_first(error)}",
            hint="An action has a `change`, or one of the types move_images, rename_cluster, merge_clusters, "
            "create_cluster, delete_cluster.",
        ) from error


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, found["loc"]))
        return f"{where}: {found['msg']}" if where else found["msg"]
    return str(error)
