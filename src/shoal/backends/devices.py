"""Where and how exactly a model computes: device and precision, chosen without importing torch."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from shoal.errors import BadInputError

__all__ = ["PRECISIONS", "Device", "How", "Precision", "cpu_has_bf16", "gpu_is_there", "resolve_how"]

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]

PRECISIONS: tuple[str, ...] = ("fp32", "bf16", "fp16")


@dataclass(frozen=True, slots=True)
class How:
    """Device and precision of a computation; part of what a cached vector is kept under.

    Parameters
    ----------
    device : {"cpu", "cuda"}
    precision : {"fp32", "bf16", "fp16"}
    """

    device: str = "cpu"
    precision: str = "fp32"


@lru_cache(maxsize=1)
def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself (AVX-512 BF16, AMX, Armv8.6); else it would be slow.

    Read from ``/proc/cpuinfo``, so that a call served from the cache need not import torch; elsewhere torch
    is asked, when it is there.
    """
    if sys.platform == "linux":
        try:
            text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False
        lines = (line for line in text.splitlines() if line.lower().startswith(("flags", "features")))
        flags = set(next(lines, "").split())
        return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


@lru_cache(maxsize=1)
def gpu_is_there() -> bool:
    """Whether torch can compute on a CUDA device; where Linux has no driver, torch is not even imported."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return False
    if sys.platform == "linux" and not Path("/dev/nvidiactl").exists() and not Path("/dev/dxg").exists():
        return False
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def resolve_how(
    device: str = "auto", precision: str = "auto", *, cpu: tuple[str, ...] = ("fp32",), gpu: bool = True
) -> How:
    """Turn ``device=`` and ``precision=`` into what will be used.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
        ``"auto"``: CUDA where there is a device.
    precision : {"auto", "fp32", "bf16", "fp16"}
        ``"auto"``: on a GPU fp16; on a processor the first of ``cpu`` that it computes quickly.
    cpu : tuple of str
        Precisions that the model is offered in on processors, the fastest first.
    gpu : bool
        Whether the model runs on GPUs at all.

    Returns
    -------
    How

    Raises
    ------
    BadInputError
        An unknown word, a GPU that is not there, or a precision that the model does not have.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise BadInputError(f"device={device!r} is unknown", hint="Take 'auto', 'cpu' or 'cuda'.")
    if precision not in ("auto", *PRECISIONS):
        raise BadInputError(
            f"precision={precision!r} is unknown", hint="Take 'auto', 'fp32', 'bf16' or 'fp16'."
        )
    if device == "cuda" and not (gpu and gpu_is_there()):
        why = "torch sees no CUDA device here" if gpu else "this model runs on processors only"
        raise BadInputError(f"device='cuda' cannot be used: {why}", hint="Take device='auto' or 'cpu'.")
    if device == "cuda" or (device == "auto" and gpu and gpu_is_there()):
        return How("cuda", "fp16" if precision == "auto" else precision)
    if precision == "auto":
        return How("cpu", next(p for p in cpu if p != "bf16" or cpu_has_bf16()))
    if precision not in cpu:
        raise BadInputError(
            f"precision={precision!r} is not offered on a processor for this model",
            hint=f"It has: {', '.join(cpu)}.",
        )
    return How("cpu", precision)
