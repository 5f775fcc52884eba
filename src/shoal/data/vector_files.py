"""Embeddings as two plain files that any tool reads: ``X.npy`` and ``paths.txt``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError, ExistsError, MissingError

__all__ = ["export_vectors", "import_vectors"]

_VECTORS, _PATHS, _ABOUT = "X.npy", "paths.txt", "about.json"


def export_vectors(embeddings: Embeddings, *, out: str | os.PathLike[str], force: bool = False) -> Path:
    """Write embeddings as ``X.npy`` (float32, one row a picture) and ``paths.txt`` (one path a line).

    A third file, ``about.json``, keeps the model's name; `import_vectors` reads it when it is there.

    Parameters
    ----------
    embeddings : Embeddings
    out : path
        Folder; made when missing.
    force : bool
        Replace an earlier export.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ExistsError
        The folder holds such files already and ``force`` is false.
    BadInputError
        A path has a line break in it, which ``paths.txt`` cannot hold.
    """
    folder = Path(out)
    if not force and (there := [n for n in (_VECTORS, _PATHS, _ABOUT) if (folder / n).exists()]):
        raise ExistsError(
            f"{str(folder)!r} already holds {there[0]}", hint="Pass force=True, or another out=."
        )
    for path in embeddings.items.paths:
        if "\n" in path or "\r" in path:
            raise BadInputError(f"{path!r} has a line break in its name", hint="Rename that file first.")
    folder.mkdir(parents=True, exist_ok=True)
    about = {"model": embeddings.model, "root": os.fspath(embeddings.items.root)}
    lines = "".join(f"{path}\n" for path in embeddings.items.paths)
    _replace(folder / _PATHS, lines.encode("utf-8", "surrogateescape"))
    _replace(folder / _ABOUT, (json.dumps(about, indent=1) + "\n").encode())
    temporary = folder / f".{_VECTORS}.tmp"
    with temporary.open("wb") as file:
        np.save(file, np.ascontiguousarray(embeddings.vectors, dtype=np.float32), allow_pickle=False)
    temporary.replace(folder / _VECTORS)
    return folder


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def import_vectors(
    folder: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    model: str | None = None,
    normalise: bool = True,
) -> Embeddings:
    """Read ``X.npy`` and ``paths.txt``, made by `export_vectors` or by another tool.

    Nothing is ever unpickled: a file of Python objects is refused.

    Parameters
    ----------
    folder : path
        Holds both files.
    root : path, optional
        Folder that relative paths begin at. Default: what ``about.json`` says; else the nearest folder that
        holds all absolute paths; else ``folder``.
    model : str, optional
        Name of the model. Default: what ``about.json`` says, else ``"imported"``.
    normalise : bool
        Bring rows to length 1, as shoal's own steps expect; rows of zeros stay.

    Returns
    -------
    Embeddings
        float32. Rows that are not finite become NaN, as for pictures that cannot be read.

    Raises
    ------
    MissingError
        One of the two files is not there.
    BadInputError
        The files do not belong together, or hold something else.
    """
    place = Path(folder)
    vectors, paths = _read_vectors(place / _VECTORS), _read_paths(place / _PATHS)
    if len(vectors) != len(paths):
        raise BadInputError(
            f"{str(place)!r} has {len(vectors)} vectors and {len(paths)} paths", hint="One path for each row."
        )
    about = _read_about(place / _ABOUT)
    base, relative = _based(paths, root or about.get("root"), place)
    bad: npt.NDArray[np.bool_] = np.logical_not(np.all(np.isfinite(vectors), axis=1))
    if normalise:
        vectors[bad] = 0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    vectors[bad] = np.nan
    name = model or str(about.get("model") or "imported")
    meta = {"normalised": normalise, "imported_from": os.fspath(place)}
    return Embeddings(items=Items(root=base, paths=relative), vectors=vectors, model=name, meta=meta)


def _read_vectors(path: Path) -> npt.NDArray[np.float32]:
    try:
        values: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise MissingError(f"There is no {str(path)!r}", hint="Name the folder that holds it.") from None
    except (ValueError, OSError, EOFError) as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read: {error}", hint="A plain array of numbers is wanted, no objects."
        ) from error
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise BadInputError(
            f"{str(path)!r} has shape {values.shape} and dtype {values.dtype}", hint="(pictures, numbers)."
        )
    return np.array(values, dtype=np.float32)


def _read_paths(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        raise MissingError(f"There is no {str(path)!r}", hint="One path a line, beside X.npy.") from None
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def _read_about(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read: {error}", hint="Remove it; it is optional."
        ) from error
    return cast("dict[str, Any]", about) if isinstance(about, dict) else {}


def _based(paths: list[str], root: Any, folder: Path) -> tuple[Path, list[str]]:
    """The folder that paths begin at, and the paths as written from there."""
    absolute = [path for path in paths if Path(path).is_absolute()]
    if root is None:
        root = os.path.commonpath([os.path.dirname(path) for path in absolute]) if absolute else folder  # noqa: PTH120 - strings that need not exist
    base = Path(root)
    relative: list[str] = []
    for path in paths:
        if not Path(path).is_absolute():
            relative.append(path)
            continue
        try:
            relative.append(Path(path).relative_to(base).as_posix())
        except ValueError:
            raise BadInputError(
                f"{path!r} is not below {str(base)!r}", hint="Pass a root= that holds all of them."
            ) from None
    return base, relative
