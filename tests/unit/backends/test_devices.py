"""What a model computes on and in is decided without torch, and said when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shoal.backends import devices
from shoal.backends.devices import How, cpu_has_bf16, resolve_how
from shoal.errors import BadInputError


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpu_is_there", lambda: False)


@pytest.mark.parametrize(("has", "expected"), [(True, "bf16"), (False, "fp32")])
def test_auto_takes_what_the_processor_is_quick_in(
    no_gpu: None, monkeypatch: pytest.MonkeyPatch, has: bool, expected: str
) -> None:
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: has)
    assert resolve_how(cpu=("bf16", "fp32")) == How("cpu", expected)
    assert resolve_how(cpu=("fp32",)) == How("cpu", "fp32")
    assert resolve_how(precision="fp32", cpu=("bf16", "fp32")) == How("cpu", "fp32")


def test_a_gpu_is_taken_when_it_is_there_and_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpu_is_there", lambda: True)
    assert resolve_how(cpu=("bf16", "fp32")) == How("cuda", "fp16")
    assert resolve_how("cpu", cpu=("fp32",)) == How("cpu", "fp32")
    assert resolve_how(cpu=("fp32",), gpu=False) == How("cpu", "fp32")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"device": "tpu"}, "tpu"),
        ({"precision": "int3"}, "int3"),
        ({"device": "cuda"}, "CUDA"),
        ({"precision": "fp16"}, "fp16"),
        ({"device": "cuda", "gpu": False}, "processors only"),
    ],
)
def test_what_cannot_be_is_refused(no_gpu: None, arguments: dict[str, object], word: str) -> None:
    with pytest.raises(BadInputError, match=word):
        resolve_how(**arguments)  # type: ignore[arg-type]


def test_looking_does_not_import_torch() -> None:
    code = (
        "import sys; from shoal.backends.devices import *; cpu_has_bf16(); "
        "resolve_how(cpu=('bf16', 'fp32')); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert sys.platform != "linux" or done.stdout.strip() == "False"


def test_the_processor_is_judged_as_torch_judges_it() -> None:
    torch = pytest.importorskip("torch")
    assert cpu_has_bf16() == bool(torch.cpu._is_avx512_bf16_supported()) or sys.platform != "linux"
