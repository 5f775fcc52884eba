"""Tiny models with random weights in every family's own format, so that no test needs a download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.unit.steps.fixtures import noise_picture


def pictures(*sizes: tuple[int, int]) -> list[Image.Image]:
    return [noise_picture(i, 96).resize(size) for i, size in enumerate(sizes)]


def open_clip_folder(folder: Path, seed: int = 0) -> Path:
    """A folder as ``push_to_hf_hub`` of open_clip makes it: a CLIP of one layer, 64 px, 16 numbers."""
    from shoal.backends.torch_tower import guard_torchvision

    guard_torchvision()
    open_clip = pytest.importorskip("open_clip")
    import torch
    from safetensors.torch import save_file

    model: dict[str, Any] = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 64, "layers": 1, "width": 64, "patch_size": 32, "head_width": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    pixels = {
        "mean": [0.48, 0.46, 0.41],
        "std": [0.27, 0.26, 0.28],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": model, "preprocess_cfg": pixels}))
    torch.manual_seed(seed)
    made = open_clip.model.CLIP(**model)
    save_file(made.state_dict(), str(folder / "open_clip_model.safetensors"))
    return folder


def onnx_tower(folder: Path, *, dims: int = 6, side: int = 32, alone: bool = False) -> Path:
    """An ONNX file that averages 8 × 8 blocks and projects them; its declaration beside it."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    blocks = (side // 8) ** 2 * 3
    weights = np.random.default_rng(0).normal(size=(blocks, dims)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["pixels"], ["small"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["small"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["vector"]),
    ]
    batch: Any = 1 if alone else "n"
    graph = helper.make_graph(
        nodes,
        "tower",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [batch, dims])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "tower.onnx"))
    declaration = folder / "tower.toml"
    declaration.write_text(f'file = "tower.onnx"\nside = {side}\ndims = {dims}\nlicence = "MIT"\n')
    return declaration
