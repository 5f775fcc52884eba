"""Near-duplicates among a million pictures, whose hashes are known, beside comparing all pairs."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.steps.near_pairs import hamming_groups

IDS = ("dup.",)
N, THRESHOLD, COPIES = 1_000_000, 4, 50_000
_SAMPLE, _BLOCK = 20_000, 1_000


def hashes(
    n: int = N, copies: int = COPIES, seed: int = 0
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Perceptual hashes, 32 bits of 64 set; the last ``copies`` are others with up to 4 bits flipped."""
    random = np.random.default_rng(seed)
    whole = np.zeros(n, dtype=np.uint64)
    for start in range(0, n - copies, 50_000):
        size = min(50_000, n - copies - start)
        bits = np.argsort(random.random((size, 64)), axis=1) < 32
        whole[start : start + size] = np.packbits(bits, axis=1).view(">u8").ravel()
    source = random.choice(n - copies, copies, replace=False)
    flipped = np.zeros(copies, dtype=np.uint64)
    for _ in range(THRESHOLD):
        flipped |= np.uint64(1) << random.integers(0, 64, copies).astype(np.uint64)
    whole[n - copies :] = whole[source] ^ flipped
    return whole, source


def all_pairs(sample: npt.NDArray[np.uint64]) -> float:
    """Seconds that the usual blocked comparison of all pairs takes."""
    started = time.perf_counter()
    for start in range(0, len(sample), _BLOCK):
        np.nonzero(np.bitwise_count(sample[start : start + _BLOCK, None] ^ sample[None]) <= THRESHOLD)
    return time.perf_counter() - started


def rows(only: str = "") -> list[dict[str, Any]]:
    """``dup.1m.seconds``, with the share of planted copies that were found in the note."""
    given, source = hashes()
    hamming_groups(given[:20_000], THRESHOLD)  # compile
    seconds, found = [], np.empty(0)
    for _ in range(3):
        started = time.perf_counter()
        roots = hamming_groups(given, THRESHOLD)
        seconds.append(time.perf_counter() - started)
        found = roots[N - COPIES :] == roots[source]
    value = statistics.median(seconds)
    peer = all_pairs(given[:_SAMPLE]) * (N / _SAMPLE) ** 2
    return [
        {
            "id": "dup.1m.seconds", "value": value, "unit": "s",
            "peer": "all pairs in numpy, 20,000 scaled by n²", "peer_value": peer, "ratio": peer / value,
            "bar": "all found", "passed": bool(found.all()),
            "note": f"{N:,} 64-bit hashes within {THRESHOLD} bits; {int(found.sum()):,} of "
            f"{COPIES:,} planted copies found; reading the pictures not counted",
        }
    ]  # fmt: skip
