"""Embedding: cached by content, the same bytes from any executor, broken pictures as NaN with a reason."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends import streaming as batches
from shoal.compute.cancel import CancelledError, CancelToken
from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError, MissingError
from shoal.steps.embed import embed
from tests.unit.steps.fixtures import noise_picture, save_pictures


@pytest.fixture
def pile(tmp_path: Path) -> Items:
    return save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i) for i in range(21)})


def _embed(items: Items, cache: Path | bool, **change: object) -> Embeddings:
    return embed(items, **{"model": "colour", "cache": cache, "progress": False, **change})  # type: ignore[arg-type]


def test_a_second_call_embeds_nothing(pile: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _embed(pile, tmp_path / "cache")
    assert first.vectors.shape == (21, 192) and first.meta["from_cache"] == 0
    assert np.allclose(np.linalg.norm(first.vectors, axis=1), 1.0, atol=1e-6)
    monkeypatch.setattr(batches, "load_embedder", lambda *_: pytest.fail("the model was loaded"))
    second = _embed(pile, tmp_path / "cache")
    assert second.meta["from_cache"] == 21 and second.vectors.tobytes() == first.vectors.tobytes()
    # moved and renamed files are the same pictures
    (pile.root / "sub").mkdir()
    pile.file(3).rename(pile.root / "sub/x.png")
    moved = _embed(Items(root=pile.root, paths=["sub/x.png", "0.png"]), tmp_path / "cache")
    assert moved.vectors.tobytes() == first.vectors[[3, 0]].tobytes()


def test_equal_contents_are_embedded_once(pile: Items, tmp_path: Path) -> None:
    pile.file(1).write_bytes(pile.file(0).read_bytes())
    result = _embed(pile, tmp_path / "cache")
    assert result.meta["distinct"] == 20 and (result.vectors[0] == result.vectors[1]).all()


def test_the_same_bytes_from_processes_threads_and_parts(pile: Items, tmp_path: Path) -> None:
    here = _embed(pile, False)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = _embed(pile, False, executor=pool)
    assert here.vectors.tobytes() == there.vectors.tobytes()
    _embed(pile.take([5, 11, 12]), tmp_path / "cache")
    assert _embed(pile, tmp_path / "cache").vectors.tobytes() == here.vectors.tobytes()


def test_broken_pictures_are_nan_with_a_reason(pile: Items, tmp_path: Path) -> None:
    pile.file(2).write_bytes(b"")
    pile.file(5).unlink()
    result = _embed(pile, tmp_path / "cache")
    assert np.flatnonzero(np.isnan(result.vectors).any(axis=1)).tolist() == [2, 5]
    reasons = {entry["path"]: entry["reason"] for entry in result.meta["unreadable"]}
    assert "empty" in reasons["2.png"] and "cannot be opened" in reasons["5.png"]
    with pytest.raises(BadInputError, match="None of the 1"):
        _embed(pile.take([2]), tmp_path / "cache")


def test_what_is_done_is_kept_when_stopped(
    pile: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = CancelToken()

    def stop(what: str, done: int, total: int | None) -> None:
        if what.startswith("Embedding") and done >= 9:
            token.cancel()

    with pytest.raises(CancelledError):
        _embed(pile, tmp_path / "cache", progress=stop, cancel=token)
    again = _embed(pile, tmp_path / "cache")
    assert 8 <= again.meta["from_cache"] < 21
    assert again.vectors.tobytes() == _embed(pile, False).vectors.tobytes()


def test_the_background_of_a_cut_out_does_not_count(tmp_path: Path) -> None:
    subject = noise_picture(1, 40).convert("RGBA")
    pictures: dict[str, Image.Image] = {}
    for name, colour in (("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255))):
        canvas = Image.new("RGBA", (80, 60), (*colour, 0))
        canvas.paste(subject, (10, 10))
        pictures[name] = canvas
    result = _embed(save_pictures(tmp_path, pictures), False)
    assert (result.vectors[0] == result.vectors[1]).all()


def test_the_choice_is_told(pile: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path / "empty"))
    result = embed(pile.take([0]), cache=False, progress=False)
    assert result.model == "colour" and "efficientnet-lite2" in result.meta["chosen"]
    with pytest.raises(MissingError):
        embed(pile, model="efficientnet-lite2", cache=False, progress=False)
    assert len(embed(replace(pile, paths=(), columns={}), cache=False, progress=False)) == 0


@pytest.mark.weights
def test_the_real_model_gives_the_same_bytes_in_any_company(pile: Items) -> None:
    model = {"model": "efficientnet-lite2"}
    whole = _embed(pile, False, **model)
    assert whole.vectors.shape == (21, 1280)
    part = _embed(pile.take([20, 3, 4]), False, **model)
    assert part.vectors.tobytes() == whole.vectors[[20, 3, 4]].tobytes()
    # a picture and its smaller copy are nearer than two different pictures
    pile.file(0).unlink()
    noise_picture(1).resize((40, 40)).save(pile.file(0))
    near = _embed(pile.take([0, 1, 2]), False, **model).vectors
    assert near[0] @ near[1] > near[1] @ near[2] + 0.05


@contextmanager
def dask_workers() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


@contextmanager
def ipyparallel_engines() -> Iterator[Executor]:
    ipyparallel = pytest.importorskip("ipyparallel")
    with ipyparallel.Cluster(n=2, log_level=40) as client:
        yield client.load_balanced_view().executor


@pytest.mark.parametrize("workers", [dask_workers, ipyparallel_engines])
def test_the_same_bytes_from_a_cluster(
    pile: Items, tmp_path: Path, workers: Callable[[], AbstractContextManager[Executor]]
) -> None:
    pile.file(2).write_bytes(b"")
    here = _embed(pile, False)
    with workers() as executor:
        there = _embed(pile, tmp_path / "cache", executor=executor)
    assert here.vectors.tobytes() == there.vectors.tobytes()
    assert there.meta["unreadable"] == here.meta["unreadable"]
    assert _embed(pile, tmp_path / "cache").meta["from_cache"] >= 20


def test_an_unchanged_folder_is_recalled_and_one_changed_file_embedded(tmp_path: Path) -> None:
    items = save_pictures(tmp_path / "pile", {f"s/{i:02d}.png": noise_picture(i) for i in range(12)})
    items.file(4).write_bytes(b"broken")
    for path in (tmp_path / "pile" / "s").iterdir():
        os.utime(path, (1e9, 1e9))
    first = _embed(tmp_path / "pile", tmp_path / "cache")  # type: ignore[arg-type]
    again = _embed(items, tmp_path / "cache")
    assert again.vectors.tobytes() == _embed(items, False).vectors[:].tobytes()
    assert first.items.paths == items.paths
    assert again.meta["unreadable"] == first.meta["unreadable"] and again.meta["from_cache"] == 12
    noise_picture(99).save(items.file(7))
    os.utime(items.file(7), (2e9, 1.1e9))
    changed = _embed(items, tmp_path / "cache")
    assert (changed.meta["distinct"], changed.meta["from_cache"]) == (12, 10)  # the broken one is tried again
    same = [row for row in range(12) if row not in (4, 7)]
    assert changed.vectors[same].tobytes() == again.vectors[same].tobytes()
    assert not np.allclose(changed.vectors[7], again.vectors[7])


def test_precision_and_device_are_told_and_kept_apart(pile: Items, tmp_path: Path) -> None:
    result = _embed(pile, tmp_path / "cache")
    assert (result.meta["device"], result.meta["precision"]) == ("cpu", "fp32")
    with pytest.raises(BadInputError, match="bf16"):
        _embed(pile, tmp_path / "cache", precision="bf16")
    with pytest.raises(BadInputError, match="batch_size"):
        _embed(pile, tmp_path / "cache", batch_size=0)
    other = _embed(pile, False, batch_size=3)
    assert other.vectors.tobytes() == result.vectors.tobytes()
