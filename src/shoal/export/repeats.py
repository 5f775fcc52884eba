"""Balance: how often an epoch shows the pictures of each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shoal.errors import BadInputError
from shoal.export.samples import Sample

__all__ = ["repeats_of"]


def repeats_of(samples: Sequence[Sample], *, repeats: int, balanced: bool, most: int) -> dict[str, int]:
    """Repeats of each group of the samples for training.

    Parameters
    ----------
    samples : sequence of Sample
        Those for training.
    repeats : int
        Of the largest group.
    balanced : bool
        Give small groups more, so that each is shown about as often as the largest.
    most : int
        Never more than this.

    Returns
    -------
    dict of str to int
        Group → repeats, 1 or more.
    """
    if repeats < 1 or most < repeats:
        raise BadInputError(
            f"repeats={repeats}, max_repeats={most} do not fit", hint="1 ≤ repeats ≤ max_repeats."
        )
    counts = Counter(sample.group for sample in samples)
    largest = max(counts.values(), default=0)
    if not balanced:
        return dict.fromkeys(counts, repeats)
    return {group: max(1, min(most, round(repeats * largest / n))) for group, n in counts.items()}
