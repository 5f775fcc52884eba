"""Every error of shoal: one base, a hint, a code of its own, and the built-in kind that callers expect."""

from __future__ import annotations

import pickle

import pytest

from shoal import errors

LEAVES = [getattr(errors, name) for name in errors.__all__ if name != "ShoalError"]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda c: c.__name__)
def test_it_is_caught_by_the_base_and_shows_its_hint(leaf: type[errors.ShoalError]) -> None:
    with pytest.raises(errors.ShoalError) as caught:
        raise leaf("x.png is empty", hint="Take it away.")
    assert caught.value.message == "x.png is empty"
    assert caught.value.hint == "Take it away."
    assert str(caught.value) == "x.png is empty\n  → Take it away."
    assert str(leaf("no hint")) == "no hint"


def test_codes_are_stable_and_unlike() -> None:
    codes = {leaf.__name__: leaf.code for leaf in LEAVES}
    assert len(set(codes.values()) - {"error"}) == len(codes)
    # Views tell errors apart by these: adding is fine, changing one breaks them.
    assert (
        codes.items()
        >= {"ConflictError": "conflict", "SaveError": "save_failed", "MissingError": "missing"}.items()
    )


@pytest.mark.parametrize(
    ("leaf", "builtin"),
    [
        (errors.BadInputError, ValueError),
        (errors.MissingError, LookupError),
        (errors.ExistsError, FileExistsError),
        (errors.NameRefusedError, errors.BadInputError),
    ],
)
def test_it_is_also_what_python_calls_it(leaf: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(leaf, builtin)


@pytest.mark.parametrize("leaf", [errors.ShoalError, *LEAVES], ids=lambda c: c.__name__)
def test_it_survives_a_process_pool(leaf: type[errors.ShoalError]) -> None:
    """An error of a worker process arrives as what it was, message, hint and all."""
    arrived = pickle.loads(pickle.dumps(leaf("x.png is empty", hint="Take it away.")))
    assert type(arrived) is leaf
    assert (arrived.message, arrived.hint) == ("x.png is empty", "Take it away.")
