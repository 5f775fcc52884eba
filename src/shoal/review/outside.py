"""Edits from outside a notebook: files of changes, and the plain dictionaries that other tools speak."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shoal.compute.runs import write_json
from shoal.disk.plan import Plan
from shoal.disk.save import SaveRecord
from shoal.errors import BadInputError, ConflictError, MissingError, NotAllowedError
from shoal.review.changefile import Action, PortableAction, SortAction, read_actions
from shoal.review.constraints import ANSWER
from shoal.review.history import History
from shoal.review.older import is_older, read_older
from shoal.review.opening import open_session
from shoal.review.portable import FORMAT_VERSION, portable_actions
from shoal.review.review import Review
from shoal.review.saving import plan_save, save_session
from shoal.review.session import Session
from shoal.review.translating import Translator, command_label

__all__ = ["Applied", "apply_actions", "apply_changes", "carry_out", "checked_root", "export_changes"]

OnConflict = Literal["stop", "skip"]
Outcome = tuple[int, list[tuple[int, str, str]]]
"""How many actions were done, and those that did not fit: number, label, reason."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a file of changes; ``print`` it.

    Parameters
    ----------
    folder : Path
        The clustered folder.
    applied : int
        Actions that were carried out (or would be, in a dry run).
    unchanged : int
        Actions whose result was there already.
    conflicts : tuple of (int, str, str)
        Actions that were left out: number from 1, label, reason.
    plan : Plan
        What it means for the files.
    save : SaveRecord or None
        The save; None in a dry run, with ``save=False``, and when nothing had changed.
    """

    folder: Path
    applied: int
    unchanged: int
    conflicts: tuple[tuple[int, str, str], ...]
    plan: Plan
    save: SaveRecord | None

    def __str__(self) -> str:
        lines = [f"{self.applied} of {self.applied + self.unchanged + len(self.conflicts)} actions applied"]
        lines[0] += f", {self.unchanged} were so already" if self.unchanged else ""
        lines += [f"  left out {number}. {label}: {reason}" for number, label, reason in self.conflicts]
        if self.save is not None:
            lines.append(f"Saved: {len(self.save.moves):,} files moved, {self.save.changes_file} written.")
        elif self.applied:
            lines += ["Not saved. A save would do this:", self.plan.text()]
        return "\n".join(lines)


def apply_changes(
    folder: str | os.PathLike[str],
    changes: str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    dry_run: bool = False,
    save: bool = True,
    on_conflict: OnConflict = "stop",
    actor: str | None = None,
) -> Applied:
    """Carry out edits that were made elsewhere on a clustered folder, and save it; all of them or none.

    Parameters
    ----------
    folder : path
        The clustered folder.
    changes : path, mapping or sequence
        A JSON file or what it holds: what `export_changes`, a save or the stand-alone page wrote, or a list
        of ``{"type": "move_images", "sourceClusterId", "targetClusterId", "imageIds", "timestamp"}``,
        ``{"type": "rename_cluster", "clusterId", "newName"}``, ``{"type": "merge_clusters", "clusterIds",
        "mergedCluster"}``, ``create_cluster`` and ``delete_cluster``. Items are named by id, by present path,
        or by a file name or stem that only one item of the source cluster has; clusters by id or name.
        Or the ``.clustering`` folder of an older sorting tool (``actions.jsonl``, ``state.json``).
    dry_run : bool
        Write nothing; the result says what would happen.
    save : bool
        Move the files. Otherwise the edits are kept in the review's log, unsaved.
    on_conflict : {"stop", "skip"}
        When an action does not fit the folder as it is now: refuse the whole file, or leave the action out
        and list it.
    actor : str, optional
        For the log; default the user of this process.

    Returns
    -------
    Applied

    Raises
    ------
    ConflictError
        When actions do not fit and ``on_conflict`` is ``"stop"``; nothing has changed.
    BadInputError
        When the changes cannot be read.
    SaveError
        When the save was refused or failed: the edits were taken back.
    """
    if on_conflict not in ("stop", "skip"):
        raise BadInputError(f"on_conflict={on_conflict!r} is unknown", hint='Pass "stop" or "skip".')
    actions = _actions(changes)
    return apply_actions(
        checked_root(folder), actions, dry_run=dry_run, save=save, on_conflict=on_conflict, actor=actor
    )


def _actions(
    changes: str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> list[Action]:
    if isinstance(changes, (str, os.PathLike)):
        path = Path(changes)
        return read_older(path) if is_older(path) else read_actions(path)
    return read_actions(changes)


def apply_actions(
    root: Path,
    actions: Sequence[Action],
    *,
    dry_run: bool = False,
    save: bool = True,
    on_conflict: OnConflict = "stop",
    actor: str | None = None,
) -> Applied:
    """Carry out actions that have been read; see `apply_changes`."""
    session, _ = open_session(root, check="none", actor=actor, keep=not dry_run)
    try:
        rehearsal = Session(session.table, session.state.copy(), History(), None, actor=session.actor)
        done, conflicts = carry_out(rehearsal, actions)
        if conflicts and on_conflict == "stop":
            raise ConflictError(
                f"{len(conflicts)} of {len(actions)} actions do not fit {str(root)!r}; "
                + "; ".join(f"{number}. {label}: {reason}" for number, label, reason in conflicts[:3]),
                hint='Nothing was changed. Pass on_conflict="skip" to carry out the others.',
            )
        plan, _ = plan_save(rehearsal, root)
        unchanged = len(actions) - done - len(conflicts)
        record = None
        if done and not dry_run:
            record = _for_real(session, root, actions, (done, conflicts), save)
        return Applied(root, done, unchanged, tuple(conflicts), plan, record)
    finally:
        if session.log is not None:
            session.log.close()


def _for_real(
    session: Session, root: Path, actions: Sequence[Action], rehearsed: Outcome, save: bool
) -> SaveRecord | None:
    if session.read_only:
        raise NotAllowedError(f"{str(root)!r} is read-only: {session.read_only}", hint="Mend that first.")
    before = session.history.cursor
    try:
        if carry_out(session, actions) != rehearsed:
            raise ConflictError(
                f"somebody else edited {str(root)!r} meanwhile", hint="Apply the changes again."
            )
        return save_session(session, root) if save else None
    except BaseException:
        if session.history.cursor != before:
            session.jump(before)
        raise


def carry_out(session: Session, actions: Sequence[Action]) -> Outcome:
    """Do what fits; returns how many were done, and the others with the reason."""
    translator = Translator(session)
    done, conflicts = 0, list[tuple[int, str, str]]()
    for number, action in enumerate(actions, 1):
        try:
            command = translator.command(action)
            actor = action.actor if isinstance(action, PortableAction) else None
            verdict = session.do(command, actor=actor, note=_note(action))
            translator.learn(action, verdict.cluster)
            done += 1
        except NotAllowedError:
            continue  # it is so already
        except (ConflictError, BadInputError, MissingError) as error:
            conflicts.append((number, command_label(action), error.message))
    return done, conflicts


def _note(action: Action) -> str | None:
    """What the log says beside the edit: whether a machine decided, or a person."""
    if not isinstance(action, SortAction):
        return None
    return ANSWER if not action.note else "auto" if action.note == "auto" else None


def checked_root(folder: str | os.PathLike[str]) -> Path:
    """The absolute path of a folder that is there."""
    root = Path(folder).expanduser().absolute()
    if not root.is_dir():
        raise MissingError(
            f"there is no folder {str(folder)!r}", hint="Give the folder that holds the cluster folders."
        )
    return root


def export_changes(
    review: Review,
    path: str | os.PathLike[str] | None = None,
    *,
    since: Literal["save", "start"] | int = "save",
) -> dict[str, Any]:
    """The edits of a review as data that `apply_changes` takes: items by id, clusters by name.

    Parameters
    ----------
    review : Review
        Whose edits.
    path : path, optional
        Where to write them as JSON; replaced when it exists.
    since : {"save", "start"} or int
        From the last save, from the beginning, or from a point of the history (edits in force there).

    Returns
    -------
    dict
        ``{"type": "changes", "version", "folder", "revision", "actions": [{label, actor, timestamp, change},
        …]}``.

    Raises
    ------
    BadInputError
        When the history has no such point, or its saved point was undone and overwritten: export from the
        start then.
    """
    with review.session.reading():
        actions = portable_actions(review.session, _point(review.session.history, since))
        made = {
            "type": "changes",
            "version": FORMAT_VERSION,
            "folder": review.root.name if review.root is not None else None,
            "revision": review.revision,
            "actions": actions,
        }
    if path is not None:
        write_json(Path(path), made)
    return made


def _point(history: History, since: str | int) -> int:
    if since == "start":
        return 0
    if since == "save":
        if history.saved_cursor is None:
            raise BadInputError(
                "what was saved last is no longer a point of the history", hint='Pass since="start".'
            )
        return history.saved_cursor
    if not isinstance(since, int) or not 0 <= since <= len(history.entries):
        raise BadInputError(
            f"since={since!r} is no point of the history",
            hint=f'Pass "save", "start", or 0 to {len(history.entries)}.',
        )
    return since
