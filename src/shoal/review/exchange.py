"""A clustered folder as plain dictionaries, for other tools: read it, change it, hand it back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from shoal.errors import BadInputError
from shoal.review.changefile import (
    ClusterFacts,
    ClusterParts,
    Moved,
    PortableAction,
    PortableChange,
    read_actions,
)
from shoal.review.history import History
from shoal.review.opening import open_session
from shoal.review.outside import apply_actions, carry_out, checked_root
from shoal.review.records import NOISE, RESERVED, TRASH, ClusterRecord
from shoal.review.session import Session
from shoal.review.translating import Translator

__all__ = ["load_clusters", "save_clusters"]


def load_clusters(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A clustered folder as plain data; nothing is written.

    Parameters
    ----------
    path : path
        The clustered folder.

    Returns
    -------
    dict
        ``{"clusters": [{"id", "name", "description", "images", "metadata"}], "path"}``. ``images`` are
        ``{"id", "name", "path"}`` with the absolute path; ``metadata`` is ``{"kind", "size", "tags",
        "reviewed", "cover"}``, where ``kind`` is ``"cluster"``, ``"noise"`` or ``"trash"``. Edits that are
        not saved yet are included.

    Raises
    ------
    MissingError
        When there is no such folder.
    """
    root = checked_root(path)
    session, _ = open_session(root, check="none", keep=False)
    try:
        state = session.state
        by_size = sorted(state.clusters.values(), key=lambda r: (-state.size(r.code), r.code))
        clusters = [_described(session, root, record) for record in by_size]
        held = [name for name in (NOISE, TRASH) if state.size(RESERVED[name])]
        clusters += [_fixed(session, root, name) for name in held]
        return {"clusters": clusters, "path": str(root)}
    finally:
        if session.log is not None:
            session.log.close()


def _described(session: Session, root: Path, record: ClusterRecord) -> dict[str, Any]:
    images = _images(session, root, record.code)
    cover = None if record.cover is None else session.table.ids[record.cover]
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "images": images,
        "metadata": {
            "kind": "cluster",
            "size": len(images),
            "tags": list(record.tags),
            "reviewed": record.reviewed,
            "cover": cover,
        },
    }


def _fixed(session: Session, root: Path, name: str) -> dict[str, Any]:
    images = _images(session, root, RESERVED[name])
    metadata: dict[str, Any] = {
        "kind": name,
        "size": len(images),
        "tags": [],
        "reviewed": False,
        "cover": None,
    }
    return {"id": name, "name": name, "description": "", "images": images, "metadata": metadata}


def _images(session: Session, root: Path, code: int) -> list[dict[str, str]]:
    table = session.table
    members: list[int] = session.state.members(code).tolist()
    rows = [row for row in members if row not in table.missing]
    return [
        {"id": table.ids[row], "name": table.names[row], "path": str(root / table.paths[row])} for row in rows
    ]


