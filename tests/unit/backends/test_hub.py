"""Where downloaded weights lie, without a network and without the hub's own library."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.backends.hub import (
    cached_snapshot,
    checkpoint_version,
    hub_folder,
    is_offline,
    need,
    split_checkpoint,
)
from shoal.errors import MissingError


def test_a_snapshot_counts_when_it_holds_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert hub_folder() == tmp_path and cached_snapshot("owner/name") is None
    snapshot = tmp_path / "models--owner--name" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    assert cached_snapshot("owner/name") is None
    (snapshot / "model.safetensors").write_bytes(b"x")
    assert cached_snapshot("owner/name") == snapshot


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert hub_folder() == tmp_path / "home" / "hub"
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert hub_folder() == tmp_path / "huggingface" / "hub"
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert not is_offline()


def test_a_checkpoint_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    file.write_bytes(b"one")
    assert split_checkpoint(f"name@{file}") == ("name", file) and split_checkpoint("name") == ("name", None)
    first = checkpoint_version(file)
    file.write_bytes(b"three")
    assert checkpoint_version(file) != first
    with pytest.raises(MissingError):
        split_checkpoint(f"name@{tmp_path / 'gone.pt'}")


def test_a_missing_package_names_the_extra() -> None:
    need("numpy")
    with pytest.raises(MissingError) as refused:
        need("no_such_package_here")
    assert 'pip install "shoal[hub]"' in refused.value.hint
