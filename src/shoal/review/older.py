"""What older sorting tools left in ``.clustering/``: their log of actions and their state, read as actions.

No two of them write quite alike, so names of fields are taken in several spellings; what is not understood
is refused with its line, never guessed. Nothing in that folder is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from shoal.errors import BadInputError, MissingError
from shoal.review.changefile import (
    Action,
    CreateAction,
    DeleteAction,
    MergeAction,
    NamedCluster,
    RenameAction,
    SortAction,
)
from shoal.review.records import NOISE, TRASH

__all__ = ["is_older", "read_older"]

LOG, STATE = "actions.jsonl", "state.json"
_KIND = ("type", "action", "op", "kind", "event")
_IMAGES = ("images", "imageIds", "paths", "items", "files", "image", "imageId", "path", "item", "file")
_TARGET = ("cluster", "target", "to", "targetClusterId", "clusterId", "label", "name")
_MOVE = {"assign", "move", "label", "add", "assign_image", "move_image", "move_images", "manual"}
_DELETE = {"delete", "trash", "remove", "exclude", "discard", "delete_image", "delete_images"}
_NOISE = {"unassign", "unsort", "noise", "reset"}
_AUTO = {"auto_move", "auto", "auto_assign", "bulk"}
_CREATE = {"create", "new", "create_cluster", "new_cluster"}
_PASSED = {"skip", "later", "shuffle", "open", "start", "session", "config", "settings", "threshold", "save"}
_UNSORTED = {"", "noise", "-1", "none", "unassigned", "unsorted", "unclassified"}


def is_older(path: Path) -> bool:
    """Whether a path is a ``.clustering`` folder (or one of its two files) rather than a file of changes."""
    return path.is_dir() or path.name == LOG or (path.name == STATE and path.parent.name == ".clustering")


def read_older(path: Path) -> list[Action]:
    """The actions of an older tool, in order; what its state says beyond them comes last.

    Parameters
    ----------
    path : Path
        The ``.clustering`` folder, its ``actions.jsonl`` or its ``state.json``. ``undo`` and ``redo`` in the
        log are carried out while it is read. A torn last line is passed over.

    Returns
    -------
    list of Action
        Pictures that a person put somewhere are pinned there; what is noted as ``"auto"`` is not.

    Raises
    ------
    MissingError
        When there is neither file.
    BadInputError
        When one of them cannot be read; the message names file and line.
    """
    folder = path if path.is_dir() else path.parent
    log, state = folder / LOG, folder / STATE
    wanted = [log, state] if path.is_dir() else [path]
    found = [file for file in wanted if file.is_file()]
    if not found:
        raise MissingError(
            f"there is neither {LOG} nor {STATE} in {str(folder)!r}",
            hint="Give the .clustering folder of the tool that sorted the pictures.",
        )
    facts: Mapping[str, Any] = _state(state) if state.is_file() else dict[str, Any]()
    names = _names(facts)
    root = folder.parent
    actions = _actions(log, names, root) if log in found else []
    return [*actions, *(_rest(facts, root) if state in found else [])]


# ------------------------------------------------------------------------------------------------- the log
def _actions(log: Path, names: Mapping[str, str], root: Path) -> list[Action]:
    done: list[list[Action]] = []
    undone: list[list[Action]] = []
    lines = log.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            kind = _kind(data)
        except (ValueError, TypeError, RecursionError) as error:
            if number == len(lines):  # never finished: the tool was stopped while it wrote
                break
            raise _refused(log, number, str(error)) from error
        if kind == "undo":
            undone += [done.pop()] if done else []
        elif kind == "redo":
            done += [undone.pop()] if undone else []
        elif kind not in _PASSED:
            try:
                made = _read(kind, data, names, root)
            except (ValueError, TypeError, KeyError) as error:
                raise _refused(log, number, str(error)) from error
            if made:
                done.append(made)
                undone.clear()
    return [action for group in done for action in group]


def _refused(file: Path, number: int, reason: str) -> BadInputError:
    return BadInputError(
        f"line {number} of {str(file)!r} cannot be read: {reason}",
        hint="Take that line out of a copy of the file, and give the copy.",
    )


def _kind(data: object) -> str:
    if not isinstance(data, Mapping):
        raise TypeError("it is no JSON object")
    held = cast("Mapping[str, Any]", data)
    return (
        str(_first(held, _KIND) or ("assign" if _first(held, _TARGET[:3]) else "")).lower().replace("-", "_")
    )


def _read(kind: str, data: Mapping[str, Any], names: Mapping[str, str], root: Path) -> list[Action]:
    def named(value: object) -> str:
        return names.get(str(value), str(value))

    note = str(data.get("note") or "")
    images = _images(data, root)
    target = _first(data, _TARGET)
    if kind in _AUTO:
        return _bulk(data, named, root)
    if kind in _DELETE and not images and target is not None:
        return [DeleteAction(type="delete_cluster", clusterId=named(target))]
    if kind in _DELETE:
        return [SortAction(images=images, target=TRASH, note=note)]
    if kind in _NOISE:
        return [SortAction(images=images, target=NOISE, note=note)]
    if kind in _MOVE or (kind in _CREATE and images):
        if target is None:
            raise ValueError("it names no cluster")
        place = NOISE if str(target).lower() in _UNSORTED else named(target)
        return [SortAction(images=images, target=place, note=note)]
    if kind in _CREATE:
        return [CreateAction(type="create_cluster", cluster=named(_need(data, ("name", *_TARGET))))]
    if kind in ("rename", "rename_cluster"):
        old = _need(data, ("clusterId", "cluster", "from", "old", "old_name"))
        return [
            RenameAction(
                type="rename_cluster",
                clusterId=named(old),
                newName=str(_need(data, ("newName", "new_name", "name", "to", "new"))),
            )
        ]
    if kind in ("merge", "merge_clusters"):
        return [_merge(data, named)]
    raise ValueError(f"{kind or 'an action without a type'!r} is unknown")


def _merge(data: Mapping[str, Any], named: Any) -> MergeAction:
    into = _need(data, ("mergedCluster", "into", "name", "to", "target"))
    if isinstance(into, Mapping):
        into = NamedCluster.model_validate(into)
    parts = _first(data, ("clusterIds", "clusters", "from", "sources"))
    listed = [parts] if isinstance(parts, (str, int)) else list(cast("Iterable[object]", parts or ()))
    clusters = [named(part) for part in listed]
    name = into if isinstance(into, NamedCluster) else named(into)
    if len(clusters) == 1 and isinstance(name, str):  # one cluster that goes up in another
        clusters.append(name)
    return MergeAction(type="merge_clusters", clusterIds=clusters, mergedCluster=name)


def _bulk(data: Mapping[str, Any], named: Any, root: Path) -> list[Action]:
    """One auto-move: a list of moves, or a mapping of picture to cluster; a line that sums up is none."""
    moves = _first(data, ("moves", "assignments", "moved", "results"))
    by_target: dict[str, list[str]] = {}
    if isinstance(moves, Mapping):
        for image, cluster in cast("Mapping[str, Any]", moves).items():
            by_target.setdefault(named(cluster), []).append(_path(image, root))
    elif isinstance(moves, Sequence) and not isinstance(moves, str):
        for move in cast("Sequence[Mapping[str, Any]]", moves):
            by_target.setdefault(named(_need(move, _TARGET)), []).extend(_images(move, root))
    elif _images(data, root) and _first(data, _TARGET) is not None:
        by_target[named(_first(data, _TARGET))] = _images(data, root)
    return [SortAction(images=images, target=target, note="auto") for target, images in by_target.items()]


# ----------------------------------------------------------------------------------------------- the state
def _state(file: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadInputError(
            f"{str(file)!r} cannot be read as JSON: {error}", hint="Give actions.jsonl alone."
        ) from error
    if not isinstance(data, Mapping):
        raise BadInputError(f"{str(file)!r} holds no JSON object", hint="Give actions.jsonl alone.")
    return cast("Mapping[str, Any]", data)


def _listed(facts: Mapping[str, Any]) -> list[tuple[str, str, object]]:
    """Id, name and pictures of each cluster of a state, whichever way it lists them."""
    clusters = facts.get("clusters")
    if isinstance(clusters, Mapping):
        found: list[tuple[str, str, object]] = []
        for key, held in cast("Mapping[str, Any]", clusters).items():
            inner = cast("Mapping[str, Any]", held) if isinstance(held, Mapping) else {"images": held}
            found.append((str(key), str(inner.get("name") or key), _first(inner, _IMAGES[:5])))
        return found
    if isinstance(clusters, Sequence) and not isinstance(clusters, str):
        listed = [
            cast("Mapping[str, Any]", c) for c in cast("Sequence[object]", clusters) if isinstance(c, Mapping)
        ]
        return [
            (str(_first(c, ("id", "name"))), str(_first(c, ("name", "id"))), _first(c, _IMAGES[:5]))
            for c in listed
        ]
    return []


def _names(facts: Mapping[str, Any]) -> dict[str, str]:
    """Id of a cluster → its name."""
    return {key: name for key, name, _ in _listed(facts)}


def _rest(facts: Mapping[str, Any], root: Path) -> list[Action]:
    """How it is according to the state: what is so already after the log changes nothing."""
    names = _names(facts)
    places: dict[str, list[str]] = {}
    for _, name, images in _listed(facts):
        if isinstance(images, Sequence) and not isinstance(images, str):
            places.setdefault(name, []).extend(_path(i, root) for i in cast("Sequence[object]", images))
    assigned = _first(facts, ("assignments", "assigned"))
    if isinstance(assigned, Mapping):
        for image, cluster in cast("Mapping[str, Any]", assigned).items():
            if str(cluster).lower() not in _UNSORTED:
                places.setdefault(names.get(str(cluster), str(cluster)), []).append(_path(image, root))
    for key in ("deleted", "trash", "excluded"):
        gone = facts.get(key)
        if isinstance(gone, Sequence) and not isinstance(gone, str):
            places.setdefault(TRASH, []).extend(_path(i, root) for i in cast("Sequence[object]", gone))
    sorted_out = {NOISE if name.lower() in _UNSORTED else name: images for name, images in places.items()}
    return [SortAction(images=i, target=name, note="state") for name, i in sorted_out.items() if i]


# -------------------------------------------------------------------------------------------------- fields
def _first(data: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((data[key] for key in keys if data.get(key) is not None), None)


def _need(data: Mapping[str, Any], keys: Sequence[str]) -> Any:
    value = _first(data, keys)
    if value is None:
        raise ValueError(f"it has no {keys[0]!r}")
    return value


def _images(data: Mapping[str, Any], root: Path) -> list[str]:
    value = _first(data, _IMAGES)
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [_path(value, root)]
    return [_path(image, root) for image in cast("Sequence[object]", value)]


def _path(image: object, root: Path) -> str:
    """A picture's path in the folder, or its name; other tools write either, with either slash."""
    if isinstance(image, Mapping):
        image = _first(cast("Mapping[str, Any]", image), (*_IMAGES, "name", "id"))
    if not isinstance(image, (str, int)):
        raise TypeError(f"{image!r} is no picture")
    text = str(image).replace("\\", "/")
    prefix = f"{root.as_posix()}/"
    return text.removeprefix(prefix).removeprefix("./")
