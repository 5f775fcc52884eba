"""Torch towers: one thread a batch, put back afterwards; pixels normalised as declared; bf16 near fp32."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.torch_tower import TorchTower, guard_torchvision, quiet_threads

torch = pytest.importorskip("torch")


def _module() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 4, 4), torch.nn.Flatten(), torch.nn.Linear(8 * 16, 5))


BATCH = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.3, 0.25)


def test_pixels_are_normalised_as_torchvision_does() -> None:
    found = TorchTower(_module(), mean=MEAN, std=STD, how=How())(BATCH)
    pixels = torch.from_numpy(BATCH).permute(0, 3, 1, 2).float() / 255
    wanted = (pixels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    assert found.dtype == np.float32
    assert np.allclose(found, _module()(wanted).detach().numpy(), atol=1e-5)


def test_bf16_is_near_fp32() -> None:
    exact = TorchTower(_module(), mean=MEAN, std=STD, how=How())(BATCH)
    near = TorchTower(_module(), mean=MEAN, std=STD, how=How("cpu", "bf16"))(BATCH)
    cosine = (exact * near).sum(axis=1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(near, axis=1)
    assert cosine.min() > 0.999 and not np.array_equal(exact, near)


def test_threads_are_put_back_by_the_last_to_leave() -> None:
    torch.set_num_threads(2)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> int:
        with quiet_threads():
            inside.set()
            leave.wait(10)
            return torch.get_num_threads()

    with ThreadPoolExecutor(1) as pool:
        with quiet_threads():
            other = pool.submit(stay)
            inside.wait(10)
            with quiet_threads():
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
            leave.set()
            assert other.result() == 1
        assert torch.get_num_threads() == 2


def test_the_road_to_a_gpu_pins_copies_and_casts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No GPU is needed: torch's "meta" device stands for one, the shapes and kinds are real.

    What this cannot show is that hardware computes the same; that is untested.
    """
    steps: list[str] = []
    seen: dict[str, object] = {}
    to = torch.Tensor.to

    def pin(self: torch.Tensor) -> torch.Tensor:
        steps.append("pin")
        assert self.device.type == "cpu" and self.dtype == torch.uint8
        return self

    def moved(self: torch.Tensor, *given: object, **named: object) -> torch.Tensor:
        if given[:1] == ("meta",):
            steps.append("copy without waiting" if named.get("non_blocking") else "copy")
        return to(self, *given, **named)

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        steps.append("compute")
        seen.update(device=inputs.device.type, kind=inputs.dtype, shape=tuple(inputs.shape))
        seen["channels last"] = inputs.is_contiguous(memory_format=torch.channels_last)
        return torch.zeros(len(inputs), 5, dtype=torch.float16)

    tower = TorchTower(_module(), mean=MEAN, std=STD, how=How("meta", "fp16"), forward=forward)
    assert {(p.device.type, p.dtype) for p in tower.module.parameters()} == {("meta", torch.float16)}
    monkeypatch.setattr(torch.Tensor, "pin_memory", pin)
    monkeypatch.setattr(torch.Tensor, "to", moved)
    threads = torch.get_num_threads()
    monkeypatch.setattr(
        torch, "set_num_threads", lambda _: pytest.fail("the processor's threads do not matter")
    )
    found = tower(BATCH)
    assert steps == ["pin", "copy without waiting", "compute"] and torch.get_num_threads() == threads
    assert seen == {"device": "meta", "kind": torch.float16, "shape": (3, 3, 16, 16), "channels last": True}
    assert found.dtype == np.float32 and found.shape == (3, 5)


def test_torchvision_can_be_imported_beside_this_torch() -> None:
    guard_torchvision()
    guard_torchvision()
    transforms = pytest.importorskip("torchvision.transforms")
    assert transforms.Resize(8) is not None
