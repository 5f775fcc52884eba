"""Embedding: cached by content, the same bytes from any executor, broken pictures as NaN with a reason."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.compute.cancel import CancelledError, CancelToken
from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError, MissingError
from shoal.steps import embedding_batches as batches
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
