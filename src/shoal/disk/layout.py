"""Where shoal keeps what is its own, below ``.shoal/`` of a clustered folder."""

from __future__ import annotations

import re

from shoal.store.filesystem import OWN, FileSystem

__all__ = [
    "BACKUPS",
    "COMMITS",
    "HOLD",
    "JOURNAL",
    "changes_stage",
    "commit_file",
    "hold_name",
    "intent_file",
    "last_revision",
    "manifest_file",
    "report_stage",
    "revision_of",
    "revisions",
]

JOURNAL = f"{OWN}/journal"
"""Intents of saves that are under way."""
COMMITS = f"{OWN}/commits"
"""One record for each save that is done."""
BACKUPS = f"{OWN}/backups"
"""For each save: the manifest of the tree before it, and links to pictures that no earlier backup holds."""
HOLD = f"{OWN}/hold"
"""Where one picture of a cycle waits, for the moment in which the others change places."""

_RECORD = re.compile(r"([0-9]{6,12})\.json")


def intent_file(revision: int) -> str:
    """Path of the intent of a save."""
    return f"{JOURNAL}/{revision:06d}.json"


def commit_file(revision: int) -> str:
    """Path of the record of a save that is done."""
    return f"{COMMITS}/{revision:06d}.json"


def report_stage(revision: int) -> str:
    """Path of the report that a save will bring into the root."""
    return f"{JOURNAL}/{revision:06d}.report"


def changes_stage(revision: int) -> str:
    """Path of the change log that a save will bring into the root."""
    return f"{JOURNAL}/{revision:06d}.changes"


def manifest_file(revision: int) -> str:
    """Path of the manifest of the tree as it was before a save."""
    return f"{BACKUPS}/{revision:06d}/manifest.jsonl.gz"


def hold_name(revision: int, index: int) -> str:
    """Waiting place of the ``index``-th file of a save."""
    return f"{HOLD}/{revision:06d}-{index}"


def revision_of(name: str) -> int | None:
    """Revision in the name of a record, or None when it is no record."""
    found = _RECORD.fullmatch(name)
    return int(found.group(1)) if found else None


def revisions(fs: FileSystem, folder: str) -> list[int]:
    """Revisions that have a record in ``folder``, ascending."""
    found = (revision_of(entry.name) for entry in fs.entries(folder))
    return sorted(r for r in found if r is not None)


def last_revision(fs: FileSystem) -> int:
    """Number of the newest save that is done; 0 before the first."""
    return max(revisions(fs, COMMITS), default=0)
