"""What is noted as done is still done after a death, and half a line is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shoal.compute.parts import PartLog


def test_lines_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "parts"
    child = os.fork()
    if not child:
        with PartLog(path, keep=False) as log:
            log.add("a", {"x": 1.5})
            log.add("b\udcff", {"y": [1, 2]})
            os._exit(9)
    os.waitpid(child, 0)
    with path.open("a") as file:
        file.write('{"key": "c", "fac')
    log = PartLog(path, keep=True)
    assert log.done == {"a": {"x": 1.5}, "b\udcff": {"y": [1, 2]}}
    with log:
        log.add("c", {})
    assert list(PartLog(path, keep=True).done) == ["a", "b\udcff", "c"]
    assert PartLog(path, keep=False).done == {}


@pytest.mark.parametrize("text", ["", "[1]\n", '{"key": 3}\n', "\xff\n"])
def test_lines_that_say_nothing_are_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "parts").write_text(text, encoding="latin-1")
    assert PartLog(tmp_path / "parts", keep=True).done == {}
