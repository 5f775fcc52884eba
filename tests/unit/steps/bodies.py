"""A body of sticks, turned and projected, for tests of poses."""

from __future__ import annotations

import numpy as np

# COCO's 17 points of somebody who stands and faces the camera (z towards it), in trunk lengths.
BODY = np.array(
    [
        (0.0, -1.55, 0.22), (0.07, -1.62, 0.17), (-0.07, -1.62, 0.17),
        (0.15, -1.58, 0.0), (-0.15, -1.58, 0.0),
        (0.4, -1.0, 0.0), (-0.4, -1.0, 0.0), (0.5, -0.45, 0.05), (-0.5, -0.45, 0.05), (0.52, 0.05, 0.15),
        (-0.52, 0.05, 0.15), (0.25, 0.0, 0.0), (-0.25, 0.0, 0.0), (0.26, 0.9, 0.05), (-0.26, 0.9, 0.05),
        (0.27, 1.75, 0.0), (-0.27, 1.75, 0.0),
    ]
)  # fmt: skip


def body(
    yaw: float,
    *,
    arm: float = 0.0,
    place: tuple[float, float] = (100, 120),
    size: float = 40.0,
    seed: int = 0,
) -> np.ndarray:
    """Keypoints (17, 3) of the body turned by ``yaw`` degrees, the left arm raised by ``arm`` degrees."""
    points = BODY.copy()
    angle = np.radians(arm)
    for joint in (7, 9):
        x, y = points[joint, :2] - points[5, :2]
        points[joint, :2] = points[5, :2] + (
            x * np.cos(angle) + y * np.sin(angle),
            y * np.cos(angle) - x * np.sin(angle),
        )
    turn = np.radians(yaw)
    flat = np.stack([points[:, 0] * np.cos(turn) + points[:, 2] * np.sin(turn), points[:, 1]], axis=1)
    depth = -points[:, 0] * np.sin(turn) + points[:, 2] * np.cos(turn)
    score = np.full(17, 0.9)
    # points of the face are seen when they are on the side of the camera
    for point in range(5):
        score[point] = 0.9 if depth[point] > -0.02 else 0.1
    jitter = np.random.default_rng(seed).normal(0, 0.02, flat.shape)
    return np.concatenate([(flat + jitter) * size + place, score[:, None]], axis=1).astype(np.float32)
