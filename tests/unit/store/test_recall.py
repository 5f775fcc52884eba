"""The answer for a whole unchanged table: exact, and never given when anything differs."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import numpy as np
import pytest

from shoal.store import recall as recall_module
from shoal.store.recall import Foreseen, recall, remember, unit_rows
from shoal.store.vectors import VectorStore

DIMS, N = 8, 5000
ROOT = Path("pictures")


def _marks(n: int = N, mtime_ns: int = 10**18) -> np.ndarray:
    return np.stack([np.full(n, 5), np.arange(n) + 7, np.arange(n) % 90, np.full(n, mtime_ns)], axis=1)


def _key(n: int) -> bytes:
    return hashlib.sha256(str(n).encode()).digest()


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    store = VectorStore(tmp_path, DIMS)
    rng = np.random.default_rng(0)
    store.add([_key(n) for n in range(N)], rng.normal(size=(N, DIMS)).astype(np.float16))
    return store


def _wanted(store: VectorStore, keys: list[bytes]) -> np.ndarray:
    out = np.empty((len(keys), DIMS), np.float32)
    unit_rows(store.get(keys)[0], out)
    return out


def test_vectors_have_length_one_and_zeros_stay(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(3000, DIMS)).astype(np.float16)
    rows[7] = 0
    out = np.empty(rows.shape, np.float32)
    unit_rows(rows, out)
    lengths = np.linalg.norm(out, axis=1)
    assert lengths[7] == 0 and np.allclose(np.delete(lengths, 7), 1, atol=1e-6)


def test_every_finite_number_is_widened_exactly() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 1)
    out = np.empty(finite.shape, np.float32)
    recall_module._widen(finite, out)
    assert out.tobytes() == finite.astype(np.float32).tobytes()
    # rows of an arena do not lie side by side
    apart = np.zeros(len(finite), dtype=[("key", "u1", 36), ("vector", "<f2", (1,))])
    apart["vector"] = finite
    recall_module._widen(apart["vector"], out)
    assert out.tobytes() == finite.astype(np.float32).tobytes()


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_stays_none(strange: float) -> None:
    rows = np.ones((5, DIMS), dtype=np.float16)
    rows[2, 3] = strange
    out = np.empty(rows.shape, np.float32)
    with np.errstate(invalid="ignore"):
        unit_rows(rows, out)
    assert np.isnan(out[2, 3]) and np.allclose(np.linalg.norm(np.delete(out, 2, 0), axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("order", ["file", "shuffled", "repeated"])
def test_what_is_remembered_comes_back_byte_for_byte(store: VectorStore, order: str) -> None:
    numbers = np.arange(N)
    if order != "file":
        numbers = np.random.default_rng(2).permutation(N) if order == "shuffled" else numbers // 3
    keys, marks = [_key(int(n)) for n in numbers], _marks()
    assert recall(store, ROOT, marks) is None
    remember(store, ROOT, marks, keys, {3: "is empty", 11: "is no picture"})
    found = recall(store, ROOT, marks)
    assert found is not None and found.reasons == {3: "is empty", 11: "is no picture"}
    wanted = _wanted(store, keys)
    wanted[[3, 11]] = np.nan
    assert found.vectors.tobytes() == wanted.tobytes() and found.distinct == len(set(keys))
    store.close()


@pytest.mark.parametrize("column", range(4))
def test_any_difference_of_any_file_is_noticed(store: VectorStore, column: int) -> None:
    keys, marks = [_key(n) for n in range(N)], _marks()
    remember(store, ROOT, marks, keys, {})
    marks[4321, column] += 1
    assert recall(store, ROOT, marks) is None and recall(store, ROOT, marks[:-1]) is None
    store.close()


def test_damage_is_noticed(store: VectorStore, tmp_path: Path) -> None:
    keys, marks = [_key(n) for n in range(N)], _marks()
    remember(store, ROOT, marks, keys, {})
    size = store.arena._row.itemsize
    with (tmp_path / "arena.f16").open("r+b") as file:
        file.seek(64 + 2500 * size + 40)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 16]))
    assert recall(store, ROOT, marks) is None
    store.arena.truncate(10)
    assert recall(store, ROOT, marks) is None
    (memo,) = (tmp_path / "recall").glob("*.npz")
    memo.write_bytes(memo.read_bytes()[:100])
    assert recall(store, ROOT, marks) is None
    store.close()


def test_files_changed_just_now_and_keys_without_vectors_are_not_remembered(store: VectorStore) -> None:
    keys = [_key(n) for n in range(N)]
    fresh = _marks(mtime_ns=time.time_ns())
    remember(store, ROOT, fresh, keys, {})
    assert recall(store, ROOT, fresh) is None
    remember(store, ROOT, _marks(), [*keys[:-1], _key(-1)], {})
    assert recall(store, ROOT, _marks()) is None
    store.close()


def test_only_the_newest_are_kept(store: VectorStore, tmp_path: Path) -> None:
    keys = [_key(n) for n in range(3)]
    for day in range(20):
        remember(store, ROOT, _marks(3, 10**18 + day), keys, {})
    assert len(list((tmp_path / "recall").glob("*"))) == 16
    assert recall(store, ROOT, _marks(3, 10**18 + 19)) is not None
    store.close()


def test_the_last_answer_of_a_folder_is_foreseen(store: VectorStore) -> None:
    keys, marks = [_key(n) for n in range(N)], _marks()
    with Foreseen(store, ROOT) as nothing:
        assert nothing.answer(marks) is None
    remember(store, ROOT, marks, keys, {5: "is empty"})
    with Foreseen(store, ROOT) as ahead, Foreseen(store, "elsewhere") as elsewhere:
        found, wanted = ahead.answer(marks), recall(store, ROOT, marks)
        assert found is not None and wanted is not None and elsewhere.answer(marks) is None
        assert found.vectors.tobytes() == wanted.vectors.tobytes() and found.reasons == wanted.reasons
        assert ahead.answer(marks[1:]) is None
    store.close()
