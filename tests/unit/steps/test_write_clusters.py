"""Clusters on disk: every picture once, names unique everywhere, nothing of anybody's lost."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Clusters, Embeddings, Items, Projection
from shoal.errors import BadInputError, ExistsError, MissingError
from shoal.steps.write_clusters import write_clusters
from tests.unit.steps.fixtures import noise_picture, save_pictures

LABELS = np.array([0, 0, 0, 1, 1, -1], dtype=np.int32)


@pytest.fixture
def pile(tmp_path: Path) -> Items:
    names = ["a/x.png", "b/x.png", "b/X.PNG", "y.png", "<b> 'é\n.png", "z.png"]
    items = save_pictures(tmp_path / "pile", {name: noise_picture(i) for i, name in enumerate(names)})
    return items.with_columns(shot=np.arange(6), time_s=np.arange(6) / 2, frame=np.arange(6) * 12)


CLUSTERS = Clusters(
    LABELS, np.array([0.5, 1.0, 0.7, 0.2, 0.9, 0.0], dtype=np.float32), "hdbscan", {"seed": 0}
)
PROJECTION = Projection(np.arange(12, dtype=np.float32).reshape(6, 2), "pca2")


def _write(
    items: Items, out: Path, *tables: Projection, clusters: Clusters = CLUSTERS, **change: object
) -> Path:
    review = write_clusters(items, clusters, *tables, out=out, progress=False, **change)  # type: ignore[arg-type]
    assert review.root == out
    return out


def _tree(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def test_every_picture_is_there_once_under_a_unique_name(pile: Items, tmp_path: Path) -> None:
    out = _write(pile, tmp_path / "out", PROJECTION)
    pictures = [p for p in _tree(out) if p.lower().endswith(".png") and p != "clusters.png"]
    assert pictures == sorted(
        ["character_0/a_x.png", "character_0/b_x.png", "character_0/b_X__2.PNG", "character_1/y.png",
         "character_1/<b> 'é\n.png", "noise/z.png"]
    )  # fmt: skip
    names = [p.split("/", 1)[1].casefold() for p in pictures]
    assert len(set(names)) == 6
    contents = sorted((out / p).read_bytes() for p in pictures)
    assert contents == sorted(pile.file(row).read_bytes() for row in range(6))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "pile"]


def test_the_report_names_everything(pile: Items, tmp_path: Path) -> None:
    out = _write(pile, tmp_path / "out", PROJECTION)
    held = json.loads((out / "cluster_report.json").read_text())
    assert [(c["name"], c["size"], c["cover"]) for c in held["clusters"]] == [
        ("character_0", 3, "b_x.png"),
        ("character_1", 2, "<b> 'é\n.png"),
    ]
    first = held["clusters"][0]["items"][0]
    assert first == {
        "file": "a_x.png", "original": "a/x.png", "probability": 0.5, "x": 0.0, "y": 1.0,
        "shot": 0, "frame": 0, "time_s": 0.0,
    }  # fmt: skip
    assert held["noise"]["items"][0]["file"] == "z.png" and held["items"] == 6
    assert held["projection"]["method"] == "pca2" and held["parameters"] == {"seed": 0}


def test_the_vectors_need_no_pickle(pile: Items, tmp_path: Path) -> None:
    vectors = np.eye(6, 4, dtype=np.float32)
    vectors[5] = np.nan
    out = _write(pile, tmp_path / "out", PROJECTION, embeddings=Embeddings(pile, vectors, "m"))
    with np.load(out / ".shoal/vectors.npz", allow_pickle=False) as held:
        blob, offsets = held["paths_blob"].tobytes(), held["paths_offsets"]
        paths = [blob[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(offsets)]
        assert all((out / p).is_file() for p in paths) and len(paths) == 6
        assert held["paths_offsets"].dtype == np.int64 and held["paths_blob"].dtype == np.uint8
        assert held["vectors"].dtype == np.float16 and np.array_equal(held["vectors"][:5], vectors[:5])
        assert (
            held["xy"].dtype == np.float32 and held["probability"].tolist() == CLUSTERS.probability.tolist()
        )
        assert held["frame"].tolist() == [0, 12, 24, 36, 48, 60] and "sharpness" not in held


def test_links_share_the_file_and_copies_do_not(pile: Items, tmp_path: Path) -> None:
    linked = _write(pile, tmp_path / "linked", copy="link")
    copied = _write(pile, tmp_path / "copied")
    assert (linked / "noise/z.png").samefile(pile.file(5)) and not (copied / "noise/z.png").samefile(
        pile.file(5)
    )
    assert not (copied / "clusters.png").exists()
    assert np.isnan(np.load(copied / ".shoal/vectors.npz")["xy"]).all()


def test_the_same_input_gives_the_same_bytes(pile: Items, tmp_path: Path) -> None:
    a, b = (_write(pile, tmp_path / name, PROJECTION) for name in ("a", "b"))
    assert _tree(a) == _tree(b)
    for name in _tree(a):
        if name != ".shoal_step.json":  # holds times
            assert (a / name).read_bytes() == (b / name).read_bytes(), name


def test_an_older_folder_is_kept(pile: Items, tmp_path: Path) -> None:
    out = _write(pile, tmp_path / "out")
    (out / "character_0/mine.txt").write_text("a caption by hand")
    with pytest.raises(ExistsError, match="kept beside"):
        _write(pile, out)
    _write(pile, out, force=True)
    aside = next(p for p in tmp_path.iterdir() if p.name.startswith("out.before-"))
    assert (aside / "character_0/mine.txt").read_text() == "a caption by hand"
    assert not (out / "character_0/mine.txt").exists()
    _write(pile, out, force=True)
    assert len([p for p in tmp_path.iterdir() if p.name.startswith("out.before-")]) == 2


def test_a_failure_leaves_no_half_folder(pile: Items, tmp_path: Path) -> None:
    out = _write(pile, tmp_path / "out")
    before = _tree(out)
    pile.file(4).unlink()
    with pytest.raises(MissingError, match="é"):
        _write(pile, out, force=True)
    assert _tree(out) == before and sorted(p.name for p in tmp_path.iterdir()) == ["out", "pile"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingError):
        _write(pile, tmp_path / "empty")


def test_an_empty_folder_may_be_there(pile: Items, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert (_write(pile, tmp_path / "out") / "noise/z.png").exists()


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    try:
        save_pictures(tmp_path / "pile", {"a.png": noise_picture(0)})
        (tmp_path / "pile/a.png").rename(tmp_path / "pile" / name)
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    items = Items(root=tmp_path / "pile", paths=[name])
    clusters = Clusters(np.array([0], dtype=np.int32), np.ones(1, dtype=np.float32), "kmeans")
    out = _write(items, tmp_path / "out", clusters=clusters)
    held = np.load(out / ".shoal/vectors.npz")
    assert held["paths_blob"].tobytes().decode("utf-8", "surrogatepass") == f"character_0/{name}"
    assert json.loads((out / "cluster_report.json").read_text())["clusters"][0]["items"][0]["file"] == name


def test_what_cannot_be_is_refused(pile: Items, tmp_path: Path) -> None:
    for change in ({"prefix": "../x"}, {"prefix": ""}, {"copy": "move"}):
        with pytest.raises(BadInputError):
            _write(pile, tmp_path / "out", **change)
    with pytest.raises(BadInputError, match="clusters has 5 rows"):
        _write(pile, tmp_path / "out", clusters=replace(CLUSTERS, labels=LABELS[:5], probability=np.zeros(5)))
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInputError, match="is a file"):
        _write(pile, tmp_path / "file")
    Image.new("RGB", (1, 1)).save(tmp_path / "x.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "pile", "x.png"]


def test_the_review_is_what_was_clustered(pile: Items, tmp_path: Path) -> None:
    review = write_clusters(pile, CLUSTERS, PROJECTION, out=tmp_path / "out", progress=False)
    assert {row.name: row.size for row in review.clusters.itertuples()} == {
        "character_0": 3,
        "character_1": 2,
    }
    assert len(review.items("noise")) == 1
    assert np.isfinite(review.session.table.columns["xy"]).all()


def test_the_edits_made_in_a_folder_that_is_replaced_are_kept_with_it(pile: Items, tmp_path: Path) -> None:
    old = write_clusters(pile, CLUSTERS, out=tmp_path / "out", progress=False)
    old.merge(["character_0", "character_1"], name="x")
    again = write_clusters(pile, CLUSTERS, out=tmp_path / "out", force=True, progress=False)
    assert len(again.clusters) == 2 and len(again.history) == 0
    (kept,) = (p for p in tmp_path.iterdir() if p.name.startswith("out."))
    assert (kept / ".shoal" / "actions.jsonl").stat().st_size > 0
