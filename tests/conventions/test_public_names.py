"""The front door: what ``import shoal`` gives, and what it costs."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys

import shoal
from tests.conventions.sources import PACKAGE, tree

BUDGET_S = 0.3
PROBE = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import shoal
seconds = time.perf_counter() - start
import json
print(json.dumps([seconds, sorted(set(sys.modules) - before)]))
"""


def test_importing_shoal_is_quick_and_light() -> None:
    """The best of three fresh interpreters stays under the budget, and nothing heavy comes with it."""
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    assert min(seconds for seconds, _ in runs) < BUDGET_S
    brought = {name.split(".")[0] for name in runs[0][1]}
    heavy = {
        "numpy",
        "pandas",
        "PIL",
        "pydantic",
        "torch",
        "umap",
        "hdbscan",
        "plotly",
        "anywidget",
        "ipywidgets",
    }
    assert not brought & heavy


def test_every_public_name_loads() -> None:
    for name in shoal.__all__:
        assert getattr(shoal, name) is getattr(importlib.import_module(shoal._HOME[name]), name)


def test_the_three_lists_agree() -> None:
    """``__all__``, the map of homes, and the block that type checkers read name the same things."""
    module = tree(PACKAGE / "__init__.py")
    block = next(n for n in module.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    typed = {
        alias.asname or alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == shoal._HOME
    assert sorted(shoal.__all__) == shoal.__all__
    assert set(shoal.__all__) == set(typed)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(shoal, "no_such_name")
    assert set(shoal.__all__) <= set(dir(shoal))
