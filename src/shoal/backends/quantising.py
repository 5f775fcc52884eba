"""A torch image tower as an ONNX file in 8-bit integers."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.framing import Framing
from shoal.backends.onnx import OnnxDeclaration
from shoal.backends.protocols import ImageEmbedder
from shoal.backends.torch_tower import TorchTower
from shoal.errors import BadInputError, MissingError

__all__ = ["declaration_for", "declaration_text", "export_tower", "quantise_file", "tower_of"]

_OPSET = 17
# A network of convolutions needs its activations' ranges beforehand; a transformer has one at its entry.
_FEW_CONVOLUTIONS = 4


def tower_of(model: ImageEmbedder) -> TorchTower:
    """The torch tower of an embedder.

    Raises
    ------
    BadInputError
        It does not compute with torch.
    """
    for name in ("run", "tower"):
        tower = getattr(model, name, None)
        if isinstance(tower, TorchTower):
            return tower
    raise BadInputError(
        f"{model.name!r} does not compute with torch, so there is nothing to make smaller",
        hint="Take a model of open_clip:, timm: or transformers:, or efficientnet-lite2.",
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the exporters' remarks, which concern other uses, and without torch's fused attention."""
    import torch

    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # it has no counterpart in ONNX
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
        logging.root.setLevel(level)


def export_tower(model: ImageEmbedder, side: int, path: Path) -> None:
    """Write a model's tower, loaded in fp32 on the processor, as an ONNX file (``pixels`` → ``vector``).

    Raises
    ------
    MissingError
        The package onnx is not installed.
    BadInputError
        The model has operations that ONNX lacks.
    """
    if importlib.util.find_spec("onnx") is None:
        raise MissingError(
            "Making a model smaller needs the package onnx", hint='Run: pip install "shoal[hub]"'
        )
    import torch

    tower = tower_of(model)

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tower.module

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return tower.forward(pixels)

    try:
        with _quietly(), torch.no_grad():
            torch.onnx.export(
                Whole().eval(),
                (torch.zeros(2, 3, side, side),),
                str(path),
                dynamo=False,
                input_names=["pixels"],
                output_names=["vector"],
                dynamic_axes={"pixels": {0: "n"}, "vector": {0: "n"}},
                opset_version=_OPSET,
            )
    except (RuntimeError, ValueError, TypeError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadInputError(
            f"{model.name!r} cannot be written as ONNX: {why}", hint="Use it in bf16 or fp32 instead."
        ) from error


class _Sample:
    """Calibration pictures, as onnxruntime's quantiser asks for them."""

    def __init__(self, inputs: Sequence[npt.NDArray[np.float32]]) -> None:
        self._left = iter(inputs)

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        value = next(self._left, None)
        return None if value is None else {"pixels": value}

    def __iter__(self) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
        return ({"pixels": value} for value in self._left)


def normalised(tower: TorchTower, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Pixels as the tower takes them; (n, 3, h, w) float32."""
    values = batch.astype(np.float32) / 255.0
    return np.ascontiguousarray(((values - tower.mean) / tower.std).transpose(0, 3, 1, 2), dtype=np.float32)


def quantise_file(source: Path, target: Path, sample: Sequence[npt.NDArray[np.float32]]) -> str:
    """Write the 8-bit version of an ONNX file; returns the method, ``"dynamic"`` or ``"static"``.

    Transformers get 8-bit weights, and activations scaled for each picture as it comes; networks of
    convolutions get ranges measured on ``sample``, (1, 3, h, w) float32 each.
    """
    import onnx
    from onnxruntime import quantization

    convolutions = sum(node.op_type == "Conv" for node in onnx.load(str(source)).graph.node)
    with _quietly():
        if convolutions <= _FEW_CONVOLUTIONS:
            quantization.quantize_dynamic(
                str(source),
                str(target),
                weight_type=quantization.QuantType.QInt8,
                per_channel=True,
                op_types_to_quantize=["MatMul", "Gemm"],
            )
            return "dynamic"
        reader: Any = _Sample(sample)
        quantization.quantize_static(
            str(source),
            str(target),
            reader,
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
        )
        return "static"


def declaration_for(
    file: str, model: ImageEmbedder, framing: Framing, *, licence: str, about: str
) -> OnnxDeclaration:
    """Declare the file that was made of a model."""
    tower = tower_of(model)
    mean, std = tuple(map(float, tower.mean)), tuple(map(float, tower.std))
    return OnnxDeclaration(
        file, framing.side, model.dims, mean, std, resize=framing.resize, scale_to=framing.scale_to,
        interpolation=framing.interpolation, input="pixels", output="vector", licence=licence, about=about,
    )  # fmt: skip


def declaration_text(declared: OnnxDeclaration) -> str:
    """A declaration as TOML."""
    lines: list[str] = []
    for name in OnnxDeclaration.__dataclass_fields__:
        value = getattr(declared, name)
        if isinstance(value, tuple):
            lines.append(f"{name} = [{', '.join(repr(float(v)) for v in value)}]")
        elif isinstance(value, str):
            text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
            lines.append(f'{name} = "{text}"')
        else:
            lines.append(f"{name} = {value}")
    return "\n".join(lines) + "\n"
