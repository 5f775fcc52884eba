"""EfficientNet-Lite2 as an embedding: 1280 numbers a picture, 24 MB of weights, no download at run time.

The architecture follows the weights' own names (the layout of Luke Melas-Kyriazi's EfficientNet-PyTorch), so
that the state dict loads strictly: a missing or an unknown tensor is an error. Lite means no
squeeze-and-excitation and ReLU6 instead of swish. The upstream model is Apache-2.0 (Tan & Le, EfficientNet,
arXiv:1905.11946; TensorFlow's ``efficientnet/lite``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.devices import How
from shoal.backends.framing import letterbox
from shoal.backends.torch_tower import TorchTower
from shoal.backends.weights import checked_path

if TYPE_CHECKING:
    from torch import nn

__all__ = ["EfficientNetLite2", "load"]

NAME = "efficientnet-lite2"
SIDE = 260
DIMS = 1280

# (repeats, kernel, stride, expansion, output channels) of EfficientNet-B0; Lite2 is 1.1 × as wide, 1.2 × as
# deep
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_WIDTH, _DEPTH, _DIVISOR, _STEM = 1.1, 1.2, 8, 32


def _scaled_width(channels: int) -> int:
    """Scale a width by 1.1 and round it to a multiple of 8, never down by more than a tenth."""
    wanted = channels * _WIDTH
    rounded = max(_DIVISOR, int(wanted + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return rounded + _DIVISOR if rounded < 0.9 * wanted else rounded


def block_plan() -> list[tuple[int, int, int, int, int]]:
    """Return every block as (input channels, output channels, kernel, stride, expansion).

    The first and the last stage are not repeated more often, as in every Lite model.
    """
    plan: list[tuple[int, int, int, int, int]] = []
    channels = _STEM
    for stage, (repeats, kernel, stride, expansion, output) in enumerate(_STAGES):
        width = _scaled_width(output)
        if 0 < stage < len(_STAGES) - 1:
            repeats = math.ceil(repeats * _DEPTH)
        for repeat in range(repeats):
            plan.append((channels, width, kernel, stride if repeat == 0 else 1, expansion))
            channels = width
    return plan


def build_network() -> nn.Module:
    """Build the network without weights; its state dict has the names and shapes of the published one."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class SameConv(nn.Conv2d):
        """Convolution with TensorFlow's "SAME" padding: output size = ceil(input size / stride)."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
            kernel, stride = self.kernel_size[0], self.stride[0]
            if kernel == 1:
                return super().forward(x)
            pads: list[int] = []
            for size in (x.shape[3], x.shape[2]):
                total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
                pads += [total // 2, total - total // 2]
            if pads[0] == pads[1] == pads[2] == pads[3]:
                return F.conv2d(x, self.weight, self.bias, self.stride, pads[0], 1, self.groups)
            return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, 1, self.groups)

    def norm(channels: int) -> nn.BatchNorm2d:
        return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
            super().__init__()
            inner = inputs * expansion
            self.expands = expansion != 1
            if self.expands:
                self._expand_conv = SameConv(inputs, inner, 1, bias=False)
                self._bn0 = norm(inner)
            self._depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner, bias=False)
            self._bn1 = norm(inner)
            self._project_conv = SameConv(inner, outputs, 1, bias=False)
            self._bn2 = norm(outputs)
            self.skips = stride == 1 and inputs == outputs

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = F.relu6(self._bn0(self._expand_conv(x)), inplace=True) if self.expands else x
            y = F.relu6(self._bn1(self._depthwise_conv(y)), inplace=True)
            y = self._bn2(self._project_conv(y))
            return y + x if self.skips else y

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            plan = block_plan()
            self._conv_stem = SameConv(3, _STEM, 3, 2, bias=False)
            self._bn0 = norm(_STEM)
            self._blocks = nn.ModuleList([Block(*block) for block in plan])
            self._conv_head = SameConv(plan[-1][1], DIMS, 1, bias=False)
            self._bn1 = norm(DIMS)
            self._fc = nn.Linear(DIMS, 1000)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Return the pooled features, shape (n, 1280); the classifier is loaded but not applied."""
            x = F.relu6(self._bn0(self._conv_stem(x)), inplace=True)
            for block in self._blocks:
                x = block(x)
            x = F.relu6(self._bn1(self._conv_head(x)), inplace=True)
            return x.mean(dim=(2, 3))

    return Network()


def fuse_norms(network: nn.Module) -> None:
    """Fold every batch norm into the convolution before it: equal up to rounding, and faster."""
    import torch
    from torch import nn

    pairs = {"_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
    tops = {"_conv_stem": "_bn0", "_conv_head": "_bn1"}
    with torch.no_grad():
        for module in network.modules():
            for conv_name, norm_name in {**pairs, **tops}.items():
                conv = module._modules.get(conv_name)
                norm = module._modules.get(norm_name)
                if not isinstance(conv, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
                    continue
                if norm.running_var is None or norm.running_mean is None:
                    continue
                scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                conv.weight.mul_(scale[:, None, None, None])
                conv.bias = nn.Parameter(norm.bias - norm.running_mean * scale, requires_grad=False)
                setattr(module, norm_name, nn.Identity())


class EfficientNetLite2:
    """The embedder; see `shoal.backends.protocols.ImageEmbedder`.

    Parameters
    ----------
    weights : path
        The ``.pth`` file with the state dict.
    how : How
        Device and precision.
    """

    name = NAME
    dims = DIMS
    least_side = SIDE

    def __init__(self, weights: Any, how: How | None = None) -> None:
        import torch

        state = torch.load(weights, map_location="cpu", weights_only=True)
        network = build_network()
        network.load_state_dict(state, strict=True)
        network.eval()
        fuse_norms(network)
        # TensorFlow's input, (value − 127) / 128, written as mean and deviation of pixels 0..1
        self.tower = TorchTower(network, mean=(127 / 255,) * 3, std=(128 / 255,) * 3, how=how or How())

    def preprocess(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        """Fit the whole picture into 260 × 260 on grey; shape (260, 260, 3), uint8."""
        return letterbox(picture, SIDE)

    def embed(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embed (n, 260, 260, 3) uint8 pictures; returns (n, 1280) float32, pooled and not normalised."""
        return self.tower(batch)


def load(_argument: str = "", how: How | None = None) -> EfficientNetLite2:
    """Load the model from the weights in the cache.

    Raises
    ------
    MissingError
        The weights are not there; the hint names the command that brings them.
    DamagedError
        The file's checksum is wrong.
    """
    return EfficientNetLite2(checked_path(NAME), how)
