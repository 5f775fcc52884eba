"""Another control: ``rename`` of util-linux, the bulk renamer that most systems have, on real folders.

It replaces a substring of every name it is given, and what has the new name already is gone. shoal gets the
same wishes for the same folders, item by item.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from shoal.disk import Wish, apply_plan, make_plan, scan

NAMES = ("frame1.png", "frame2.png", "frame10.png", "frame12.png", "frame20.png", "frame3.png", "cover.png")
STEMS = ("frame1", "frame2", "frame3", "frame10", "frame12", "cover")


def find_renamer() -> str | None:
    """Path of util-linux's ``rename``, under Debian's name for it or its own; None when it is not here."""
    for name in ("rename.ul", "rename"):
        path = shutil.which(name)
        if path is not None:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            if "util-linux" in said:
                return path
    return None


def fill(root: Path, rng: random.Random) -> dict[str, bytes]:
    """A cluster of pictures with bytes of their own."""
    (root / "bunny").mkdir(parents=True)
    names = rng.sample(NAMES, rng.randint(3, len(NAMES)))
    for name in names:
        (root / "bunny" / name).write_bytes(f"bytes of {name}".encode())
    return read(root)


def read(root: Path) -> dict[str, bytes]:
    """Name → bytes of the pictures."""
    return {path.name: path.read_bytes() for path in (root / "bunny").iterdir()}


def judge(old: dict[str, bytes], now: dict[str, bytes], wished: dict[str, str]) -> str:
    """Lost: bytes are gone. Wrong: a picture has changed its name that nobody spoke of."""
    name_of = {data: name for name, data in now.items()}
    if any(data not in name_of for data in old.values()):
        return "lost"
    return (
        "wrong" if any(name_of[data] != name for name, data in old.items() if name not in wished) else "right"
    )


def by_renamer(renamer: str, root: Path, stem: str, to: str) -> None:
    """``rename frame1 frame2 bunny/*``, as its manual shows it."""
    files = sorted(str(path) for path in (root / "bunny").iterdir())
    subprocess.run([renamer, stem, to, *files], cwd=root, capture_output=True, check=False)


def by_shoal(root: Path, wished: dict[str, str]) -> None:
    """The same wishes through a plan."""
    found = scan(root, check="none")
    plan = make_plan(found, [Wish(f"bunny/{a}", "bunny", b) for a, b in wished.items()])
    if plan.moves:
        apply_plan(root, plan, expected=found, report={}, changes={})


def compare(renamer: str, folders: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Give one picture of a folder another name, many times; count what shoal and what the renamer left."""
    rng = random.Random(seed)
    own: Counter[str] = Counter()
    peer: Counter[str] = Counter()
    for _ in range(folders):
        with tempfile.TemporaryDirectory() as place:
            one, other = Path(place, "one"), Path(place, "other")
            old = fill(one, rng)
            shutil.copytree(one, other)
            stem, to = rng.sample(STEMS, 2)
            wished = {f"{stem}.png": f"{to}.png"} if f"{stem}.png" in old else {}
            by_renamer(renamer, one, stem, to)
            peer[judge(old, read(one), wished)] += 1
            by_shoal(other, wished)
            own[judge(old, read(other), wished)] += 1
    return own, peer
