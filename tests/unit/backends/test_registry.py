"""One list of models; auto takes the best that is there, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.backends import registry
from shoal.backends.protocols import ImageEmbedder
from shoal.backends.registry import ModelEntry, choose, entries, entry, load_embedder, load_matte, register
from shoal.errors import BadInputError, ExistsError, MissingError


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))


def test_auto_falls_back_and_says_what_was_better(no_weights: None) -> None:
    chosen, why = choose("embedding")
    assert chosen.name == "colour" and "efficientnet-lite2" in why and "shoal.models" in why
    with pytest.raises(MissingError, match="matte"):
        choose("matte")
    with pytest.raises(MissingError, match="efficientnet-lite2"):
        choose("embedding", "efficientnet-lite2")


@pytest.mark.weights
def test_auto_takes_the_best() -> None:
    assert choose("embedding")[0].name == "efficientnet-lite2"
    assert choose("matte")[0].name == "u2netp"


def test_wrong_names_are_refused_with_the_right_ones() -> None:
    with pytest.raises(BadInputError) as kind:
        choose("matte", "colour")
    assert "u2netp" in kind.value.hint
    with pytest.raises(MissingError) as unknown:
        entry("clip-9000")
    assert "colour" in unknown.value.hint


def test_registering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))
    mine = ModelEntry("mine", "embedding", "shoal.backends.colour:load", 192, "MIT", "1", rank=99)
    register(mine)
    assert entries("embedding")[0] is mine and choose("embedding")[0] is mine
    with pytest.raises(ExistsError):
        register(mine)
    register(
        ModelEntry("far", "embedding", "x:y", 1, "MIT", "1", packages=("no_such_package_here",), rank=100)
    )
    assert "no_such_package_here is not installed" in choose("embedding")[1]
    register(ModelEntry("liar", "matte", "shoal.backends.colour:load", 0, "MIT", "1"))
    with pytest.raises(BadInputError, match="liar"):
        load_matte("liar")


def test_a_model_is_loaded_once() -> None:
    assert load_embedder("colour") is load_embedder("colour")
    assert isinstance(load_embedder("colour"), ImageEmbedder)


def test_entries_have_all_that_users_are_told() -> None:
    for model in entries():
        assert model.licence and model.preprocessing and model.about
        assert model.terms.startswith("https://") or model.name == "colour"
        assert all(source.sha256 for source in model.sources)
        assert (model.dims > 0) == (model.kind in ("embedding", "face"))
