from __future__ import annotations

import threading
from pathlib import Path

import pytest

from shoal.disk import scan, verify
from shoal.disk.layout import manifest_file
from shoal.review import keeping
from shoal.review.keeping import prepare_ahead, stop_preparing
from shoal.review.review import open_review
from tests.unit.disk.folders import build, tree


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that counts as large."""
    build(tmp_path, [f"{c}/{c}{i}.png" for c in "ab" for i in range(30)])
    monkeypatch.setattr(keeping, "LARGE", 50)
    return tmp_path


def wait(root: Path) -> None:
    keeping._under_way[root.resolve()].join(30)


def links(root: Path) -> int:
    return sum(1 for path in root.glob(".shoal/backups/*/tree/*/*"))


def test_opening_a_large_folder_makes_its_backup_ahead(large: Path) -> None:
    old = tree(large)
    review = open_review(large)
    wait(large)
    assert links(large) == 60
    assert tree(large) == old
    review.move(["a/a1.png"], "b")
    assert review.save().revision == 1
    assert links(large) == 60, "the save had no link to make"
    (large / "a/a2.png").unlink()
    review.restore(0)
    assert tree(large) == old
    assert verify(large).ok


def test_a_save_that_comes_too_soon_stops_it_and_makes_the_rest(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = keeping.prepare_backup

    def slow(*args: object, cancel: object, **words: object) -> bool:
        begun.set()
        go_on.wait(10)
        return real(*args, cancel=cancel, **words)

    monkeypatch.setattr(keeping, "prepare_backup", slow)
    old = tree(large)
    link = large.with_name("another way to it")
    link.symlink_to(large)
    prepare_ahead(link, scan(large, check="none"))
    assert begun.wait(10)
    review = open_review(large)
    review.move(["a/a1.png"], "b")
    threading.Timer(0.2, go_on.set).start()
    assert review.save().revision == 1
    assert not (large / manifest_file(0)).exists(), "it was stopped before its end"
    assert links(large) == 60
    (large / "b/b2.png").unlink()
    review.restore(0)
    assert tree(large) == old


def test_small_folders_and_saved_ones_are_left_alone(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGE", 61)
    prepare_ahead(large, scan(large, check="none"))
    assert large.resolve() not in keeping._under_way
    monkeypatch.setattr(keeping, "LARGE", 50)
    review = open_review(large)
    review.move(["a/a1.png"], "b")
    review.save()
    open_review(large)
    assert large.resolve() not in keeping._under_way


def test_what_was_seen_is_kept_up_to_a_size(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = open_review(large)
    assert review.session.looked is not None
    assert len(review.session.looked) == 60
    monkeypatch.setattr(keeping, "KEPT", 59)
    assert review.plan().empty
    assert review.session.looked is None
    review.move(["a/a1.png"], "b")
    assert review.save().revision == 1


def test_it_does_not_complain_where_it_cannot_work(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told at the save; nobody has asked for this."""

    def full(*_: object, **__: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping, "prepare_backup", full)
    prepare_ahead(large, scan(large, check="none"))
    stop_preparing(large)
    stop_preparing(large)
    assert not links(large)
