"""A folder of everything that people's folders hold and programs trip over."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

# File name → why it cannot be shown. Every other picture made here must be shown.
BROKEN = {
    "empty.png": "empty",
    "garbage.png": "not a picture",
    "text.jpg": "not a picture",
    "truncated.jpg": "cut off",
    "bomb.png": "too many pixels",
}
NAMES = [
    "two words.png",
    'it\'s "quoted".png',
    "<b>bold<i>.png",
    "<img src=x onerror=window.__ran=1>.png",
    "rocket 🚀 ünï.png",
    "line\nbreak.png",
    "right‮to left.png",
    "100% #1 ?&.png",
    "UPPER.PNG",
    "-rf.png",
]


def picture(seed: int, mode: str = "RGB", size: tuple[int, int] = (96, 72)) -> Image.Image:
    """A picture like no other: soft coloured noise."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).convert(mode)


def bomb(path: Path, side: int = 60_000) -> None:
    """A PNG of a few hundred kilobytes that claims, and has, 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def build(root: Path) -> Path:
    """Make the folder; returns it. Two clusters, noise, sidecars, and things that are no pictures at all."""
    odd, plain, noise = root / "odd ones", root / "<b>plain", root / "noise"
    for folder in (odd, plain, noise):
        folder.mkdir(parents=True)
    for i, name in enumerate(NAMES):
        picture(i).save(plain / name, format="PNG")
    picture(20, "CMYK").save(odd / "cmyk.jpg")
    rotated = Image.Exif()
    rotated[0x0112] = 6
    picture(21).save(odd / "rotated.jpg", exif=rotated)
    frames = [picture(30 + i) for i in range(4)]
    frames[0].save(odd / "animated.gif", save_all=True, append_images=frames[1:], duration=80)
    frames[0].save(odd / "animated.webp", save_all=True, append_images=frames[1:], duration=80)
    Image.fromarray(np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)).save(
        odd / "sixteen bit.png"
    )
    picture(22).quantize(16).save(odd / "palette.png", transparency=3)
    picture(23, "RGBA").save(odd / "alpha.png")
    picture(24, "L").save(odd / "grey.tif")
    picture(25).save(odd / "bitmap.bmp")
    picture(26, size=(6000, 4000)).save(odd / "huge.jpg", quality=60)
    picture(27, size=(1, 1)).save(odd / "one pixel.png")
    picture(28, size=(3000, 4)).save(odd / "thread.png")
    (odd / "empty.png").touch()
    (odd / "garbage.png").write_bytes(bytes(range(256)) * 8)
    (odd / "text.jpg").write_text("I am not a picture")
    picture(29, size=(400, 300)).save(odd / "truncated.jpg", quality=95)
    whole = (odd / "truncated.jpg").read_bytes()
    (odd / "truncated.jpg").write_bytes(whole[: len(whole) // 3])
    bomb(odd / "bomb.png")
    (odd / "cmyk.txt").write_text("a caption that travels with its picture")
    (odd / "notes.md").write_text("not a picture, not a sidecar")
    picture(40).save(noise / "nobody.png")
    (root / "README.txt").write_text("lies beside the clusters")
    with_raw_bytes = os.fsencode(noise) + b"/not utf-8 \xff\xfe.png"
    picture(41).save(tmp := noise / "renamed.png")
    os.rename(os.fsencode(tmp), with_raw_bytes)  # noqa: PTH104 - the name is bytes that no str of pathlib should hold
    return root


def hashes(root: Path) -> list[str]:
    """SHA-256 of every file that is not shoal's own record, sorted: what must not be lost."""
    own = (root / ".shoal").as_posix()
    found = []
    for folder, _, files in os.walk(root):
        if Path(folder).as_posix().startswith(own):
            continue
        for name in files:
            if Path(folder) == root and (name == "cluster_report.json" or name.startswith("changes_")):
                continue
            found.append(hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest())
    return sorted(found)
