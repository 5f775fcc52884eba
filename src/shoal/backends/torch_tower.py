"""Running any torch image tower on stacked 8-bit pictures: one thread a stream, or one GPU."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How

__all__ = ["TorchTower", "guard_torchvision", "quiet_threads"]

_GUARD = threading.Lock()
_guarded = False


def guard_torchvision() -> None:
    """Make torchvision importable beside a torch of another build.

    torchvision's wheel from the package index is compiled against the CUDA build of torch. Beside a CPU torch
    its compiled operators do not load, and importing it fails with "operator torchvision::nms does not
    exist", although the transforms need none of them. Giving torch the two schemas is enough for those;
    ``nms`` itself stays unusable. Nothing is done where torchvision loads by itself.
    """
    global _guarded
    with _GUARD:
        if _guarded:
            return
        import torch

        try:
            builds = {importlib.metadata.version(name).partition("+")[2] for name in ("torch", "torchvision")}
        except importlib.metadata.PackageNotFoundError:
            builds = set()
        # Alike builds fit together; unlike ones (+cpu beside none) are the mismatch.
        if len(builds) > 1 and not hasattr(torch.ops.torchvision, "nms"):
            library = torch.library.Library("torchvision", "FRAGMENT")
            for name in ("nms", "qnms"):
                library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            guard_torchvision.library = library  # type: ignore[attr-defined]  # it ends with its object
        _guarded = True


_THREADS = threading.Lock()
_quiet = 0
_before = 0


@contextmanager
def quiet_threads() -> Generator[None]:
    """Let torch compute each operation on the thread that asks for it; the last to leave puts it back.

    Several threads that each embed their own batch use a machine better than one whose every operation is
    split and waited for, most of all when others use the machine too; and the bytes cannot depend on the
    number of cores. The setting belongs to the calling thread for OpenMP and to the process for MKL, so it is
    kept for as long as anybody is inside.
    """
    global _quiet, _before
    import torch

    with _THREADS:
        if not _quiet:
            _before = torch.get_num_threads()
        _quiet += 1
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
    try:
        yield
    finally:
        with _THREADS:
            _quiet -= 1
            if not _quiet and _before != 1:
                torch.set_num_threads(_before)


class TorchTower:
    """A torch module that takes normalised pixels, cast and placed once.

    Parameters
    ----------
    module : torch.nn.Module
        Takes (n, 3, h, w); left in eval mode, moved and cast by this.
    mean, std : sequence of float
        Per channel, for pixels 0..1.
    how : How
        Device and precision. The whole module is cast: autocast costs more than it saves on processors.
    forward : callable, optional
        What to call instead of the module, for towers with their own verb.
    """

    def __init__(
        self,
        module: Any,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        how: How,
        forward: Callable[[Any], Any] | None = None,
    ) -> None:
        import torch

        kinds = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
        self.how, self._kind = how, kinds[how.precision]
        module = module.eval().requires_grad_(False)
        self.module = module.to(device=how.device, dtype=self._kind, memory_format=torch.channels_last)
        self.forward = forward or self.module
        self.mean, self.std = np.asarray(mean, dtype=np.float64), np.asarray(std, dtype=np.float64)
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor([255.0 * m for m in mean], device=how.device).view(shape)
        self._scale = torch.tensor([1.0 / (255.0 * s) for s in std], device=how.device).view(shape)

    def __call__(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embed (n, h, w, 3) uint8 pictures; (n, dims) float32, not normalised."""
        import torch

        with torch.inference_mode():
            # (n, h, w, c) seen as (n, c, h, w) is exactly the channels-last layout: no copy
            pixels = torch.from_numpy(np.ascontiguousarray(batch)).permute(0, 3, 1, 2)
            if self.how.device == "cpu":
                with quiet_threads():
                    return self._run(pixels)
            # Pinned memory is copied by the GPU itself while this thread goes on to queue the operations.
            return self._run(pixels.pin_memory().to(self.how.device, non_blocking=True))

    def _run(self, pixels: Any) -> npt.NDArray[np.float32]:
        inputs = ((pixels.float() - self._mean) * self._scale).to(self._kind)
        return self.forward(inputs).float().cpu().numpy()
