"""A tiny camera RAW file (DNG 1.4: uncompressed Bayer mosaic), as a camera would leave it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

SHORT, LONG, RATIONAL, SRATIONAL, BYTE, ASCII = 3, 4, 5, 10, 1, 2
_SIZES = {SHORT: "H", LONG: "I", BYTE: "B"}


def _packed(kind: int, values: list[int] | str) -> tuple[int, bytes]:
    if isinstance(values, str):
        raw = values.encode() + b"\0"
        return len(raw), raw
    if kind in (RATIONAL, SRATIONAL):
        return len(values), b"".join(struct.pack("<iI", v, 10_000) for v in values)
    return len(values), struct.pack(f"<{len(values)}{_SIZES[kind]}", *values)


def write_dng(path: Path, colours: np.ndarray, *, orientation: int = 1) -> Path:
    """Write linear RGB (float, 0..1, shape (height, width, 3), even sides) through an RGGB mosaic."""
    height, width, _ = colours.shape
    mosaic = np.empty((height, width))
    for (dy, dx), channel in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}.items():
        mosaic[dy::2, dx::2] = colours[dy::2, dx::2, channel]
    data = np.round(mosaic * 4_095).astype("<u2").tobytes()
    identity = [10_000 if i % 4 == 0 else 0 for i in range(9)]
    tags: list[tuple[int, int, list[int] | str]] = [
        (254, LONG, [0]),
        (256, LONG, [width]),
        (257, LONG, [height]),
        (258, SHORT, [16]),
        (259, SHORT, [1]),
        (262, SHORT, [32_803]),  # a colour filter array
        (271, ASCII, "shoal"),
        (272, ASCII, "test camera"),
        (273, LONG, [8]),
        (274, SHORT, [orientation]),
        (277, SHORT, [1]),
        (278, LONG, [height]),
        (279, LONG, [len(data)]),
        (33_421, SHORT, [2, 2]),
        (33_422, BYTE, [0, 1, 1, 2]),
        (50_706, BYTE, [1, 4, 0, 0]),
        (50_708, ASCII, "shoal test camera"),
        (50_714, SHORT, [0]),
        (50_717, LONG, [4_095]),
        (50_721, SRATIONAL, identity),
        (50_728, RATIONAL, [10_000, 10_000, 10_000]),
        (50_778, SHORT, [21]),
    ]
    at = 8 + len(data)
    beyond = at + 2 + 12 * len(tags) + 4
    entries, extra = b"", b""
    for tag, kind, values in tags:
        count, raw = _packed(kind, values)
        if len(raw) > 4:
            where = struct.pack("<I", beyond + len(extra))
            extra += raw + b"\0" * (len(raw) % 2)
        else:
            where = raw.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, count) + where
    head = b"II*\0" + struct.pack("<I", at)
    path.write_bytes(head + data + struct.pack("<H", len(tags)) + entries + b"\0" * 4 + extra)
    return path
