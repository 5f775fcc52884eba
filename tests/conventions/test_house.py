"""The rules of the house: what lies where, how large, and what may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, dotted, project_files, python_modules, tree

TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "docs",
    "notebooks",
    "pyproject.toml",
    "src",
    "tests",
    "widgets_js",
}
LONGEST = 400
HEAVY = {
    "anthropic",
    "av",
    "cv2",
    "fast_hdbscan",
    "hdbscan",
    "insightface",
    "matplotlib",
    "numba",
    "onnxruntime",
    "open_clip",
    "pandas",
    "plotly",
    "pynndescent",
    "rembg",
    "scenedetect",
    "scipy",
    "sklearn",
    "torch",
    "torchvision",
    "umap",
}


def test_top_level_holds_only_what_the_house_names() -> None:
    top = {p.relative_to(ROOT).parts[0] for p in project_files()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_import_rules_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_rules_can_fail(tmp_path: Path) -> None:
    """A room that imports a room above it is reported: the contract is not empty words."""
    package = tmp_path / "shoal"
    for room, line in {"data": "import shoal.review", "review": "", "errors": ""}.items():
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text(line + "\n")
    (package / "__init__.py").write_text("")
    config = tmp_path / "pyproject.toml"
    config.write_text((ROOT / "pyproject.toml").read_text())
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache", "--config", str(config), "--contract", "rooms"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "shoal.data is not allowed to import shoal.review" in done.stdout


@pytest.mark.parametrize(
    "path", [p for p in project_files() if p.suffix in {".py", ".ts", ".tsx", ".mjs"}], ids=str
)
def test_file_is_not_too_long(path: Path) -> None:
    if path.name.endswith(".gen.ts"):
        pytest.skip("generated")
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{path.relative_to(ROOT)} has {lines} lines; it wants splitting at {LONGEST}"


@pytest.mark.parametrize("path", python_modules(), ids=dotted)
def test_heavy_imports_are_inside_functions(path: Path) -> None:
    for node in top_level_imports(tree(path)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        heavy = sorted({name.split(".")[0] for name in names} & HEAVY)
        assert not heavy, f"{dotted(path)}:{node.lineno} imports {', '.join(heavy)} at its top"


@pytest.mark.parametrize("path", python_modules(), ids=dotted)
def test_no_room_imports_the_package_itself(path: Path) -> None:
    """``import shoal`` inside a room would reach every other room behind the import rules' back."""
    if dotted(path) in {"shoal", "shoal.cli", "shoal.demo"}:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            assert "shoal" not in [a.name for a in node.names], f"{dotted(path)}:{node.lineno}"


def top_level_imports(module: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Imports that run when the module is imported; those under ``if TYPE_CHECKING`` do not."""
    found: list[ast.Import | ast.ImportFrom] = []
    todo: list[ast.stmt] = list(module.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            todo += node.body + node.orelse
        elif isinstance(node, ast.Try):
            todo += node.body + node.orelse + node.finalbody + [s for h in node.handlers for s in h.body]
        elif isinstance(node, ast.ClassDef | ast.With):
            todo += node.body
    return found
