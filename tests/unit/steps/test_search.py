"""Search: words where the model reads, pictures always, the most similar first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps.embed import embed
from shoal.steps.search import nearest, search
from tests.unit.backends.tiny import open_clip_folder
from tests.unit.steps.fixtures import noise_picture, save_pictures


@pytest.fixture
def pile(tmp_path: Path) -> Items:
    return save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i) for i in range(9)})


def test_a_picture_finds_itself_first(pile: Items) -> None:
    vectors = embed(pile, model="colour", cache=False, progress=False)
    found = search(vectors, pile.file(4), k=3, progress=False)
    assert len(found) == 3 and found.paths[0] == "4.png"
    assert found.columns["similarity"][0] == pytest.approx(1.0, abs=1e-3)
    assert (np.diff(found.columns["similarity"]) <= 0).all()
    with Image.open(pile.file(4)) as picture:
        assert search(vectors, picture, k=1, progress=False).paths == ("4.png",)
    assert len(search(vectors, pile.file(4), k=100, progress=False)) == 9


def test_words_find_pictures_where_the_model_reads(pile: Items, tmp_path: Path) -> None:
    vectors = embed(
        pile, model=f"local-dir:{open_clip_folder(tmp_path / 'clip')}", cache=False, progress=False
    )
    found = search(vectors, "a rabbit", k=9, progress=False)
    assert sorted(found.paths) == sorted(pile.paths)
    similarity = found.columns["similarity"]
    assert (np.diff(similarity) <= 0).all() and np.abs(similarity).max() <= 1
    single = search(vectors, "a rabbit", sentences=False, progress=False).columns["similarity"]
    assert not np.allclose(single, similarity)


def test_refusals(pile: Items) -> None:
    vectors = embed(pile, model="colour", cache=False, progress=False)
    with pytest.raises(BadInputError, match="no text tower") as refused:
        search(vectors, "a rabbit", progress=False)
    assert "open_clip:" in refused.value.hint
    for query, k in ((" ", 3), ("a", 0)):
        with pytest.raises(BadInputError):
            search(vectors, query, k=k, progress=False)


def test_unreadable_pictures_are_never_found() -> None:
    rows = np.eye(4, dtype=np.float32)
    rows[1] = np.nan
    found = nearest(Embeddings(Items(Path("x"), list("abcd")), rows, "m"), np.eye(4, dtype=np.float32)[2], 9)
    assert found.paths == ("c", "a", "d")
    with pytest.raises(BadInputError, match="numbers"):
        nearest(Embeddings(Items(Path("x"), list("abcd")), rows, "m"), np.ones(3, np.float32), 1)
