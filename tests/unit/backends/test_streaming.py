"""Batches from file to vector: filled up, halved where memory ends, done again when a worker dies."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from shoal.backends import registry
from shoal.backends import streaming as module
from shoal.backends.colour import ColourHistogram
from shoal.backends.devices import How
from shoal.backends.registry import ModelEntry
from shoal.backends.streaming import batch_size_for, embed_paths, stream
from shoal.errors import BadInputError
from shoal.steps.embed import embed
from tests.unit.steps.fixtures import noise_picture, save_pictures

ENTRY = registry.entry("colour")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    items = save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i) for i in range(13)})
    return [items.file(row) for row in range(13)]


def test_a_batch_that_does_not_fit_is_halved(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Small(ColourHistogram):
        def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            sizes.append(len(batch))
            if len(batch) > 2:
                raise MemoryError
            return super().embed(batch)

    wanted = embed_paths(paths[:8], entry=ENTRY, how=How(), size=8)
    monkeypatch.setattr(module, "load_embedder", lambda *_: Small())
    found = embed_paths(paths[:8], entry=ENTRY, how=How(), size=8)
    assert sizes == [8, 4, 2, 2, 4, 2, 2]
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(found, wanted, strict=True))


def test_batches_are_filled_up(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Noted(ColourHistogram):
        def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            sizes.append(len(batch))
            return super().embed(batch)

    monkeypatch.setattr(module, "load_embedder", lambda *_: Noted())
    found = [r for batch in stream(paths, entry=ENTRY, how=How(), size=5) for r in batch]
    assert len(found) == 13 and sizes == [5, 5, 5]


def test_others_decode_while_one_computes(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU there is a thread more than cores: the next batches are read while one is on the device."""
    ahead = threading.Event()
    first = threading.Lock()
    read: list[int] = []

    class Slow(ColourHistogram):
        def preprocess(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
            read.append(1)
            if len(read) >= 8:
                ahead.set()
            return super().preprocess(picture)

        def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            with first:  # one device
                assert ahead.wait(20), "nothing was read while the device was busy"
                return super().embed(batch)

    monkeypatch.setattr(module, "load_embedder", lambda *_: Slow())
    monkeypatch.setattr(module, "default_workers", lambda: 1)
    found = list(stream(paths, entry=ENTRY, how=How("cuda", "fp16"), size=4))
    assert [len(batch) for batch in found] == [4, 4, 4, 1]
    wanted = list(stream(paths, entry=ENTRY, how=How(), size=4))
    pairs = zip(chain(*found), chain(*wanted), strict=True)
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in pairs)


def test_sizes_are_checked() -> None:
    assert batch_size_for(How(), None) == 8 and batch_size_for(How("cuda", "fp16"), None) == 64
    assert batch_size_for(How(), 3) == 3
    with pytest.raises(BadInputError):
        batch_size_for(How(), 0)


class Deadly(ColourHistogram):
    """Ends its process at any picture of 3 × 3 pixels, as a broken decoder would."""

    def preprocess(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        if picture.size == (3, 3):
            os._exit(11)
        return super().preprocess(picture)


def load_deadly(_argument: str = "", _how: How | None = None) -> Deadly:
    return Deadly()


def test_a_picture_that_kills_workers_is_reported_and_no_other_lost(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))
    registry.register(ModelEntry("deadly", "embedding", f"{__name__}:load_deadly", 192, "MIT", "1"))
    wanted = embed(paths[0].parent, model="colour", cache=False, progress=False)
    Image.new("RGB", (3, 3)).save(paths[5])
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = embed(paths[0].parent, model="deadly", cache=False, executor=pool, progress=False)
    row = found.items.paths.index("5.png")
    assert [entry["path"] for entry in found.meta["unreadable"]] == ["5.png"]
    assert "ended the process" in found.meta["unreadable"][0]["reason"]
    others = [i for i in range(13) if i != row]
    assert found.vectors[others].tobytes() == wanted.vectors[others].tobytes()
