"""The vector file: append, read, and what is left of it after damage at every byte of its end."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from shoal.errors import BadInputError, DamagedError
from shoal.store import arena as module
from shoal.store.arena import VectorArena

DIMS = 6


def _key(n: int) -> bytes:
    return hashlib.sha256(str(n).encode()).digest()


def _vectors(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, DIMS)).astype(np.float16)


def _filled(path: Path, n: int = 5) -> VectorArena:
    arena = VectorArena(path, DIMS)
    arena.append([_key(i) for i in range(n)], _vectors(n))
    return arena


def test_rows_come_back_in_any_order(tmp_path: Path) -> None:
    arena = _filled(tmp_path / "a")
    rows = np.array([4, 0, 1, 2], dtype=np.int64)
    vectors, good = arena.read(rows, [_key(i) for i in rows.tolist()])
    assert good.all() and (vectors == _vectors(5)[rows]).all()
    arena.close()
    again = VectorArena(tmp_path / "a", DIMS)
    assert again.rows == 5 and [ok for _, _, ok in again.scan()] == [True] * 5
    assert again.append([_key(9)], _vectors(1)) == 5


def test_a_row_with_another_key_or_beyond_the_end_is_not_good(tmp_path: Path) -> None:
    arena = _filled(tmp_path / "a")
    _, good = arena.read(np.array([1, 2, 7], dtype=np.int64), [_key(1), _key(9), _key(7)])
    assert good.tolist() == [True, False, False]


def test_every_cut_of_the_last_row_leaves_the_rows_before_it(tmp_path: Path) -> None:
    _filled(tmp_path / "a").close()
    whole = (tmp_path / "a").read_bytes()
    row = (len(whole) - 64) // 5
    for cut in range(1, row + 1):
        (tmp_path / "b").write_bytes(whole[:-cut])
        arena = VectorArena(tmp_path / "b", DIMS)
        assert arena.rows == 4 and all(ok for _, _, ok in arena.scan())
        arena.close()


def test_every_flipped_byte_of_a_row_is_noticed(tmp_path: Path) -> None:
    _filled(tmp_path / "a", 2).close()
    whole = (tmp_path / "a").read_bytes()
    row = (len(whole) - 64) // 2
    for at in range(len(whole) - row, len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        (tmp_path / "b").write_bytes(damaged)
        arena = VectorArena(tmp_path / "b", DIMS)
        assert [ok for _, _, ok in arena.scan()] == [True, False], at
        arena.close()


def test_a_header_cut_off_is_made_anew_and_a_foreign_file_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"shoalvec")
    assert VectorArena(tmp_path / "short", DIMS).rows == 0
    (tmp_path / "blank").write_bytes(bytes(64))  # what a power cut may leave of a header
    assert VectorArena(tmp_path / "blank", DIMS).append([_key(1)], _vectors(1)) == 0
    (tmp_path / "blank and more").write_bytes(bytes(64 + 48))
    with pytest.raises(DamagedError, match="blank and more"):
        VectorArena(tmp_path / "blank and more", DIMS)
    (tmp_path / "foreign").write_bytes(b"GIF89a" * 30)
    with pytest.raises(DamagedError, match="foreign"):
        VectorArena(tmp_path / "foreign", DIMS)
    _filled(tmp_path / "a").close()
    with pytest.raises(DamagedError, match="7 dimensions"):
        VectorArena(tmp_path / "a", DIMS + 1)


def test_shapes_and_keys_are_checked(tmp_path: Path) -> None:
    arena = VectorArena(tmp_path / "a", DIMS)
    with pytest.raises(BadInputError):
        arena.append([_key(1)], _vectors(2))
    with pytest.raises(BadInputError):
        arena.append([b"short"], _vectors(1))
    assert arena.rows == 0


def test_a_full_disk_leaves_no_half_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arena = _filled(tmp_path / "a")
    real = os.pwrite
    calls = 0

    def full(fd: int, data: bytes, at: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            return real(fd, bytes(data)[:20], at)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        arena.append([_key(7)], _vectors(1))
    monkeypatch.undo()
    assert calls == 2 and arena.rows == 5
    assert (tmp_path / "a").stat().st_size == 64 + 5 * ((tmp_path / "a").stat().st_size - 64) // 5
    assert arena.append([_key(7)], _vectors(1)) == 5 and all(ok for _, _, ok in arena.scan())
