"""The cache as a whole: kept apart by model, preprocessing and dimension."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from shoal.store.embedding_cache import EmbeddingCache, default_cache_folder

KEY = hashlib.sha256(b"x").digest()


def test_models_and_versions_do_not_mix(tmp_path: Path) -> None:
    variants = [("m", "1", 2), ("m", "2", 2), ("n", "1", 2), ("m", "1", 3), ("m-1", "", 2), ("m/1", "", 2)]
    with EmbeddingCache(tmp_path) as cache:
        for number, (model, version, dims) in enumerate(variants):
            cache.vectors(model, version, dims).add([KEY], np.full((1, dims), number, dtype=np.float16))
        assert cache.vectors("m", "1", 2) is cache.vectors("m", "1", 2)
    with EmbeddingCache(tmp_path) as cache:
        for number, (model, version, dims) in enumerate(variants):
            vectors, found = cache.vectors(model, version, dims).get([KEY])
            assert found.all() and (vectors == number).all()


def test_a_model_name_is_never_a_path(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "cache") as cache:
        for name in ("../../out", "/abs", "..", "con:*?", "x" * 400):
            cache.vectors(name, "1", 2)
    assert [p.name for p in tmp_path.iterdir()] == ["cache"]
    assert all(len(p.name) < 100 for p in (tmp_path / "cache").iterdir())


def test_the_place_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_CACHE", str(tmp_path / "there"))
    assert default_cache_folder() == tmp_path / "there"
    with EmbeddingCache() as cache:
        assert cache.folder == tmp_path / "there"
    monkeypatch.delenv("SHOAL_CACHE")
    assert default_cache_folder().name == "embeddings"
