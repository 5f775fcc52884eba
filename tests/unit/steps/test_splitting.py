"""Whole subjects are taken, their parts and their sum are not; the region is shared out without rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from shoal.errors import BadInputError
from shoal.steps.instances import Region
from shoal.steps.splitting import choose_masks, load_instances, split_region


def _disc(x: int, y: int, radius: int) -> np.ndarray:
    rows, columns = np.indices((80, 140))
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


LEFT, RIGHT = _disc(45, 40, 30), _disc(95, 40, 28)
BOTH = LEFT | RIGHT


class _Knows:
    """For each point: a part, the whole subject, and everything."""

    def masks(
        self, picture: Image.Image, points: Sequence[tuple[float, float]]
    ) -> tuple[np.ndarray, np.ndarray]:
        found = []
        for x, y in points:
            whole = LEFT if (x - 45) ** 2 < (x - 95) ** 2 else RIGHT
            found += [whole & _disc(int(x), int(y), 9), whole, np.ones_like(BOTH)]
        return np.stack(found), np.tile(np.array([0.9, 0.85, 0.95], np.float32), len(points))


def _region() -> Region:
    return Region((10, 20, 150, 100), np.where(BOTH, 0.9, 0.0).astype(np.float32), int(BOTH.sum()), 0.9)


def test_two_that_touch_are_two() -> None:
    parts = split_region(_region(), Image.new("RGB", (200, 120)), _Knows())
    assert len(parts) == 2 and sum(p.area for p in parts) == BOTH.sum()
    assert abs(parts[0].area - LEFT.sum()) < 0.08 * LEFT.sum()
    for part in parts:
        left, top, right, bottom = part.box
        assert part.alpha.shape == (bottom - top, right - left) and 10 <= left < right <= 150
    total = np.zeros((120, 200), np.float32)
    for part in parts:
        left, top, right, bottom = part.box
        total[top:bottom, left:right] += part.alpha
    assert np.allclose(total[20:100, 10:150], _region().alpha)


def test_one_subject_stays_one() -> None:
    class One:
        def masks(
            self, picture: Image.Image, points: Sequence[tuple[float, float]]
        ) -> tuple[np.ndarray, np.ndarray]:
            return np.stack([BOTH, LEFT & _disc(45, 20, 12)]), np.array([0.95, 0.9], np.float32)

    assert split_region(_region(), Image.new("RGB", (200, 120)), One()) != []
    assert len(split_region(_region(), Image.new("RGB", (200, 120)), One())) == 1
    nothing = Region((0, 0, 5, 5), np.full((5, 5), 0.2, np.float32), 25, 0.2)
    assert split_region(nothing, Image.new("RGB", (5, 5)), _NoPoints()) == [nothing]


class _NoPoints:
    def masks(
        self, picture: Image.Image, points: Sequence[tuple[float, float]]
    ) -> tuple[np.ndarray, np.ndarray]:
        assert points == []
        return np.empty((0, picture.height, picture.width), bool), np.empty(0, np.float32)


def test_masks_that_are_unsure_or_elsewhere_are_passed_over() -> None:
    masks = np.stack([LEFT, RIGHT, ~BOTH])
    assert choose_masks(BOTH, masks, np.array([0.9, 0.9, 0.9], np.float32)) in ([0, 1], [1, 0])
    assert choose_masks(BOTH, masks, np.array([0.9, 0.2, 0.9], np.float32)) == []


def test_unknown_models_are_named() -> None:
    with pytest.raises(BadInputError, match="eyes"):
        load_instances("eyes")
