"""Which resolutions a trainer will put pictures into, by its own rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

__all__ = ["count_buckets", "kohya_buckets", "musubi_buckets", "nearest_bucket"]

Size = tuple[int, int]


def kohya_buckets(side: int, *, least: int = 256, most: int = 1024, step: int = 64) -> list[Size]:
    """Buckets of kohya's sd-scripts with ``enable_bucket``, width × height, sorted.

    Parameters
    ----------
    side : int
        ``resolution``.
    least, most, step : int
        ``min_bucket_reso``, ``max_bucket_reso``, ``bucket_reso_steps``.
    """
    area = side * side
    even = side // step * step
    found = {(even, even)}
    for width in range(least, most + 1, step):
        height = min(most, area // width // step * step)
        if height >= least:
            found |= {(width, height), (height, width)}
    return sorted(found)


def musubi_buckets(side: int, *, step: int = 16) -> list[Size]:
    """Buckets of musubi-tuner with ``enable_bucket``, width × height, sorted."""
    area = side * side
    found: set[Size] = set()
    for width in range(side // 2 // step * step, side + step, step):
        height = area // width // step * step
        found |= {(width, height), (height, width)}
    return sorted(found)


def nearest_bucket(size: Size, buckets: list[Size]) -> Size:
    """The bucket a picture goes to: itself, else that of the nearest ratio of width to height."""
    if size in buckets:
        return size
    ratio = size[0] / size[1]
    return min(buckets, key=lambda bucket: abs(bucket[0] / bucket[1] - ratio))


def count_buckets(sizes: Iterable[Size], buckets: list[Size]) -> dict[Size, int]:
    """Bucket → how many pictures go to it."""
    counted = Counter(nearest_bucket(size, buckets) for size in sizes)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], math.prod(pair[0]), pair[0])))
