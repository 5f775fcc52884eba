"""SAM 2 by transformers: what belongs to the thing at a point. Tells subjects apart that touch.

Ravi et al., SAM 2: Segment Anything in Images and Videos (arXiv:2408.00714); Apache-2.0.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.hub import HUB_COMMAND, cached_snapshot, is_offline, need
from shoal.backends.torch_tower import guard_torchvision
from shoal.errors import MissingError

__all__ = ["DEFAULT", "Sam2", "load"]

DEFAULT = "facebook/sam2.1-hiera-tiny"


class Sam2:
    """Masks of the things at given points; see `load`.

    Parameters
    ----------
    folder : str
        A folder of transformers' layout, or a repository that is downloaded on first use.
    """

    name = "sam2"

    def __init__(self, folder: str) -> None:
        need("torch", "transformers", "torchvision")
        guard_torchvision()
        try:
            from transformers import Sam2Model, Sam2Processor

            self._processor: Any = Sam2Processor.from_pretrained(folder)
            self._model: Any = Sam2Model.from_pretrained(folder).eval()
        except (ImportError, OSError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise MissingError(
                f"SAM 2 could not be loaded from {folder!r}: {reason}",
                hint=f"Run: {HUB_COMMAND}; or name a folder with the model: sam2:/path/to/folder.",
            ) from error

    def masks(
        self, picture: Image.Image, points: Sequence[tuple[float, float]]
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
        """Find what belongs to each point: a part, a whole, and something larger.

        Parameters
        ----------
        picture : PIL.Image.Image
            RGB.
        points : sequence of (float, float)
            x, y in pixels.

        Returns
        -------
        masks : ndarray of bool, shape (3 · n_points, height, width)
        scores : ndarray of float32, shape (3 · n_points,)
            The model's own estimate of the IoU, about 0..1.
        """
        if not len(points):
            empty = np.empty((0, picture.height, picture.width), dtype=bool)
            return empty, np.empty(0, dtype=np.float32)
        import torch

        inputs = self._processor(
            images=picture.convert("RGB"),
            input_points=[[[[float(x), float(y)]] for x, y in points]],
            input_labels=[[[1] for _ in points]],
            return_tensors="pt",
        )
        with torch.inference_mode():
            found = self._model(**inputs, multimask_output=True)
        masks = self._processor.post_process_masks(found.pred_masks, inputs["original_sizes"])[0]
        shape = (-1, picture.height, picture.width)
        scores = found.iou_scores[0].float().numpy().reshape(-1)
        return np.asarray(masks.numpy(), dtype=bool).reshape(shape), scores.astype(np.float32)


def load(argument: str = "") -> Sam2:
    """Load SAM 2.

    Parameters
    ----------
    argument : str
        A folder or a repository (``owner/name``) of the Hugging Face hub; default the smallest model.

    Raises
    ------
    MissingError
        A package is not installed, the folder does not exist, or the repository was never downloaded and
        downloads are forbidden.
    """
    name = argument or DEFAULT
    if Path(name).expanduser().is_dir():
        return Sam2(os.fspath(Path(name).expanduser()))
    if name.startswith(("/", ".", "~")) or name.count("/") != 1:
        raise MissingError(f"There is no folder {name!r}", hint="Or name a repository: owner/name.")
    need("torch", "transformers", "torchvision")
    snapshot = cached_snapshot(name)
    if snapshot is None and is_offline():
        raise MissingError(
            f"{name} was never downloaded, and HF_HUB_OFFLINE forbids to",
            hint="Unset HF_HUB_OFFLINE once, or name a folder with the model: sam2:/path/to/folder.",
        )
    return Sam2(os.fspath(snapshot) if snapshot is not None else name)
