"""One argument: a bar, nothing, or a callback."""

from __future__ import annotations

import pytest

from shoal.compute.progress import progress


def test_a_callback_hears_every_step() -> None:
    heard: list[tuple[str, int, int | None]] = []
    with progress("Reading", 3, lambda what, done, total: heard.append((what, done, total))) as bar:
        bar.update()
        bar.note("b.png")
        bar.update(2)
    assert heard == [("Reading", 0, 3), ("Reading", 1, 3), ("Reading", 3, 3)]


def test_a_bar_is_drawn_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Reading", 2, False) as bar:
        bar.update(2)
    assert bar.done == 2 and capsys.readouterr() == ("", "")
    with progress("Reading", 2, True, unit="files") as bar:
        bar.update(2)
    assert "Reading" in capsys.readouterr().err
