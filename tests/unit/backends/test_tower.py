"""A tower of any library is shoal's embedder; with a text tower it reads words too."""

from __future__ import annotations

import numpy as np

from shoal.backends.framing import Framing
from shoal.backends.protocols import ImageEmbedder, TextEmbedder
from shoal.backends.tower import Tower, TwoTowers
from tests.unit.backends.tiny import pictures


def test_towers_fit_the_protocols() -> None:
    framing = Framing(16, "squash")
    one = Tower("one", 3, framing, lambda batch: batch.mean(axis=(1, 2)).astype(np.float32))
    two = TwoTowers("two", 3, framing, one.run, lambda texts: np.ones((len(texts), 3), np.float32))
    assert isinstance(one, ImageEmbedder) and not isinstance(one, TextEmbedder)
    assert isinstance(two, ImageEmbedder) and isinstance(two, TextEmbedder)
    batch = np.stack([one.preprocess(p) for p in pictures((20, 30), (50, 40))])
    assert batch.shape == (2, 16, 16, 3) and one.embed(batch).shape == (2, 3)
    assert two.embed_text(["a", "b"]).shape == (2, 3)
