"""Randomness by name: the same seed gives the same bytes, whatever ran before."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["derived_seed", "seeded"]


def derived_seed(seed: int, *names: str | int) -> int:
    """Derive a 31-bit seed for one part of a step, independent of the seeds of other parts.

    Parameters
    ----------
    seed : int
        The step's own ``seed=``.
    *names : str or int
        What the numbers are for; another name gives unrelated numbers.

    Returns
    -------
    int
        0 .. 2**31 − 1, from the BLAKE2b hash of seed and names (the same on every platform and run).
    """
    text = "\x1f".join([str(int(seed)), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little") >> 1


def seeded(seed: int, *names: str | int) -> np.random.Generator:
    """Return a random generator for one part of a step; see `derived_seed`."""
    return np.random.default_rng(derived_seed(seed, *names))
