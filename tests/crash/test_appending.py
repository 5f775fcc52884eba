"""Fault rows 4, 22, 34: the edit log and the embedding cache through kills and power cuts at every call."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import shoal.review.log as log_module
import shoal.store.arena as arena_module
import shoal.store.atomic as atomic_module
from shoal.errors import DamagedError
from shoal.review.log import EditLog
from shoal.store.vectors import VectorStore
from tests.crash.recording import Recorder, every_crash

EDITS = 7
DIMS = 5
MODULES = (log_module, arena_module, atomic_module)


@contextmanager
def recorded(folder: Path):
    """Everything that the log and the arena do to files in ``folder``."""
    recorder = Recorder(folder)
    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            patch.setattr(module, "os", recorder)
        yield recorder


# -- the edit log -----------------------------------------------------------------------------------------


def append(log: EditLog, n: int) -> None:
    log.append("do", cursor=n, label=f"edit {n} é", at="2026-01-01T00:00:00Z", actor="ann", change={"n": n})


def open_log(folder: Path) -> tuple[EditLog, list[int]]:
    log = EditLog(folder / "actions.jsonl")
    return log, [record.data["change"]["n"] for record in log.read_new()]


def check_log(folder: Path, acknowledged: int) -> str:
    """Open a crashed log twice, edit on, and say what is amiss."""
    log, there = open_log(folder)
    if there != list(range(1, len(there) + 1)):
        return f"records {there}"
    if len(there) < acknowledged:
        return f"{acknowledged} edits were acknowledged, {len(there)} are there"
    append(log, len(there) + 1)
    log.close()
    log, again = open_log(folder)
    log.close()
    return "" if again == list(range(1, len(there) + 2)) else f"then {again}"


def log_crashes(tmp_path: Path, rng: random.Random, times: int) -> list[str]:
    """Crash a log that is made and appended to; crash some recoveries too; return what was amiss."""
    folder = tmp_path / "log"
    folder.mkdir()
    done: list[int] = []
    with recorded(folder) as recorder:
        log, _ = open_log(folder)
        for n in range(1, EDITS + 1):
            append(log, n)
            done.append(len(recorder.calls))
        log.close()
    amiss: list[str] = []
    for i, (k, how) in enumerate(every_crash(recorder, rng, times)):
        acknowledged = sum(at <= k for at in done)
        place = tmp_path / f"log-{i}"
        place.mkdir()
        recorder.crash(k, how, rng, place)
        try:
            if rng.random() < 0.5:
                place = _crashed_again(place, rng)
            said = check_log(place, acknowledged)
        except DamagedError as error:
            said = str(error)
        amiss += [f"call {k}, {how}: {said}"] if said else []
    return amiss


def _crashed_again(place: Path, rng: random.Random) -> Path:
    """The same folder after a recovery that was itself cut off."""
    with recorded(place) as recorder:
        open_log(place)[0].close()
    again = place.with_name(place.name + "-again")
    again.mkdir()
    recorder.crash(rng.randint(0, len(recorder.calls)), rng.choice(("kill", "power")), rng, again)
    return again


def test_no_crash_of_the_edit_log_loses_what_was_acknowledged(tmp_path: Path) -> None:
    assert log_crashes(tmp_path, random.Random(1), 30) == []


def test_the_harness_sees_a_log_that_does_not_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorder, "fdatasync", lambda self, fd: None)
    assert log_crashes(tmp_path, random.Random(1), 10)


def test_the_harness_sees_a_log_whose_folder_is_not_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "sync_folder", lambda folder: None)
    assert any("were acknowledged" in said for said in log_crashes(tmp_path, random.Random(1), 10))


# -- the embedding cache ----------------------------------------------------------------------------------


def key(n: int) -> bytes:
    return hashlib.sha256(str(n).encode()).digest()


def vector(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(size=DIMS).astype(np.float16)


def add(store: VectorStore, numbers: list[int]) -> None:
    store.add([key(n) for n in numbers], np.stack([vector(n) for n in numbers]))


def holds(store: VectorStore, numbers: list[int]) -> list[bool]:
    """Which are there; whatever is found must be right."""
    vectors, found = store.get([key(n) for n in numbers])
    for row, n in enumerate(numbers):
        assert not found[row] or (vectors[row] == vector(n)).all(), f"a wrong vector for {n}"
    return found.tolist()


BATCHES = [[1, 2], [3], [4, 5, 6], [7]]


def check_cache(folder: Path, acknowledged: list[int]) -> str:
    everything = [n for batch in BATCHES for n in batch]
    with VectorStore(folder, DIMS) as store:
        held = dict(zip(everything, holds(store, everything), strict=True))
        lost = [n for n in acknowledged if not held[n]]
        if lost:
            return f"{lost} were acknowledged and are gone"
        missing = [n for n in everything if not held[n]]
        if missing:
            add(store, missing)
    with VectorStore(folder, DIMS) as store:
        return "" if all(holds(store, everything)) else "what was embedded again is not there"


def cache_crashes(tmp_path: Path, rng: random.Random, times: int) -> list[str]:
    """Crash a cache in its appends. Its index is never synced: a power cut leaves an older or a torn one."""
    folder = tmp_path / "cache"
    folder.mkdir()
    done: list[int] = []
    indexes: list[Path] = []

    def keep_index() -> None:
        indexes.append(tmp_path / f"index-{len(indexes)}")
        indexes[-1].mkdir()
        for path in folder.glob("index.rows"):
            shutil.copy(path, indexes[-1])

    with recorded(folder) as recorder:
        store = VectorStore(folder, DIMS)
        keep_index()
        for batch in BATCHES:
            add(store, batch)
            store.flush()
            keep_index()
            done.append(len(recorder.calls))
        store.close()
    amiss: list[str] = []
    for i, (k, how) in enumerate(every_crash(recorder, rng, times)):
        finished = sum(at <= k for at in done)
        place = tmp_path / f"cache-{i}"
        place.mkdir()
        recorder.crash(k, how, rng, place)
        for path in indexes[finished if how == "kill" else rng.randint(0, finished)].iterdir():
            content = path.read_bytes()
            torn = how != "kill" and rng.random() < 0.3
            (place / path.name).write_bytes(content[: rng.randint(0, len(content))] if torn else content)
        said = check_cache(place, [n for batch in BATCHES[:finished] for n in batch])
        amiss += [f"call {k}, {how}: {said}"] if said else []
    return amiss


def test_no_crash_of_the_cache_loses_or_changes_what_was_added(tmp_path: Path) -> None:
    assert cache_crashes(tmp_path, random.Random(1), 15) == []


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "rows are not synced": lambda patch: patch.setattr(Recorder, "fdatasync", lambda self, fd: None),
    "the folder is not synced": lambda patch: patch.setattr(arena_module, "sync_folder", lambda folder: None),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_harness_sees_a_cache_that_does_not_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str
) -> None:
    MUTANTS[mutant](monkeypatch)
    assert cache_crashes(tmp_path, random.Random(1), 10)


def test_the_harness_sees_rows_without_a_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Torn rows are then taken for whole ones."""

    def no_checksums(self: object, block: np.ndarray) -> np.ndarray:
        return block["crc"].copy()

    monkeypatch.setattr(arena_module.VectorArena, "_checksums", no_checksums)
    with pytest.raises(AssertionError, match=r"a wrong vector|are gone"):
        assert cache_crashes(tmp_path, random.Random(1), 30) == [], "are gone"


def test_the_recorder_passes_everything_on(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    fd = recorder.open(tmp_path / "x", os.O_RDWR | os.O_CREAT)
    recorder.pwrite(fd, b"abc", 0)
    recorder.ftruncate(fd, 2)
    recorder.fsync(fd)
    os.close(fd)
    assert (tmp_path / "x").read_bytes() == b"ab"
    assert [call.what for call in recorder.calls] == ["make", "write", "cut", "sync"]
    again = tmp_path / "again"
    again.mkdir()
    recorder.crash(4, "kill", random.Random(0), again)
    assert (again / "x").read_bytes() == b"ab"
