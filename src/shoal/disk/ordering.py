"""In which order to carry out many renames at once, so that no target is ever in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

__all__ = ["layers"]

Pair = tuple[str, str]


def layers(
    pairs: Sequence[Pair], hold: Callable[[int], str], keys: Sequence[Pair] | None = None
) -> Iterator[list[Pair]]:
    """Split renames into lists that can each be carried out in any order, one list after the other.

    Parameters
    ----------
    pairs : sequence of (str, str)
        From and to; neither side holds a path twice.
    hold : callable
        ``hold(i)`` is a free path where the i-th file may wait. One file of each cycle does.
    keys : sequence of (str, str), optional
        For each pair, what its paths are to the file system: paths with one key are one file. The paths
        themselves when left out.

    Yields
    ------
    list of (str, str)
        Renames whose targets are free once the lists before have been carried out.
    """
    keys = pairs if keys is None else keys
    at = {src: i for i, (src, _) in enumerate(keys)}
    waiter: dict[int, int] = {}
    free: list[int] = []
    for i, (_, dst) in enumerate(keys):
        blocker = at.get(dst)
        if blocker is None:
            free.append(i)
        else:
            waiter[blocker] = i
    done = [False] * len(pairs)
    yield from _wave(pairs, free, waiter, done)
    yield from _cycles(pairs, waiter, done, hold)


def _wave(
    pairs: Sequence[Pair], start: list[int], waiter: dict[int, int], done: list[bool]
) -> Iterator[list[Pair]]:
    """The renames of ``start``, then those that they make way for, and so on."""
    wave = start
    while wave:
        yield [pairs[i] for i in wave]
        for i in wave:
            done[i] = True
        wave = [waiter[i] for i in wave if i in waiter and not done[waiter[i]]]


def _cycles(
    pairs: Sequence[Pair], waiter: dict[int, int], done: list[bool], hold: Callable[[int], str]
) -> Iterator[list[Pair]]:
    heads: list[int] = []
    for i in range(len(pairs)):
        if done[i]:
            continue
        heads.append(i)
        j = i
        while not done[j]:
            done[j] = True
            j = waiter[j]
    if not heads:
        return
    yield [(pairs[i][0], hold(i)) for i in heads]
    # Walk each cycle from its head: whoever waits for the head goes first, the head itself comes last.
    current = {i: waiter[i] for i in heads}
    while current:
        wave = [pairs[j] for i, j in current.items() if j != i]
        if wave:
            yield wave
        current = {i: waiter[j] for i, j in current.items() if j != i}
    yield [(hold(i), pairs[i][1]) for i in heads]
