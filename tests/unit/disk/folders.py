"""Small clustered folders for the tests of this room, and saves on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shoal.disk import Plan, SaveRecord, Wish, apply_plan, make_plan, scan

PNG = b"\x89PNG\r\n\x1a\n"


def build(root: Path, names: list[str]) -> dict[str, bytes]:
    """Files with bytes of their own each; pictures need no more than a name here."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG + name.encode("utf-8", "surrogateescape"))
    return tree(root)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below the clusters with its bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".shoal" not in path.parts and len(path.relative_to(root).parts) > 1
    }


def planned(root: Path, wishes: dict[str, str]) -> Plan:
    """Plan wishes of paths to paths."""
    return make_plan(
        scan(root, check="none"),
        [Wish(a, b.rpartition("/")[0], b.rpartition("/")[2]) for a, b in wishes.items()],
    )


def save(root: Path, wishes: dict[str, str], **kwargs: Any) -> SaveRecord:
    """Plan and save."""
    found = scan(root, check="none")
    return apply_plan(
        root,
        planned(root, wishes),
        expected=found,
        report={"clusters": []},
        changes={"actions": []},
        **kwargs,
    )
