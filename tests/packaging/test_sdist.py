"""The source archive: where there is neither git nor Node a wheel is made from it, and the same wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]


def build(kind: str, source: Path, out: Path, path: str) -> Path:
    """Run ``python -m build``; returns what it made."""
    done = subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(out)],
        cwd=source,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (made,) = out.iterdir()
    return made


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {i.filename: i.CRC for i in archive.infolist() if not i.filename.endswith("RECORD")}


def test_a_wheel_from_the_source_archive_needs_no_node(tmp_path: Path) -> None:
    archive = build("sdist", ROOT, tmp_path / "sdist", os.environ["PATH"])
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "unpacked", filter="data")
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name or "/work/" in name]
    (source,) = (tmp_path / "unpacked").iterdir()
    bare = tmp_path / "bin"
    bare.mkdir()
    assert shutil.which("npm", path=str(bare)) is None
    made = build("wheel", source, tmp_path / "from sdist", str(bare))
    direct = build("wheel", ROOT, tmp_path / "direct", os.environ["PATH"])
    assert contents(made) == contents(direct)
