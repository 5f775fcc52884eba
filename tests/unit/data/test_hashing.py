"""Perceptual hashes: the same bits as imagehash, one picture at a time or many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.data.hashing import hashable, perceptual_hash
from tests.unit.steps.fixtures import noise_picture


def test_hashes_are_those_of_imagehash() -> None:
    imagehash = pytest.importorskip("imagehash", reason="imagehash is the peer")
    pictures = [noise_picture(seed, 200).convert("L") for seed in range(20)]
    small = np.stack([np.asarray(p.resize((32, 32), Image.Resampling.LANCZOS)) for p in pictures])
    theirs = [int(str(imagehash.phash(p)), 16) for p in pictures]
    assert perceptual_hash(small).tolist() == theirs


@given(st.integers(1, 5))
def test_a_hash_does_not_depend_on_the_batch(n: int) -> None:
    pictures = np.random.default_rng(n).integers(0, 255, (n, 32, 32), dtype=np.uint8)
    together = perceptual_hash(pictures)
    assert together.tolist() == [int(perceptual_hash(p[None])[0]) for p in pictures]


def test_what_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    noise_picture(1).save(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    read = hashable(tmp_path / "a.png")
    assert not isinstance(read, str) and read.shape == (32, 32) and read.dtype == np.uint8
    assert "empty" in str(hashable(tmp_path / "b.png"))
