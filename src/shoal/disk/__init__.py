"""Clustered folders on disk: read, plan, save, recover, restore. Nothing here can lose a picture.

``scan`` reads a folder, ``make_plan`` turns wishes into a plan (pure), ``apply_plan`` carries it out, all or
nothing. ``committed`` tells which saves are done, ``recover`` finishes or undoes an interrupted one (``scan``
does it by itself), ``backups``, ``restore`` and ``verify`` look back. Everything that changes a disk goes
through :class:`shoal.store.filesystem.FileSystem`.
"""

from shoal.disk.names import check_name, folded
from shoal.disk.plan import Move, Plan, PlanRow, Refusal, Wish, make_plan
from shoal.disk.prepare import prepare_backup
from shoal.disk.read import scan
from shoal.disk.recover import Recovery, recover
from shoal.disk.restore import restore
from shoal.disk.save import SaveCancelledError, SaveRecord, apply_plan, committed
from shoal.disk.tree import FolderFacts, FolderScan, ItemFile
from shoal.disk.verify import BackupInfo, Verification, backups, verify

__all__ = [
    "BackupInfo",
    "FolderFacts",
    "FolderScan",
    "ItemFile",
    "Move",
    "Plan",
    "PlanRow",
    "Recovery",
    "Refusal",
    "SaveCancelledError",
    "SaveRecord",
    "Verification",
    "Wish",
    "apply_plan",
    "backups",
    "check_name",
    "committed",
    "folded",
    "make_plan",
    "prepare_backup",
    "recover",
    "restore",
    "scan",
    "verify",
]
