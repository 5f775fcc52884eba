"""Every row of the fault matrix names a test that exists; nothing goes around the one door to the disk."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "save.md"
ROW = re.compile(r"^\| (\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)
ROWS = {int(number): tests for number, tests in ROW.findall(PAGE.read_text(encoding="utf-8"))}
ALL_ROWS = range(1, 35)


def names_in(path: Path) -> set[str]:
    """Functions, classes and assigned names of a test module, also inside ``if`` and classes; of TypeScript,
    what each test says."""
    if path.suffix == ".ts":
        return set(re.findall(r'\bit\("([^"]+)"', path.read_text(encoding="utf-8")))
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def test_no_row_is_missing() -> None:
    assert set(ROWS) == set(ALL_ROWS)


@pytest.mark.parametrize("row", ALL_ROWS)
def test_the_row_names_tests_that_exist(row: int) -> None:
    named = re.findall(r"`([^`]+)::([^`]+)`", ROWS[row])
    assert named, f"row {row} names no test"
    for file, name in named:
        assert name in names_in(ROOT / file), f"row {row}: {file} has no {name}"


def modules(room: str) -> list[Path]:
    return sorted((ROOT / "src" / "shoal" / room).rglob("*.py"))


def calls(path: Path) -> set[str]:
    """Dotted names of everything that is called in a module."""
    return {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("path", modules("disk"), ids=lambda p: p.stem)
def test_the_disk_room_changes_nothing_but_through_the_file_system(path: Path) -> None:
    """Promises 2 and 6: the one door is the only one."""
    forbidden = {
        "open",
        "os.rename",
        "os.replace",
        "os.unlink",
        "os.remove",
        "os.rmdir",
        "os.mkdir",
        "os.link",
    }
    assert not calls(path) & forbidden
    assert not {c for c in calls(path) if c.startswith("shutil.")}
    methods = {"write_bytes", "write_text", "touch", "symlink_to", "hardlink_to"}
    assert not {c.rpartition(".")[2] for c in calls(path)} & methods


def test_nothing_of_shoal_unpickles() -> None:
    """Fault row 29: caches and imports are read by formats that cannot run code."""
    for path in modules(""):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {a.name for a in node.names} | {getattr(node, "module", "") or ""}
                assert not names & {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}, path
            if isinstance(node, ast.Call):
                called, words = ast.unparse(node.func), {k.arg: ast.unparse(k.value) for k in node.keywords}
                assert words.get("allow_pickle", "False") == "False", path
                if called == "torch.load":
                    assert words.get("weights_only") == "True", path
