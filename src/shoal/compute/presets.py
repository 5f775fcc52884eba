"""Presets: the parameters of every step in one TOML file, with overrides for single titles."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from shoal.errors import BadInputError, MissingError

__all__ = ["PRESETS", "STEPS", "load_preset", "preset_names"]

PRESETS = Path(__file__).parent / "preset_files"
"""Where the presets that come with shoal are."""

STEPS = (
    "extract_frames",
    "segment",
    "gate",
    "embed",
    "cluster",
    "join_identities",
    "project",
    "write_clusters",
    "export_dataset",
)
"""Tables that a preset may have, in the order in which the steps run."""

_PLAIN = {"about": str, "source": str, "extends": str}
_SOURCES = ("film", "pictures")


def preset_names() -> list[str]:
    """Names of the presets that come with shoal."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_preset(
    preset: str | os.PathLike[str], *, title: str | None = None, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read a preset, with what it says for one title and what is overridden for this run.

    A file of your own may say ``extends = "3d"`` and only what differs; ``[titles."My film".cluster]`` holds
    for one title. ``segment = false`` leaves that step out.

    Parameters
    ----------
    preset : str or path
        ``"3d"``, ``"2d"``, ``"photos"``, or a TOML file.
    title : str, optional
        Whose overrides are taken in.
    overrides : mapping, optional
        Further ``{step: {parameter: value}}``; they come last.

    Returns
    -------
    dict
        ``{"about", "source", step: {parameter: value}, …}``.

    Raises
    ------
    MissingError
        There is no such preset.
    BadInputError
        It cannot be read, or says something that no step knows; the message names it.
    """
    merged = _merge(_read(preset, seen=()), overrides or {}, "overrides")
    titles = merged.pop("titles", {})
    if title is not None:
        merged = _merge(merged, titles.get(title, {}), f"titles.{title}")
    if merged.get("source", "film") not in _SOURCES:
        raise BadInputError(
            f"{_name(preset)}: source={merged['source']!r} is unknown", hint=f"Known: {', '.join(_SOURCES)}."
        )
    return merged


def _name(preset: str | os.PathLike[str]) -> str:
    return f"preset {os.fspath(preset)!r}"


def _read(preset: str | os.PathLike[str], seen: tuple[Path, ...]) -> dict[str, Any]:
    path = _file(preset, seen[-1].parent if seen else Path())
    if path in seen:
        raise BadInputError(f"{_name(preset)} extends itself", hint="Take one of the two `extends` out.")
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"{_name(preset)} cannot be read: {error}", hint="Mend its TOML.") from error
    titles = given.pop("titles", {})
    if not isinstance(titles, Mapping):
        raise BadInputError(f"{_name(preset)}: titles is no table", hint="Write [titles.NAME.STEP].")
    checked = _merge({}, given, _name(preset))
    for title, table in cast("Mapping[str, Any]", titles).items():
        _merge({}, table, f"{_name(preset)}, title {title!r}")
    base = _read(given["extends"], (*seen, path)) if "extends" in given else {}
    merged = _merge(base, checked, _name(preset))
    merged.pop("extends", None)
    return {**merged, "titles": {**base.get("titles", {}), **cast("Mapping[str, Any]", titles)}}


def _file(preset: str | os.PathLike[str], beside: Path) -> Path:
    known = PRESETS / f"{os.fspath(preset)}.toml"
    if isinstance(preset, str) and preset in preset_names():
        return known
    for path in (Path(preset), beside / preset):
        if path.is_file():
            return path.absolute()
    raise MissingError(
        f"there is no {_name(preset)}", hint=f"Pass {', '.join(map(repr, preset_names()))} or a TOML file."
    )


def _merge(base: Mapping[str, Any], more: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        if key == "titles":
            merged[key] = value
        elif key in _PLAIN:
            if not isinstance(value, _PLAIN[key]):
                raise BadInputError(f"{where}: {key}={value!r} is no text", hint="Write it in quotes.")
            merged[key] = value
        elif key not in STEPS:
            raise BadInputError(f"{where} says something of {key!r}", hint=f"Known: {', '.join(STEPS)}.")
        elif value is False:
            merged[key] = False
        elif isinstance(value, Mapping):
            before = merged.get(key)
            table = cast("Mapping[str, Any]", value)
            merged[key] = {**(before if isinstance(before, Mapping) else {}), **table}
        else:
            raise BadInputError(f"{where}: {key}={value!r} is no table", hint=f"Write [{key}], or false.")
    return merged
