"""How steps read: data first, everything else keyword-only, and the same words for the same things.

The exceptions may only shrink: a step that no longer needs one must be taken off the list.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from tests.conventions.sources import PACKAGE, dotted

COMMON = {"out", "seed", "force", "executor", "progress"}
# step -> words of COMMON that it may take; what it takes is checked to be spelled and placed alike.
ANNOTATIONS = {"seed": {"int"}, "force": {"bool"}, "progress": {"bool"}}
DEFAULTS = {"force": False, "progress": True, "executor": None}
DATA_FIRST_COUNT: dict[str, int] = {
    # Steps that take more than one table by position, and how many.
    "cluster_identities": 2,
    "join_identities": 2,
    "search": 2,  # what to search in, and what for
    "write_clusters": 3,
}


def steps() -> list[tuple[str, Callable[..., Any]]]:
    """The verbs of the steps room: in each module the function that bears its name."""
    found = {}
    for path in sorted((PACKAGE / "steps").glob("*.py")):
        if path.stem.startswith("_"):
            continue
        module = importlib.import_module(dotted(path))
        for name in getattr(module, "__all__", [path.stem]):
            value = getattr(module, name, None)
            if inspect.isfunction(value) and name == path.stem:
                found[name] = value
    return sorted(found.items())


STEPS = steps()


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[n for n, _ in STEPS])
def test_data_first_everything_else_keyword_only(name: str, step: Callable[..., Any]) -> None:
    kinds = [p.kind for p in inspect.signature(step).parameters.values()]
    positional = sum(k is inspect.Parameter.POSITIONAL_OR_KEYWORD for k in kinds)
    assert positional == DATA_FIRST_COUNT.get(name, 1)
    assert all(k is inspect.Parameter.KEYWORD_ONLY for k in kinds[positional:])


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[n for n, _ in STEPS])
def test_common_words_mean_the_same(name: str, step: Callable[..., Any]) -> None:
    parameters = inspect.signature(step).parameters
    for word, default in DEFAULTS.items():
        if word in parameters:
            assert parameters[word].default is default, f"{name}({word}=…)"
    if "seed" in parameters:
        assert isinstance(parameters["seed"].default, int), f"{name}(seed=…) must be repeatable by default"
    assert "progress" in parameters, f"{name} shows no progress"
    if "out" in parameters:
        assert "force" in parameters, f"{name} writes to out=, so it must refuse to replace unless force=True"


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[n for n, _ in STEPS])
def test_each_step_has_one_result_type(name: str, step: Callable[..., Any]) -> None:
    annotation = inspect.signature(step).return_annotation
    assert annotation is not inspect.Signature.empty
    assert "|" not in str(annotation)


def test_the_exceptions_are_all_needed() -> None:
    assert set(DATA_FIRST_COUNT) <= {n for n, _ in STEPS} or not STEPS
