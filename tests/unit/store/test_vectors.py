"""The indexed store: what was added is found, through crashes, damage and other processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.store.arena import VectorArena
from shoal.store.row_index import RowIndex
from shoal.store.vectors import VectorStore

DIMS = 4


def _key(n: int) -> bytes:
    return hashlib.sha256(str(n).encode()).digest()


def _vector(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(size=DIMS).astype(np.float16)


def _add(store: VectorStore, numbers: list[int]) -> None:
    store.add([_key(n) for n in numbers], np.stack([_vector(n) for n in numbers]))


def _holds(store: VectorStore, numbers: list[int]) -> list[bool]:
    vectors, found = store.get([_key(n) for n in numbers])
    for row, n in enumerate(numbers):
        assert not found[row] or (vectors[row] == _vector(n)).all()
    return found.tolist()


def test_what_was_added_is_found_again(tmp_path: Path) -> None:
    with VectorStore(tmp_path, DIMS, {"model": "m"}) as store:
        _add(store, [1, 2, 3])
        assert _holds(store, [3, 9, 1, 3]) == [True, False, True, True]
        store.add([], np.empty((0, DIMS)))
    with VectorStore(tmp_path, DIMS) as store:
        assert len(store) == 3 and all(_holds(store, [1, 2, 3]))
    assert (tmp_path / "about.json").exists()


def test_many_keys_are_asked_in_parts(tmp_path: Path) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, list(range(1200)))
        assert all(_holds(store, list(range(1199, -1, -1))))


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_after_any_cut_or_flip_nothing_wrong_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("s")
    with VectorStore(folder, DIMS) as store:
        _add(store, [1, 2, 3])
        _add(store, [4, 5])
    arena = folder / "arena.f16"
    content = bytearray(arena.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(64, len(content))) :]
    else:
        content[data.draw(st.integers(64, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    arena.write_bytes(content)
    with VectorStore(folder, DIMS) as store:
        held = _holds(store, [1, 2, 3, 4, 5])  # _holds compares every vector that is found
        missing = [n for n, ok in zip([1, 2, 3, 4, 5], held, strict=True) if not ok]
        if missing:
            _add(store, missing)
    with VectorStore(folder, DIMS) as store:
        assert all(_holds(store, [1, 2, 3, 4, 5]))


def test_rows_written_but_not_indexed_are_indexed(tmp_path: Path) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, [1])
    arena = VectorArena(tmp_path / "arena.f16", DIMS)  # as if killed between the arena and the index
    arena.append([_key(2)], _vector(2)[None])
    arena.close()
    with (tmp_path / "arena.f16").open("ab") as file:
        file.write(b"torn")
    with VectorStore(tmp_path, DIMS) as store:
        assert all(_holds(store, [1, 2]))
        _add(store, [3])
        assert all(_holds(store, [1, 2, 3]))


@pytest.mark.parametrize("damage", ["foreign", "cut", "flipped", "gone", "empty"])
def test_a_damaged_index_is_rebuilt(tmp_path: Path, damage: str) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, [1, 2])
    index = tmp_path / "index.rows"
    content = bytearray(index.read_bytes())
    if damage == "flipped":
        content[-3] ^= 4
    made = {"foreign": b"not an index at all" * 9, "cut": content[:-5], "flipped": content, "empty": b""}
    index.unlink() if damage == "gone" else index.write_bytes(bytes(made[damage]))
    with VectorStore(tmp_path, DIMS) as store:
        assert all(_holds(store, [1, 2]))
        assert store.rebuild_index() == 2
    assert RowIndex.load(index).covered == 2


def _fill(folder: str, first: int) -> None:
    with VectorStore(Path(folder), DIMS) as store:
        for n in range(first, first + 20):
            _add(store, [n])


def test_two_processes_append_to_one_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(tmp_path), first)) for first in (0, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with VectorStore(tmp_path, DIMS) as store:
        assert len(store) == 40 and all(_holds(store, [*range(20), *range(100, 120)]))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to die in mid-append")
@pytest.mark.parametrize("dies_at", range(1, 7))
def test_a_process_that_dies_in_an_append_loses_only_that(tmp_path: Path, dies_at: int) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, [1, 2])
    child = os.fork()
    if child == 0:
        # every system call of an append is a point to die at, after half of the bytes where it writes
        calls = 0
        real = {name: getattr(os, name) for name in ("pwrite", "fdatasync")}

        def dying(name: str) -> object:
            def call(*args: object) -> object:
                nonlocal calls
                calls += 1
                if calls == dies_at:
                    if name == "pwrite":
                        real[name](args[0], bytes(args[1])[: len(args[1]) // 2], args[2])  # type: ignore[arg-type,index]
                    os._exit(9)
                return real[name](*args)

            return call

        for name in real:
            setattr(os, name, dying(name))
        store = VectorStore(tmp_path, DIMS)
        for n in (3, 4, 5):
            _add(store, [n])
        os._exit(0)
    os.waitpid(child, 0)
    with VectorStore(tmp_path, DIMS) as store:
        held = _holds(store, [1, 2, 3, 4, 5])
        assert held[:2] == [True, True] and held == sorted(held, reverse=True)
        _add(store, [3, 4, 5])
        assert all(_holds(store, [1, 2, 3, 4, 5]))


def test_rows_that_wait_for_the_index_survive_a_kill_and_are_seen_by_others(tmp_path: Path) -> None:
    first, second = VectorStore(tmp_path, DIMS), VectorStore(tmp_path, DIMS)
    _add(first, [1, 2])
    assert all(_holds(second, [1, 2]))
    _add(second, [3])
    assert all(_holds(first, [1, 2, 3]))
    assert len(first._index) == 0
    with VectorStore(tmp_path, DIMS) as third:  # opened while nobody has closed: as after a kill
        assert all(_holds(third, [1, 2, 3]))
    with VectorStore(tmp_path, DIMS) as fourth:
        assert fourth._index.covered == 3 and not fourth._pending
    first.close()
    second.close()
    with VectorStore(tmp_path, DIMS) as last:
        assert len(last) == 3 and all(_holds(last, [1, 2, 3]))


def test_a_damaged_row_costs_only_itself(tmp_path: Path) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, [1, 2, 3, 4])
        size = store._arena._row.itemsize
    content = bytearray((tmp_path / "arena.f16").read_bytes())
    content[64 + size + 40] ^= 1
    (tmp_path / "arena.f16").write_bytes(content)
    for rebuilt in (False, True):
        with VectorStore(tmp_path, DIMS) as store:
            if rebuilt:
                assert store.rebuild_index() == 3
            assert _holds(store, [1, 2, 3, 4]) == [True, False, True, True]


def test_an_arena_that_was_cut_while_open_is_noticed(tmp_path: Path) -> None:
    with VectorStore(tmp_path, DIMS) as store:
        _add(store, [1, 2, 3])
        store.flush()
        other = VectorArena(tmp_path / "arena.f16", DIMS)
        other.truncate(1)
        other.close()
        assert _holds(store, [1, 2, 3]) == [True, False, False]
        _add(store, [3, 2])
        assert all(_holds(store, [1, 2, 3]))
