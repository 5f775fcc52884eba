"""Groups of nearly equal hashes or vectors without comparing all pairs."""

from __future__ import annotations

import importlib
from functools import lru_cache
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import MissingError

__all__ = ["components", "graph_groups", "group_numbers", "hamming_groups"]

_BITS = 64
# Up to here comparing all pairs is quick, and needs nothing but numpy.
_ALL_PAIRS_UP_TO = 8_000
_BLOCK = 512
_MOST_BAND_BITS = 26
_VERIFIED_AT_ONCE = 1 << 18


def components(
    n: int, first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """First member of the connected component of every node.

    Parameters
    ----------
    n : int
        Number of nodes.
    first, second : ndarray of int, shape (n_edges,)
        Ends of the edges.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    root = np.arange(n, dtype=np.int64)
    low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second).astype(np.int64)
    # Each round hooks roots to lower roots and then shortens the paths; a handful of rounds suffice.
    while len(low):
        np.minimum.at(root, root[high], root[low])
        while True:
            shorter = root[root]
            if np.array_equal(shorter, root):
                break
            root = shorter
        a, b = root[low], root[high]
        apart = a != b
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
    return root


def group_numbers(roots: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Number components of two or more from 0 in the order of their first member; −1 for the others."""
    if not len(roots):
        return np.empty(0, dtype=np.int32)
    _, inverse, sizes = np.unique(roots, return_inverse=True, return_counts=True)
    number = np.where(sizes > 1, np.cumsum(sizes > 1) - 1, -1).astype(np.int32)
    return number[inverse.ravel()]


def _all_pairs(hashes: npt.NDArray[np.uint64], threshold: int) -> npt.NDArray[np.int64]:
    first: list[npt.NDArray[np.int64]] = []
    second: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK]
        near = np.bitwise_count(block[:, None] ^ hashes[None, start:]) <= threshold
        rows, columns = np.nonzero(near)
        later = columns > rows
        first.append(rows[later] + start)
        second.append(columns[later] + start)
    if not first:
        return np.empty(0, dtype=np.int64)
    return components(len(hashes), np.concatenate(first), np.concatenate(second))


def _probe(
    hashes: Any, shift: Any, width: Any, starts: Any, members: Any, flips: Any, threshold: int, parent: Any
) -> None:
    """Join every hash with the near ones among those whose band differs by one of the flips; for numba."""
    mask = (np.uint64(1) << width) - np.uint64(1)
    m1, m2 = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
    m4, h01 = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
    for i in range(len(hashes)):
        mine = hashes[i]
        band = (mine >> shift) & mask
        for f in range(len(flips)):
            key = np.int64(band ^ flips[f])
            for at in range(starts[key], starts[key + 1]):
                j = members[at]
                if j <= i:
                    continue
                x = mine ^ hashes[j]
                x = x - ((x >> np.uint64(1)) & m1)
                x = (x & m2) + ((x >> np.uint64(2)) & m2)
                x = (x + (x >> np.uint64(4))) & m4
                if np.int64((x * h01) >> np.uint64(56)) > threshold:
                    continue
                a, b = np.int64(i), np.int64(j)
                while parent[a] != a:
                    parent[a] = parent[parent[a]]
                    a = parent[a]
                while parent[b] != b:
                    parent[b] = parent[parent[b]]
                    b = parent[b]
                if a < b:
                    parent[b] = a
                elif b < a:
                    parent[a] = b


@lru_cache(maxsize=1)
def _compiled() -> Any:
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError as error:
        raise MissingError(
            f"Comparing more than {_ALL_PAIRS_UP_TO:,} pictures needs the package numba",
            hint='pip install "shoal[cluster]", then try again.',
        ) from error
    return numba.njit(nogil=True, cache=True)(_probe)


def _bands(n: int, threshold: int) -> list[tuple[int, int]]:
    """Cut the 64 bits into bands, (shift, width) each, so that the search costs least.

    Two hashes within the threshold agree in one of m bands up to threshold // m bits (Norouzi et al., 2012).
    """

    def cost(m: int) -> float:
        width = -(-_BITS // m)
        probes = sum(comb(width, r) for r in range(threshold // m + 1))
        return m * (n * probes * (1.0 + n / 2.0**width) + 2.0**width)

    least = -(-_BITS // _MOST_BAND_BITS)
    m = min(range(least, max(least, threshold + 1) + 1), key=cost)
    edges = [round(at * _BITS / m) for at in range(m + 1)]
    return [(low, high - low) for low, high in pairwise(edges)]


def hamming_groups(hashes: npt.NDArray[np.uint64], threshold: int) -> npt.NDArray[np.int64]:
    """Group hashes that are connected by pairs within a Hamming distance; exact, by multi-index hashing.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n,)
    threshold : int
        0..63 bits. The work grows steeply with it: a million hashes take seconds at 4 and minutes at 12.

    Returns
    -------
    ndarray of int64, shape (n,)
        First member of the group of each.
    """
    # Equal hashes are one: a pile of black frames must not be compared with itself.
    distinct, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    inverse = inverse.ravel()
    if len(distinct) <= _ALL_PAIRS_UP_TO:
        roots = _all_pairs(distinct, threshold)
    else:
        roots = _indexed(distinct, threshold)
    # from distinct hashes back to rows, named by their first row
    name = np.full(len(distinct), len(hashes), dtype=np.int64)
    np.minimum.at(name, roots, first)
    return name[roots[inverse]]


def _indexed(hashes: npt.NDArray[np.uint64], threshold: int) -> npt.NDArray[np.int64]:
    probe = _compiled()
    parent = np.arange(len(hashes), dtype=np.int64)
    bands = _bands(len(hashes), threshold)
    for shift, width in bands:
        keys = ((hashes >> np.uint64(shift)) & np.uint64((1 << width) - 1)).astype(np.int64)
        members = np.argsort(keys, kind="stable").astype(np.int32)
        starts = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=1 << width))]).astype(np.int32)
        flips = [
            sum(1 << bit for bit in bits)
            for count in range(threshold // len(bands) + 1)
            for bits in combinations(range(width), count)
        ]
        probe(
            hashes,
            np.uint64(shift),
            np.uint64(width),
            starts,
            members,
            np.array(flips, dtype=np.uint64),
            threshold,
            parent,
        )
    return components(len(hashes), np.arange(len(hashes)), parent)


def graph_groups(
    vectors: npt.NDArray[np.float32], indices: npt.NDArray[np.int32], least: float
) -> npt.NDArray[np.int64]:
    """Group vectors that are connected by neighbours of at least a cosine similarity.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Of any length.
    indices : ndarray of int32, shape (n, k)
        Neighbours; only such pairs are looked at, and measured on the whole vectors.
    least : float
        Cosine similarity, −1..1.

    Returns
    -------
    ndarray of int64, shape (n,)
        First member of the group of each.
    """
    n, k = indices.shape
    length = np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    first = np.repeat(np.arange(n, dtype=np.int64), k)
    second = indices.ravel().astype(np.int64)
    near = np.zeros(len(first), dtype=bool)
    for start in range(0, len(first), _VERIFIED_AT_ONCE):
        a, b = first[start : start + _VERIFIED_AT_ONCE], second[start : start + _VERIFIED_AT_ONCE]
        products = np.einsum("ij,ij->i", vectors[a], vectors[b])
        near[start : start + len(a)] = products >= least * length[a] * length[b]
    return components(n, first[near], second[near])
