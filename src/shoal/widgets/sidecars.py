"""What lies beside one picture: its sidecars, and what they say."""

from __future__ import annotations

from pathlib import Path

from shoal.disk.companions import COMPANION_FOLDERS, SIDECAR_SUFFIXES

__all__ = ["sidecar_facts"]

TEXT_BYTES = 2_000


def sidecar_facts(root: Path, path: str) -> dict[str, str]:
    """Title → value of the facts about a picture's sidecars; empty when it has none.

    Looks for files by name, so that a folder of half a million pictures is not listed.
    """
    file = root / path
    found = [
        name
        for suffix in sorted(SIDECAR_SUFFIXES)
        for name in (f"{file.stem}.{suffix}", f"{file.name}.{suffix}")
        if (file.parent / name).is_file()
    ]
    masks = [name for name in (f"{file.stem}_mask.png",) if (file.parent / name).is_file()]
    below = [
        f"{folder}/{name}"
        for folder in COMPANION_FOLDERS
        for name in (f"{file.stem}.png", f"{file.stem}_mask.png", file.name)
        if (file.parent / folder / name).is_file()
    ]
    facts: dict[str, str] = {}
    every = list(dict.fromkeys([*found, *masks, *below]))
    if every:
        facts["Sidecars"] = ", ".join(every)
    texts = [name for name in found if name.lower().endswith((".txt", ".caption"))]
    if texts:
        with (file.parent / texts[0]).open("rb") as stream:
            said = stream.read(TEXT_BYTES).decode("utf-8", "replace").strip()
        if said:
            facts["Text beside it"] = said
    return facts
