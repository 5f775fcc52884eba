"""What the families of downloadable models share: names, where weights lie, whether they may be fetched."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import lru_cache
from pathlib import Path

from shoal.errors import MissingError

__all__ = ["cached_snapshot", "checkpoint_version", "hub_folder", "is_offline", "need", "split_checkpoint"]

HUB_COMMAND = 'pip install "shoal[hub]"'
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".onnx")


def need(*packages: str) -> None:
    """Raise `MissingError`, naming the extra, when one of the packages is not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingError(f"This model needs the package {package}", hint=f"Run: {HUB_COMMAND}")


def hub_folder() -> Path:
    """Folder where Hugging Face's libraries keep what they have downloaded."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given)
    if home := os.environ.get("HF_HOME"):
        return Path(home) / "hub"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface" / "hub"


def cached_snapshot(repository: str) -> Path | None:
    """Folder of a downloaded repository (``owner/name``) that holds weights, or ``None``; no network."""
    snapshots = hub_folder() / f"models--{repository.replace('/', '--')}" / "snapshots"
    if not snapshots.is_dir():
        return None
    for snapshot in sorted(snapshots.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True):
        if any(file.suffix in _WEIGHTS and file.exists() for file in snapshot.rglob("*")):
            return snapshot
    return None


def is_offline() -> bool:
    """Whether the environment forbids downloads (``HF_HUB_OFFLINE``)."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "on", "yes", "true"}


def split_checkpoint(spec: str) -> tuple[str, Path | None]:
    """Split ``name@path`` into the name and the path of a local checkpoint.

    Raises
    ------
    MissingError
        A checkpoint is named, and there is no such file.
    """
    name, mark, path = spec.partition("@")
    if not mark:
        return name, None
    file = Path(path).expanduser()
    if not file.is_file():
        raise MissingError(
            f"There is no checkpoint {str(file)!r}", hint="Check the path after the @ of the model's name."
        )
    return name, file.resolve()


def checkpoint_version(file: Path) -> str:
    """Short text that differs for every content of a checkpoint: part of the key of cached vectors."""
    stat = file.stat()
    return _digest(file, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(file: Path, _size: int, _mtime_ns: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