def save_clusters(request: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a clustered folder to what another tool has made of it, and save it; all of it or nothing.

    Parameters
    ----------
    request : mapping
        ``{"path", "clusters", "changes"}``. ``changes`` are actions as `apply_changes` takes them, carried
        out first. ``clusters`` (as `load_clusters` gave them) are how it should be after that: what still
        differs in name, description or members becomes one further edit. Pictures and clusters that are not
        listed stay as they are. Either may be left out.

    Returns
    -------
    dict
        ``{"status": "success", "changes_saved": n}``, n the edits that were carried out.

    Raises
    ------
    BadInputError
        When the request cannot be read, or lists a picture twice.
    ConflictError
        When a change does not fit the folder as it is now; nothing was changed.
    SaveError
        When the save was refused or failed; nothing was changed.
    """
    if "path" not in request:
        raise BadInputError("the request has no path", hint='Pass {"path", "clusters", "changes"}.')
    root = checked_root(request["path"])
    actions = read_actions(request.get("changes") or [])
    listed = request.get("clusters")
    if listed:
        session, _ = open_session(root, check="none", keep=False)
        try:
            rehearsal = Session(session.table, session.state.copy(), History(), None)
            carry_out(rehearsal, actions)
            further = _difference(rehearsal, root, _read(listed))
        finally:
            if session.log is not None:
                session.log.close()
        actions += [] if further is None else [further]
    done = apply_actions(root, actions)
    return {"status": "success", "changes_saved": done.applied}


def _read(listed: object) -> list[Mapping[str, Any]]:
    if not isinstance(listed, Sequence) or isinstance(listed, (str, bytes)):
        raise BadInputError("clusters must be a list", hint="Pass what load_clusters gave.")
    clusters: list[Mapping[str, Any]] = []
    for number, cluster in enumerate(cast("Sequence[object]", listed), 1):
        if not isinstance(cluster, Mapping) or not isinstance(cluster.get("name"), str):  # pyright: ignore[reportUnknownMemberType]
            raise BadInputError(f"cluster {number} has no name", hint="Pass what load_clusters gave.")
        clusters.append(cast("Mapping[str, Any]", cluster))
    return clusters


def _difference(session: Session, root: Path, clusters: Sequence[Mapping[str, Any]]) -> PortableAction | None:
    """What still has to change for the clusters to be as listed, as one action."""
    state, translator = session.state, Translator(session)
    updated: list[tuple[ClusterFacts, ClusterFacts]] = []
    added: list[ClusterFacts] = []
    moved: list[Moved] = []
    seen: dict[int, str] = {}
    for cluster in clusters:
        wanted = str(cluster["name"])
        given = translator.find(str(cluster.get("id", wanted))) or translator.find(wanted)
        description = str(cluster.get("description") or "")
        if given is None:
            added.append(ClusterFacts(name=wanted, description=description))
        elif given not in RESERVED:
            record = state.clusters[given]
            old = ClusterFacts(name=record.name, description=record.description)
            new = ClusterFacts(name=wanted, description=description)
            updated += [(old, new)] if old != new else []
        target = given if given in RESERVED else wanted
        moved += _moves(session, translator, root, cluster.get("images") or [], given, str(target), seen)
    change = PortableChange(items=moved, clusters=ClusterParts(added=added, updated=updated))
    label = "Edited in another tool"
    return PortableAction(change=change, label=label) if moved or added or updated else None


def _moves(
    session: Session,
    translator: Translator,
    root: Path,
    images: Sequence[object],
    cluster: str | None,
    target: str,
    seen: dict[int, str],
) -> list[Moved]:
    """Moves of the listed pictures that are elsewhere, one for each cluster they come from."""
    state, table = session.state, session.table
    named = {record.code: record.name for record in state.clusters.values()}
    named |= {code: name for name, code in RESERVED.items()}
    coming: dict[str, list[str]] = {}
    rows: list[int] = translator.rows([_image(image, root) for image in images], cluster).tolist()
    for row in rows:
        if row in seen:
            raise BadInputError(
                f"{table.ids[row]!r} is listed in {seen[row]!r} and in {target!r}",
                hint="A picture is in one cluster.",
            )
        seen[row] = target
        code = int(state.codes[row])
        if cluster is None or code != state.code_of(cluster):
            coming.setdefault(named[code], []).append(table.ids[row])
    return [
        Moved.model_validate({"from": source, "to": target, "ids": ids}) for source, ids in coming.items()
    ]


def _image(image: object, root: Path) -> str:
    if isinstance(image, Mapping):
        facts = cast("Mapping[str, object]", image)
        image = facts.get("id", facts.get("path", facts.get("name", facts.get("filename"))))
    if not isinstance(image, str):
        raise BadInputError(f"{image!r} is no picture", hint="Pass its id, or {'id': …}.")
    prefix = f"{root}{os.sep}"
    return image[len(prefix) :].replace(os.sep, "/") if image.startswith(prefix) else image
