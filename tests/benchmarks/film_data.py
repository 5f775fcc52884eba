"""The film and the labelled frames that the film benches measure with; neither belongs to the project."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = "moviepy==2.2.1"


def shared() -> Path:
    """Folder of the labelled data: ``$SHOAL_SHARED_DATA``, or ``shared/data`` beside the project."""
    folder = Path(os.environ.get("SHOAL_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} does not exist; set SHOAL_SHARED_DATA")
    return folder


def whole_film() -> Path:
    """Big Buck Bunny, 1280 × 720: ``$SHOAL_BENCH_FILM``, or brought once into the user cache.

    It travels inside the source archive of moviepy (CC-BY 3.0, Blender Foundation); nothing in it is run
    but what pip needs to read the archive's name.
    """
    if os.environ.get("SHOAL_BENCH_FILM"):
        return Path(os.environ["SHOAL_BENCH_FILM"])
    film = Path(platformdirs.user_cache_dir("shoal")) / "bench" / "bbb.mp4"
    if film.is_file():
        return film
    film.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--quiet"]
        subprocess.run([*command, "--dest", folder, ARCHIVE], check=True)
        with tarfile.open(next(Path(folder).glob("moviepy-*.tar.gz"))) as archive:
            name = next(n for n in archive.getnames() if n.endswith("moviepy_10_minutes.zip"))
            inner = archive.extractfile(name)
            assert inner is not None
            with zipfile.ZipFile(io.BytesIO(inner.read())) as packed:
                member = next(n for n in packed.namelist() if n.endswith("bbb.mp4"))
                part = film.with_suffix(".part")
                part.write_bytes(packed.read(member))
                part.replace(film)
    return film
