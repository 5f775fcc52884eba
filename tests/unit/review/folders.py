"""Small clustered folders of real pictures, and what is in them."""

import hashlib
from pathlib import Path

from PIL import Image


def make_folder(root: Path, sizes=(4, 3, 2), noise=2, captions=True) -> Path:
    """Clusters ``character_0`` … of pictures ``a_00.png`` …, each with its own bytes, some with captions."""
    n = 0
    for k, size in enumerate([*sizes, noise]):
        name = "noise" if k == len(sizes) else f"character_{k}"
        (root / name).mkdir(parents=True)
        for _ in range(size):
            path = root / name / f"a_{n:02d}.png"
            Image.new("RGB", (8 + n, 8), (n * 9 % 256, k * 40, 120)).save(path)
            if captions and n % 2 == 0:
                path.with_suffix(".txt").write_text(f"picture {n}")
            n += 1
    return root


def tree(root: Path) -> dict[str, str]:
    """Relative path → hash of every file that is not shoal's own."""
    out = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        own = name.startswith((".shoal/", "changes_")) or name == "cluster_report.json"
        if path.is_file() and not own:
            out[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return out


def by_folder(root: Path) -> dict[str, list[str]]:
    """Folder → names of its pictures."""
    out: dict[str, list[str]] = {}
    for name in tree(root):
        if name.endswith(".png"):
            folder, _, file = name.partition("/")
            out.setdefault(folder, []).append(file)
    return out
