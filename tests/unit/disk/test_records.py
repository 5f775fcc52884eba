"""Fault row 4 for the journal: every torn or flipped byte is seen, and nothing is guessed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.disk import committed
from shoal.disk.layout import commit_file
from shoal.disk.records import Create, Record, Step, as_save_record, decode, encode, in_order
from shoal.errors import DamagedError
from tests.unit.disk.folders import build, save

PATHS = st.sampled_from(["a/1.png", "b/1.png", "a/faces/é.png", os.fsdecode(b"c/\xff.png"), "d/x\ny.png"])
STEPS = st.lists(
    st.builds(Step, PATHS, PATHS, st.integers(1, 2**64), st.integers(0, 2**50), st.integers(0, 2**63)),
    max_size=8,
)
RECORD = Record(
    revision=7, id="abc", at="2026-01-01T00:00:00.000000Z", steps=(Step("a/1.png", "b/2.png", 3, 4, 5),),
    make_dirs=("b",), remove_dirs=("a",), backup="link", changes_file="changes_x.json",
    cluster_folders=("b",),
    creates=(Create(".shoal/backups/000001/tree/a/9.png", "a/9.png"),), restores=2,
)  # fmt: skip


@given(STEPS)
def test_there_and_back(steps: list[Step]) -> None:
    record = replace(RECORD, steps=in_order(steps))
    assert decode(encode(record), "x") == record


def test_a_record_torn_anywhere_in_its_first_copy_is_refused() -> None:
    data = encode(RECORD)
    half = len(data) // 2
    for end in range(half - 1):
        with pytest.raises(DamagedError):
            decode(data[:end], "x")
    for end in range(half, len(data)):
        assert decode(data[:end], "x") == RECORD


def test_one_flipped_byte_anywhere_is_survived() -> None:
    data = bytearray(encode(RECORD))
    for at in range(len(data)):
        for bit in (1, 128):
            data[at] ^= bit
            assert decode(bytes(data), "x") == RECORD, at
            data[at] ^= bit


def test_damage_in_both_copies_is_refused() -> None:
    data = bytearray(encode(RECORD))
    data[len(data) // 4] ^= 1
    data[len(data) // 4 * 3] ^= 1
    with pytest.raises(DamagedError, match="000007") as caught:
        decode(bytes(data), "000007.json")
    assert caught.value.hint


def test_a_newer_version_is_not_guessed_at() -> None:
    import hashlib

    body = encode(RECORD).split(b"\n")[1].replace(b'{"v":1,', b'{"v":9,')
    data = b"shoal-save %d %s\n%s\n" % (len(body), hashlib.sha256(body).hexdigest().encode(), body)
    with pytest.raises(DamagedError, match="newer"):
        decode(data, "x")


def test_what_callers_are_told() -> None:
    told = as_save_record(RECORD, ("a warning",))
    assert told.moves == (("a/1.png", "b/2.png"),)
    assert told.backup == ".shoal/backups/000007"
    assert told.warnings == ("a warning",)
    assert as_save_record(replace(RECORD, backup="none")).backup is None


def test_a_damaged_or_missing_commit_is_a_typed_error(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/1.png"])
    for n in range(3):
        save(tmp_path, {f"a/{n + 1}.png": f"a/{n + 2}.png"})
    second = tmp_path / commit_file(2)
    whole = second.read_bytes()
    second.write_bytes(b"x")
    with pytest.raises(DamagedError, match="000002"):
        committed(tmp_path)
    assert len(committed(tmp_path, after=2)) == 1
    second.unlink()
    with pytest.raises(DamagedError, match="missing"):
        committed(tmp_path, after=1)
    second.write_bytes(whole)
    assert [r.revision for r in committed(tmp_path)] == [1, 2, 3]
