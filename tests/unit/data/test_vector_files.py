"""X.npy and paths.txt: what goes out comes back, other tools' files come in, and nothing is unpickled."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from shoal.data.tables import Embeddings, Items
from shoal.data.vector_files import export_vectors, import_vectors
from shoal.errors import BadInputError, ExistsError, MissingError


def _embeddings(root: Path, paths: list[str]) -> Embeddings:
    rows = np.random.default_rng(0).normal(size=(len(paths), 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Embeddings(Items(root, paths), rows, "colour")


def test_what_goes_out_comes_back(tmp_path: Path) -> None:
    given = _embeddings(tmp_path / "pictures", ["a.png", "sub/ü b.png", os.fsdecode(b"\xff.png")])
    given.vectors[1] = np.nan
    folder = export_vectors(given, out=tmp_path / "out")
    found = import_vectors(folder)
    assert found.items.paths == given.items.paths and found.items.root == given.items.root
    assert found.model == "colour" and np.allclose(found.vectors, given.vectors, atol=1e-6, equal_nan=True)
    assert sorted(p.name for p in folder.iterdir()) == ["X.npy", "about.json", "paths.txt"]
    with pytest.raises(ExistsError):
        export_vectors(given, out=folder)
    assert len(import_vectors(export_vectors(_embeddings(tmp_path, []), out=folder, force=True))) == 0


def test_files_of_other_tools_come_in(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", np.array([[3, 4], [0, 0], [np.inf, 1]], dtype=np.float64))
    (tmp_path / "paths.txt").write_bytes(b"/data/a/1.jpg\r\n/data/b/2.jpg\r\n/data/b/3.jpg\r\n")
    found = import_vectors(tmp_path, model="clip")
    assert found.items.root == Path("/data") and found.items.paths == ("a/1.jpg", "b/2.jpg", "b/3.jpg")
    assert found.vectors[:2].tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]
    assert np.isnan(found.vectors[2]).all() and found.model == "clip"
    assert import_vectors(tmp_path, normalise=False).vectors[0].tolist() == [3, 4]
    with pytest.raises(BadInputError, match="not below"):
        import_vectors(tmp_path, root="/elsewhere")


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        import_vectors(tmp_path)
    np.save(tmp_path / "X.npy", np.zeros((2, 3)))
    with pytest.raises(MissingError, match=r"paths\.txt"):
        import_vectors(tmp_path)
    (tmp_path / "paths.txt").write_text("a.png\n")
    with pytest.raises(BadInputError, match="2 vectors and 1 paths"):
        import_vectors(tmp_path)
    np.save(tmp_path / "X.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BadInputError, match="cannot be read"):
        import_vectors(tmp_path)
    np.save(tmp_path / "X.npy", np.zeros(3))
    with pytest.raises(BadInputError, match="shape"):
        import_vectors(tmp_path)
    with pytest.raises(BadInputError, match="line break"):
        export_vectors(_embeddings(tmp_path, ["a\nb.png"]), out=tmp_path / "new")
