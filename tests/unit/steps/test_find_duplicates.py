"""Duplicates: the same bits as imagehash, whole groups, the sharpest kept, broken files listed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFilter

from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError
from shoal.steps.find_duplicates import Duplicates, find_duplicates
from tests.unit.steps.fixtures import blobs, noise_picture, save_pictures


def _find(items: object, **change: object) -> Duplicates:
    return find_duplicates(items, progress=False, **change)  # type: ignore[arg-type]


@pytest.fixture
def pile(tmp_path: Path):
    one, two = noise_picture(1, 200), noise_picture(2, 200)
    pictures = {
        "one.png": one.filter(ImageFilter.GaussianBlur(1)),
        "one_small.jpg": one.resize((120, 120)),
        "two.png": two,
        "one_again.png": one,
        "two_copy.png": two,
        "three.png": noise_picture(3, 200),
    }
    return save_pictures(tmp_path, pictures)


def test_near_copies_are_one_group(pile) -> None:
    found = _find(pile)
    assert found.group.tolist() == [0, 0, 1, 0, 1, -1] and len(found) == 2
    assert found.representative.tolist() == [True, False, True, False, False, True]
    assert found.members(0).tolist() == [0, 1, 3] and list(found.kept().paths) == [
        "one.png",
        "two.png",
        "three.png",
    ]
    assert "3 of 6 superfluous" in repr(found)


def test_the_sharpest_is_kept(pile) -> None:
    found = _find(pile.with_columns(sharpness=[1.0, 2.0, 5.0, 9.0, 7.0, 0.0]))
    assert list(found.kept().paths) == ["one_again.png", "two_copy.png", "three.png"]


def test_exact_needs_equal_bytes(pile) -> None:
    assert _find(pile, method="exact").group.tolist() == [-1, -1, 0, -1, 0, -1]
    with ThreadPoolExecutor(2) as pool:
        assert (_find(pile, executor=pool).group == _find(pile).group).all()


def test_broken_pictures_are_listed_not_grouped(tmp_path: Path) -> None:
    items = save_pictures(
        tmp_path, {"a.png": noise_picture(1), "b.png": noise_picture(1), "c.png": noise_picture(1)}
    )
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "c.png").unlink()
    found = _find(items)
    assert found.group.tolist() == [-1, -1, -1] and found.representative.tolist() == [True, False, False]
    assert [row for row, _ in found.unreadable] == [1, 2] and "empty" in found.unreadable[0][1]
    assert len(_find(items, method="exact").unreadable) == 1


def test_exact_reads_only_files_of_equal_length(pile, monkeypatch: pytest.MonkeyPatch) -> None:
    from shoal.steps import find_duplicates as module

    read: list[str] = []

    def watched(path: Path) -> bytes:
        read.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr(module, "file_sha256", watched)
    assert len(_find(pile, method="exact")) == 1
    assert sorted(read) == ["two.png", "two_copy.png"]


def test_what_the_model_takes_for_the_same() -> None:
    embeddings = blobs((8, 7), spread=0.001)
    far = blobs((20,), spread=2.0, seed=5)
    paths = [f"{i}.png" for i in range(35)]
    vectors = np.concatenate([embeddings.vectors, far.vectors])
    vectors[34] = np.nan
    found = _find(Embeddings(Items(Path("x"), paths), vectors, "made-up"), method="embedding")
    assert found.group.tolist() == [0] * 8 + [1] * 7 + [-1] * 20 and found.unreadable[0][0] == 34
    assert found.representative.sum() == 2 + 19 and not found.representative[34]


def test_arguments_and_no_pictures(tmp_path: Path) -> None:
    empty = save_pictures(tmp_path, {})
    assert len(_find(empty)) == 0 and len(_find(empty, method="exact")) == 0
    with pytest.raises(BadInputError, match="method"):
        _find(empty, method="eye")
    with pytest.raises(BadInputError, match="threshold"):
        _find(empty, threshold=64)
    with pytest.raises(BadInputError, match="vectors"):
        _find(empty, method="embedding")
    with pytest.raises(BadInputError, match="outside"):
        _find(blobs((5,)), method="embedding", threshold=2.0)
