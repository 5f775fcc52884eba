"""A face model for tests: a face is a square of one colour, and its vector is that colour."""

from __future__ import annotations

import numpy as np
from PIL import Image

from shoal.backends.face_geometry import TEMPLATE, Detected


class ColourFaces:
    """Finds squares of pure colour; wants a margin around them, as real detectors do."""

    name, dims, threshold, version = "colours", 3, 0.5, "1"

    def detect(self, picture: Image.Image, *, share: float = 1.0) -> Detected:
        pixels = np.asarray(picture)
        boxes = []
        for channel in range(3):
            others = [c for c in range(3) if c != channel]
            found = np.argwhere((pixels[:, :, channel] > 200) & (pixels[:, :, others] < 60).all(axis=2))
            if len(found) >= 16 and (share < 1 or found.min() > 0):
                boxes.append([*found.min(axis=0)[::-1], *(found.max(axis=0)[::-1] + 1)])
        box = np.array(boxes, dtype=np.float32).reshape(-1, 4)
        side = box[:, None, 2:] - box[:, None, :2]
        return Detected(
            box, box[:, None, :2] + TEMPLATE / 112 * side, np.full(len(box), 0.9, dtype=np.float32)
        )

    def embed(self, crops: np.ndarray) -> np.ndarray:
        return crops.reshape(len(crops), -1, 3).mean(axis=1).astype(np.float32)
