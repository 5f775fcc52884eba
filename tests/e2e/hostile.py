"""Hostile names: markup, paths, control characters, and a folder of pictures that bear them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from shoal.errors import ShoalError
from shoal.review.review import open_review

RAN = "window.__ran=(window.__ran||0)+1"
MARKUP = (
    "<img src=x onerror={ran}>",
    "<svg onload={ran}>",
    "<script>{ran}<\u2215script>",
    "<details open ontoggle={ran}>",
    "<body onpageshow={ran}>",
    "<input autofocus onfocus={ran}>",
    "<style onload={ran}>",
    "\"><img src=x onerror='{ran}'>",
    "'-{ran}-'",
    "javascript:{ran}",
    "${{{ran}}}",
    "{{{{{ran}}}}}",
    "`+{ran}+`",
    "<b>bold<b>",
    "\u202egnp.exe",
    "\x1b[31mred\x1b[0m",
    "line\nbreak",
    "tab\there",
    "a\u0301\u200b\ufeffb",
    "\U0001f41f" * 3,
)
PATHS = (
    "../out",
    "..",
    "/etc/out",
    "~/out",
    "a/../../out",
    "..\\out",
    "C:\\out",
    "\\\\host\\out",
    "CON",
    "NUL.txt",
)
PATHS += (
    "x\0y",
    ".shoal",
    ".",
    "noise/../../out",
    "trash",
    "a" * 300,
    "out.",
    "out ",
    ":out",
    "\udcff/../out",
)


def names(n: int) -> list[str]:
    """``n`` names that carry markup, each different, and possible as names of files."""
    return [f"{i:04d}{MARKUP[i % len(MARKUP)].format(ran=RAN)}" for i in range(n)]


def paths(n: int) -> list[str]:
    """``n`` names that want to lead out of the folder."""
    return [PATHS[i % len(PATHS)] + ("" if i < len(PATHS) else str(i)) for i in range(n)]


def build(root: Path, n: int, *, per_cluster: int = 25) -> Path:
    """``n`` pictures with hostile names, clusters, captions, tags and descriptions."""
    picture = root / "one.png"
    root.mkdir(parents=True)
    Image.new("RGB", (24, 24), (90, 140, 200)).save(picture)
    every = names(n)
    for i, name in enumerate(every):
        folder = root / f"c{every[i - i % per_cluster]}"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.png").write_bytes(picture.read_bytes() + str(i).encode())
    picture.unlink()
    review = open_review(root)
    for i, item in enumerate(review.items()):
        if i % 5 == 0:
            review.caption([item], f"{every[i % n]}</script><script>{RAN}</script>")
            review.tag([item], add=[every[i % n].replace("\n", " ").replace("\0", "")])
    for cluster in review.clusters["id"][:10]:
        review.describe(cluster, f"</textarea><img src=x onerror={RAN}>")
    review.close()
    return root


def escapes(place: Path, n: int) -> int:
    """Try ``n`` names on every way to a folder or file; count what is written outside the root, and lost."""
    root = place / "inside" / "clustered"
    for i in range(60):
        folder = root / f"character_{i % 6}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (i, 2 * i, 3 * i)).save(folder / f"{i}.png")
    (place / "precious.txt").write_text("mine")
    pictures = {p.read_bytes() for p in root.rglob("*.png")}
    outside = {p for p in place.rglob("*") if root not in p.parents}
    review = open_review(root)
    items = review.items()
    for i, name in enumerate(paths(n)):
        ways = (
            lambda name=name, i=i: review.rename(review.clusters["id"][i % 3], name),
            lambda name=name: review.create(name),
            lambda name=name, i=i: review.split([items[i % 60]], name=name),
            lambda name=name: review.merge(list(review.clusters["id"][:2]), name=name),
            lambda name=name, i=i: review.move([items[i % 60]], name),
            lambda name=name: review.move([name], "noise"),
        )
        try:
            ways[i % len(ways)]()
        except ShoalError:
            continue
        if i % 40 == 0:
            review.save()
    review.save()
    now = {p for p in place.rglob("*") if root not in p.parents}
    lost = pictures - {p.read_bytes() for p in root.rglob("*.png") if ".shoal" not in p.parts}
    return len(now ^ outside) + len(lost) + ((place / "precious.txt").read_text() != "mine")
