"""Docstrings are there, nothing is left unfinished, and nothing names a machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, definitions, dotted, project_files, python_modules, tree

TEXT = {
    ".py",
    ".md",
    ".ts",
    ".tsx",
    ".mjs",
    ".js",
    ".css",
    ".html",
    ".toml",
    ".json",
    ".ipynb",
    ".txt",
    ".yml",
    "",
}
# Absolute paths of one machine, download addresses in lock files, and words about how the work was organised.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:work|home|root|Users)/\w|/tmp/(?!\w*\bshoal\b)[a-z]\w+/\w|\"resolved\":\s*\"http|file:///"
    r"|\bfarm\b|files\.pythonhosted|registry\.npmjs",
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
BARE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*pyright:\s*ignore(?!\[)|#\s*noqa(?!:)")
SELF = {Path(__file__).name}


def text_files() -> list[Path]:
    return [p for p in project_files() if p.suffix in TEXT and p.name not in SELF]


@pytest.mark.parametrize("path", text_files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_names_a_machine(path: Path) -> None:
    found = FORBIDDEN.search(path.read_text(encoding="utf-8"))
    assert not found, f"{path.relative_to(ROOT)}: {found.group(0)!r}" if found else ""


@pytest.mark.parametrize("path", text_files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_is_left_unfinished(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not UNFINISHED.search(text)
    if path.suffix == ".py":
        found = BARE_IGNORE.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found.group(0)!r} must name its rule" if found else ""


@pytest.mark.parametrize("path", python_modules(), ids=dotted)
def test_public_names_have_docstrings(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module), f"{dotted(path)} says nothing about itself"
    for node in definitions(module):
        if node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{dotted(path)}.{node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    assert is_overload(method) or ast.get_docstring(method), (
                        f"{dotted(path)}.{node.name}.{method.name}"
                    )


@pytest.mark.parametrize("path", python_modules(), ids=dotted)
def test_exceptions_are_not_swallowed(path: Path) -> None:
    """No bare ``except`` and no broad one that only passes; contextlib.suppress names what is meant."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{dotted(path)}:{node.lineno} catches everything"
            only_pass = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
            broad = ast.unparse(node.type) in {"Exception", "BaseException"}
            assert not (only_pass and broad), f"{dotted(path)}:{node.lineno} swallows every exception"


def is_overload(node: ast.FunctionDef) -> bool:
    """Whether a method is only a typing overload or a property's setter, which its first form documents."""
    return any(
        "overload" in ast.unparse(d) or ast.unparse(d).endswith(".setter") for d in node.decorator_list
    )
